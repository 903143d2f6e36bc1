"""Questions to the engine: asking, live progress, the answer with its pictures and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sapar.design.charts import standalone
from sapar.design.components import Fact, PageProblem
from sapar.hta import actions, queries
from sapar.hta.export import sheets_of, workbook
from sapar.hta.forms import (
    BaseForm,
    BudgetForm,
    PsaForm,
    QuestionForm,
    SensitivityForm,
    VoiForm,
)
from sapar.hta.models import ModelRun
from sapar.hta.policy import Permission
from sapar.hta.views import reading, results, words
from sapar.hta.views.desk import at_desk, rail
from sapar.hta.views.models import as_file, run_row
from sapar.hta.views.picture import Shown
from sapar.hta.views.verdict import verdict
from sapar.kernel import policy
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.queries import RunSeen
    from sapar.kernel.actors import Actor

THOUSAND = 1000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _questions(model: AnyModel, data: Any = None, kind: str = "") -> dict[str, QuestionForm]:
    """A form for each question that this model can be asked; the one that was sent is bound."""
    cost, effect = (model.rewards[name] for name in (model.cost, model.effect))
    unit = f"{cost.unit}/{effect.unit}" if cost.unit and effect.unit else ""
    worth = _("Worth of one unit of effect")
    worth = f"{worth}, {unit}" if unit else worth
    drawn = [each.name for each in model.parameters.values() if each.distribution]
    strategies = [(each.name, each.label) for each in model.strategies]

    def bound(name: str) -> dict[str, Any]:
        return {
            "data": data if kind == name else None,
            "worth": worth,
            "auto_id": f"{name}_%s",
        }

    found: dict[str, QuestionForm] = {"base": BaseForm(**bound("base"))}
    if drawn:
        found["psa"] = PsaForm(**bound("psa"))
    if len(strategies) > 1:
        found["sensitivity"] = SensitivityForm(strategies=strategies, **bound("sensitivity"))
    if drawn and len(strategies) > 1:
        found["voi"] = VoiForm(drawn=drawn, **bound("voi"))
    if "budget" in model.sections:
        found["budget"] = BudgetForm(**bound("budget"))
    found["verify"] = QuestionForm(**bound("verify"))
    return found


def _says(kind: str) -> str:
    """What a question brings, in one sentence."""
    return {
        "base": _("Costs, effects, dominance, the frontier, and every convention of counting."),
        "psa": _("How sure the answer is: the plane, acceptability, the loss of a wrong choice."),
        "sensitivity": _("What each input moves, and where the best choice changes."),
        "voi": _("What it would be worth to know more, input by input."),
        "budget": _("What it costs the payer, year by year."),
        "verify": _("Tests of the model itself: does it behave as it must?"),
    }[kind]


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.MODEL)
def ask(request: HttpRequest, actor: Actor, version: UUID) -> HttpResponseBase:
    """Ask the engine about a version; what is wrong with a question stays beside its form."""
    seen = queries.version_of(actor, version)
    model, problems = reading.model_of(seen.document)
    if model is None:
        page = {"lists": rail(actor, "hta:models"), "version": seen}
        page["problems"] = words.mistakes(problems)
        return render(request, "hta/ask.html", page)
    kind = request.POST.get("kind", "") if request.method == "POST" else ""
    forms = _questions(model, request.POST, kind)
    status, wrong = 200, []
    if request.method == "POST":
        if kind not in forms:
            raise Http404
        status = 422
        if forms[kind].is_valid():
            try:
                run = actions.ask_run(
                    by=actor, version=version, kind=kind, options=forms[kind].options(),
                    seed=forms[kind].drawn_from(),
                )  # fmt: skip
                return redirect("hta:run", run)
            except InvalidInputError as error:
                wrong = [
                    PageProblem(f"{phrases.text(each)} {phrases.remedy(each)}")
                    for each in error.problems
                ]
    page = {
        "lists": rail(actor, "hta:models"),
        "version": seen,
        "questions": [
            {
                "kind": name,
                "name": words.kind(name),
                "says": _says(name),
                "form": form,
                "open": name == (kind or next(iter(forms))),
            }
            for name, form in forms.items()
        ],
        "wrong": wrong,
        "bound": forms.get(kind),
        "runs": [run_row(each) for each in queries.runs_of(actor, version)],
    }
    return render(request, "hta/ask.html", page, status=status)


def _around(run: RunSeen) -> dict[str, Any]:
    """State and progress: what the page and its living part both show."""
    return {
        "run": run,
        "open": run.state in {ModelRun.State.QUEUED, ModelRun.State.RUNNING},
        "state": words.state(run.state),
        "meaning": words.STATES.get(run.state, ""),
        "done": round(THOUSAND * run.progress) if run.progress is not None else None,
        "doing": phrases.word(run.phrase) if run.phrase else "",
        "again": reverse("hta:run", args=[run.id]),
    }


def _facts(run: RunSeen, shown: Shown) -> list[Fact]:
    """What was asked, so that anybody can ask it again."""
    options = run.options
    found = [Fact(_("Question"), words.kind(run.kind))]
    if shown.threshold is not None:
        worth = f"{words.money(shown.threshold)} {shown.worth_label}"
        found.append(Fact(_("Worth of one unit of effect"), worth))
    if "draws" in options:
        seed = _("seed {n}").format(n=words.whole(run.seed))
        found.append(Fact(_("Draws"), words.whole(options["draws"]), seed))
    sets = options.get("sets", ())
    found.extend(Fact(_("Known together"), shown.names(names)) for names in sets)
    if options.get("of"):
        pair = f"{shown.strategy(options['of'])} – {shown.strategy(options['against'])}"
        found.append(Fact(_("Compared"), pair))
    if run.engine:
        lock = ", ".join(f"{name} {value}" for name, value in run.lock.items())
        found.append(Fact(_("Engine"), run.engine[:12], lock))
    if run.result_digest:
        found.append(Fact(_("Answer"), run.result_digest[:12], "SHA-256"))
    return found


@require_safe
@at_desk(Permission.VIEW)
def run(request: HttpRequest, actor: Actor, run: UUID) -> HttpResponseBase:
    """One run: its progress while it runs, then the verdict and every picture with its table."""
    found = queries.run_of(actor, run)
    seen = queries.version_of(actor, found.version)
    shown = Shown.of(found, seen)
    page = {
        "lists": rail(actor, "hta:models"),
        "version": seen,
        "kind": words.kind(found.kind),
        "facts": _facts(found, shown),
        "verdict": verdict(shown),
        "pictures": results.pictures(shown),
        "problems": words.mistakes(found.problems),
        "unused": words.listed([shown.parameter(n) for n in shown.result.get("unused", ())]),
        "may_ask": policy.can(actor, Permission.MODEL),
        **_around(found),
    }
    return render(request, "hta/run.html", page)


@require_safe
@never_cache
@at_desk(Permission.VIEW)
def progress(request: HttpRequest, actor: Actor, run: UUID) -> HttpResponseBase:
    """How far it is, as a part that asks again; once it has ended the page loads anew."""
    around = _around(queries.run_of(actor, run))
    response = render(request, "hta/working.html", around)
    if not around["open"]:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@at_desk(Permission.VIEW)
def download(
    _request: HttpRequest, actor: Actor, run: UUID, picture: str, form: str
) -> HttpResponseBase:
    """A picture's table as CSV or its drawing as SVG; the whole answer as an Excel file."""
    found = queries.run_of(actor, run)
    seen = queries.version_of(actor, found.version)
    name = f"{seen.code}-{seen.number}-{picture}.{form}"
    shown = Shown.of(found, seen)
    pictures = results.pictures(shown)
    if (picture, form) == ("answer", "xlsx") and pictures and shown.model:
        sheets = [*sheets_of(shown.model, {}), *(each.sheet() for each in pictures)]
        book = workbook(sheets, f"{seen.title}, {seen.number}")
        return as_file(book, XLSX, f"{seen.code}-{seen.number}-{found.kind}.xlsx")
    for each in pictures:
        if each.key == picture and form == "csv":
            return as_file(each.csv(), "text/csv", name)
        if each.key == picture and form == "svg" and each.drawing is not None:
            return as_file(standalone(each.drawing), "image/svg+xml", name)
    raise Http404
