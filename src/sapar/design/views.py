"""The style page: every component with long words, to be looked at by whoever changes the look.

Its sample texts are fixed, in the language they are written in, and about nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django import forms
from django.shortcuts import render

from sapar.design.charts.samples import samples
from sapar.design.components import AnswerLine, Event, Fact, Lane, Link, Option, PageProblem, Reason
from sapar.design.icons import ICONS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Науқастың тегі, аты, әкесінің аты", help_text="Төлқұжаттағыдай")
    born = forms.DateField(label="Туған күні", widget=forms.DateInput(attrs={"type": "date"}))
    programme = forms.ChoiceField(
        label="Бағдарлама", choices=[("", "–"), ("proton", "Протон терапиясы"), ("heart", "Жүрек")]
    )
    urgency = forms.ChoiceField(
        label="Шұғылдығы",
        widget=forms.RadioSelect,
        choices=[("routine", "Жоспарлы"), ("urgent", "Шұғыл"), ("stat", "Өте шұғыл")],
    )
    story = forms.CharField(label="Ауру тарихы", widget=forms.Textarea, required=False)
    consent = forms.BooleanField(label="Ата-анасының келісімі алынды")


DEMONSTRATION = Reason(
    rule="Егер ем визасыз 30 күннен аспаса, виза керек емес.",
    source="Үкіметаралық келісім",
    dated="2 ақпан 2026",
    trust="көрсету үшін",
    would_change="30 күннен ұзақ ем",
)
OPTIONS = (
    Option(
        title="Протон терапиясы, Астана",
        facts=(Fact("Басталуы", "3 наурыз 2026"), Fact("Бағасы", "₸ 14 250 000")),
        decides="Сау тіндерге түсетін сәуле аз.",
        chosen=True,
    ),
    Option(
        title="Фотон терапиясы, Бішкек",
        facts=(Fact("Басталуы", "19 ақпан 2026"), Fact("Бағасы", "$ 6 400")),
        decides="Ертерек басталады, жол жүрудің қажеті жоқ.",
    ),
)
LINES = (
    AnswerLine("Құжаттар толық па?", "missing", "Гистология қорытындысы жоқ.",
               who_can_tell="жолдаушы дәрігер", key="complete"),
    AnswerLine("Кім?", "known", "Табылды: бір адам, төлқұжаты бойынша.", (DEMONSTRATION,)),
    AnswerLine("Қайда?", "known", "Екі мүмкіндік бір-біріне жақын.", (DEMONSTRATION,), OPTIONS),
    AnswerLine("Кім төлейді?", "to_decide", "Квота бар; министрліктің шешімі күтілуде.",
               (DEMONSTRATION,)),
    AnswerLine("Қандай виза?", "impossible", "Бұл мерзімге виза беріліп үлгермейді.",
               (DEMONSTRATION,)),
    AnswerLine("Қашан?", "known", "3 наурыз 2026, бастау терезесінің ішінде.", (DEMONSTRATION,),
               decision="3 наурыз белгіленді · үйлестіруші, 12 ақпан 14:02"),
)  # fmt: skip
LANES = (
    Lane("Дәрігерлік қарау", "Қабылданды", "done", "3 ақпаннан бері"),
    Lane("Қаржыландыру", "Шешім күтілуде", "waiting", "9 ақпаннан бері", "2 сағат қалды",
         "waiting"),
    Lane("Виза", "Тоқтатылды", "stopped", "10 ақпаннан бері", waits_for=("Қаржыландыру",)),
    Lane("Орын", "Орын ұсталып тұр", "act", "11 ақпаннан бері", "3 күн кешікті", "act",
         ("Қаржыландыру", "Виза")),
    Lane("Жол", "Басталған жоқ", "waiting"),
)  # fmt: skip
EVENTS = (
    Event(datetime(2026, 2, 12, 9, 2, tzinfo=UTC), "Орын ұсталды", "Үйлестіруші", "act"),
    Event(datetime(2026, 2, 9, 11, 40, tzinfo=UTC), "Квота сұралды", "Министрлік", "waiting"),
    Event(datetime(2026, 2, 3, 5, 15, tzinfo=UTC), "Қабылданды", "Протон орталығы", "done"),
    Event(datetime(2026, 2, 1, 17, 55, tzinfo=UTC), "Жолдама келді", "Ош облыстық ауруханасы",
          detail="FHIR, 4 құжат"),
)  # fmt: skip
ROWS = (
    ("stat", "Өте шұғыл", "Абдыкалыкова-Жээнбекова Мээримгүл Нурланбековна", "7 ж",
     "Ош облустук клиникалык ооруканасы", "Дәрігерлік қарау күтілуде", "act", "3 күн кешікті"),
    ("asap", "Тез арада", "Oʻrazmuhammedov Gʻayrat Toʻlqinjon oʻgʻli", "11 ж",
     "Toshkent bolalar shifoxonasi", "Министрліктің шешімі күтілуде", "waiting", "2 сағат қалды"),
    ("urgent", "Шұғыл", "Раҳимзода Шаҳноза", "4 ж", "Душанбе, Шифобахш", "Отбасының келісімі",
     "", "12 күн қалды"),
    ("routine", "Жоспарлы", "Smith-Wołkowicz Anna", "62 ж", "Бішкек, Ұлттық орталық",
     "Ештеңе күтілмейді", "", ""),
)  # fmt: skip


def style(request: HttpRequest) -> HttpResponse:
    """Every component on one page; `?theme=dark` and `?theme=light` choose the paper."""
    form = SampleForm({"name": "", "born": "2019-02-30", "urgency": "urgent"})
    form.is_valid()
    theme = request.GET.get("theme", "")
    return render(
        request,
        "design/style.html",
        {
            "theme": theme if theme in {"light", "dark"} else "",
            "form": form,
            "problems": (PageProblem("Туған күні болашақта емес пе? Тексеріңіз.", "#id_born"),),
            "lines": LINES,
            "lanes": LANES,
            "events": EVENTS,
            "rows": ROWS,
            "icons": sorted(ICONS),
            "charts": samples(),
            "lists": (
                Link("Менің жауабымды күтеді", "?list=mine", current=True, count=12, meaning="act"),
                Link("Қаржыландыру күтілуде", "?list=money", count=31),
                Link("Визаны рәсімдеу кезеңінде", "?list=visa", count=8),
                Link("Аяқталған", "?list=done", count=500),
            ),
            "tabs": (
                Link("Жауап", "?tab=answer", current=True),
                Link("Құжаттар", "?tab=documents", count=4),
                Link("Хат алмасу", "?tab=thread", count=2, meaning="act"),
                Link("Аудит", "?tab=audit"),
            ),
            "way": (Link("Тізім", "/"), Link("Өтінім 2026-0412")),
            "facts": (
                Fact("ЖСН", "190412500018"),
                Fact("Диагнозы", "C71.6", note="жолдаушы дәрігер, 1 ақпан 2026"),
                Fact("Сақтандыру", ""),
                Fact("Келісім", "Алынды", meaning="done"),
            ),
            "countries": (("", "Бәрі"), ("KG", "Қырғызстан"), ("UZ", "Өзбекстан")),
        },
    )


def patient(request: HttpRequest) -> HttpResponse:
    """The patient's page with sample blocks."""
    theme = request.GET.get("theme", "")
    return render(
        request,
        "design/style_patient.html",
        {"theme": theme if theme in {"light", "dark"} else "", "events": EVENTS[1:3]},
    )
