"""The components as pages use them."""

from __future__ import annotations

import gzip

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from sapar.design.components import AnswerLine, Fact, Lane, PageProblem, Reason


def shown(text, **context):
    request = RequestFactory().get(context.pop("path", "/"))
    with translation.override("en"):
        return Template("{% load design %}" + text).render(Context({"request": request} | context))


class Form(forms.Form):
    name = forms.CharField(label="Name", help_text="As in the passport")
    note = forms.CharField(label="Note", required=False)
    way = forms.ChoiceField(label="Way", widget=forms.RadioSelect, choices=[("a", "A")])


@pytest.mark.parametrize("meaning", ["done", "waiting", "act", "stopped"])
def test_a_mark_has_a_shape_and_a_word(meaning):
    html = shown("{% mark meaning 'Word' %}", meaning=meaning)
    assert "<svg" in html
    assert "Word" in html
    assert f'class="mark {meaning}"' in html


def test_a_word_is_escaped():
    assert "<script>" not in shown("{% mark 'done' word %}", word="<script>alert(1)</script>")


def test_urgency_fills_more_bars_the_more_it_hurries():
    filled = [
        shown("{% urgency code 'Word' %}", code=code).count('class="on"')
        for code in ("routine", "urgent", "asap", "stat")
    ]
    assert filled == [1, 2, 3, 4]


def test_a_field_ties_hint_and_error_to_its_control():
    form = Form({"name": "", "way": "a"})
    html = shown("{% field form.name %}", form=form)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'for="id_name"' in html


def test_a_field_says_in_words_that_it_is_not_required():
    assert "(not required)" in shown("{% field form.note %}", form=Form())
    assert "(not required)" not in shown("{% field form.name %}", form=Form())


def test_a_group_of_choices_has_a_legend():
    html = shown("{% field form.way %}", form=Form())
    assert "<fieldset" in html
    assert "<legend>Way" in html


def test_an_error_summary_leads_to_each_field_and_is_silent_without_errors():
    html = shown("{% error_summary form %}", form=Form({"name": ""}))
    assert 'href="#id_name"' in html
    assert "There are 2 problems on this page" in html
    assert not shown("{% error_summary form %}", form=Form({"name": "A", "way": "a"})).strip()
    assert "#x" in shown("{% error_summary listed %}", listed=[PageProblem("Wrong", "#x")])


def test_sorting_turns_round_and_keeps_the_filters():
    html = shown("{% sort_header 'name' 'Name' %}", path="/?sort=name&country=KG&page=3")
    assert 'aria-sort="ascending"' in html
    assert "sort=-name" in html
    assert "country=KG" in html
    assert "page=" not in html


def test_the_next_rows_load_by_themselves_and_by_hand():
    html = shown("{% more_rows 2 5 %}", path="/?country=KG")
    assert 'hx-get="?country=KG&amp;page=2"' in html
    assert 'href="?country=KG&amp;page=2"' in html
    assert not shown("{% more_rows 0 5 %}").strip()


def test_lanes_draw_what_holds_up_what_and_say_it_too():
    lanes = [Lane("Money", "Waiting"), Lane("Visa", "Stopped", "stopped", waits_for=("Money",))]
    html = shown("{% lanes lanes %}", lanes=lanes)
    assert 'class="hold from-1 to-2 depth-1 down"' in html
    assert "waits for: Money" in html


def test_an_answer_line_opens_its_rule_source_and_date():
    line = AnswerLine("Who pays?", "missing", "Nobody yet.", (Reason("The rule", "A law", "2026"),))
    html = shown("{% answer_line line %}", line=line)
    for text in ("Missing", "Nobody yet.", "The rule", "A law, 2026", "<details"):
        assert text in html


def test_what_is_not_known_is_said_in_words():
    assert "not known" in shown("{% facts items %}", items=[Fact("Payer")])


def test_a_callout_that_asks_to_act_is_said_at_once():
    assert 'role="alert"' in shown("{% callout 'act' 'Late' %}<p>x</p>{% endcallout %}")
    assert 'role="note"' in shown("{% callout 'done' 'Saved' %}<p>x</p>{% endcallout %}")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["kk", "ky", "uz", "ru", "en"])
@pytest.mark.parametrize(
    "path", ["/design/", "/design/patient/", "/accounts/login/", "/accounts/password/reset/"]
)
def test_pages_render_in_every_language(path, language):
    response = Client().get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.django_db
def test_the_patients_page_has_no_script_and_is_light():
    html = Client().get("/design/patient/").content
    assert b"<script" not in html
    assert b"woff2" not in html
    assert len(gzip.compress(html)) < 20 * 1024


@pytest.mark.django_db
def test_the_base_page_is_light():
    assert len(gzip.compress(Client().get("/accounts/login/").content)) < 8 * 1024


@pytest.mark.django_db
def test_sign_up_explains_how_access_is_asked_for():
    html = Client().get("/accounts/signup/", headers={"accept-language": "en"}).content.decode()
    assert "Request access" in html
    assert '<input type="password"' not in html


@pytest.mark.django_db
def test_a_page_that_is_not_there_names_the_remedy():
    response = Client().get("/nothing/", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "find the case in your worklist" in response.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_fault_pages_need_neither_request_nor_database(name):
    with translation.override("en"):
        html = Template(f"{{% extends '{name}.html' %}}").render(Context())
    assert 'class="button primary"' in html
    assert "<h1>" in html


@pytest.mark.django_db
def test_the_style_page_uses_every_component():
    html = Client().get("/design/").content.decode()
    for name in (
        "answer-line", "alternatives", "breadcrumb", "callout", "casehead", "clock", "empty",
        "facts", "field", "filters", "hold", "lane", "mark", "pages", "progress", "rail", "saved",
        "tabs", "timeline", "urgency",
    ):  # fmt: skip
        assert f'class="{name}' in html, name
