"""Models: the list, one version to read, a new version, the files of a version."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sapar.design.charts import standalone
from sapar.hta import actions, queries
from sapar.hta.forms import DocumentForm
from sapar.hta.policy import Permission
from sapar.hta.reading import read
from sapar.hta.views import reader, reading, words
from sapar.hta.views.desk import at_desk, rail
from sapar.kernel import policy
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.queries import VersionSeen
    from sapar.kernel.actors import Actor


@require_safe
@at_desk(Permission.VIEW)
def home(_request: HttpRequest, _actor: Actor) -> HttpResponseBase:
    """The room begins with its topics."""
    return redirect("hta:topics")


@require_safe
@at_desk(Permission.VIEW)
def models(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The models of one's body."""
    page = {
        "lists": rail(actor, "hta:models"),
        "rows": queries.models_of(actor),
        "may_write": policy.can(actor, Permission.MODEL),
    }
    return render(request, "hta/models.html", page)


@require_safe
@at_desk(Permission.VIEW)
def model(_request: HttpRequest, actor: Actor, model: UUID) -> HttpResponseBase:
    """A model is read in its newest version."""
    return redirect("hta:version", queries.versions_of(actor, model)[0].id)


@require_safe
@at_desk(Permission.VIEW)
def version(request: HttpRequest, actor: Actor, version: UUID) -> HttpResponseBase:
    """One version: settings, states and arrows, inputs with their sources, the document."""
    seen = queries.version_of(actor, version)
    versions = queries.versions_of(actor, seen.model)
    page = {
        "lists": rail(actor, "hta:models"),
        "versions": versions,
        "newest": versions[0],
        "runs": [run_row(each) for each in queries.runs_of(actor, version)[:5]],
        "may_write": policy.can(actor, Permission.MODEL),
        **reader.shown(seen),
    }
    return render(request, "hta/version.html", page)


def run_row(run: queries.RunSeen) -> dict[str, Any]:
    """A run in a list."""
    return {
        "run": run,
        "href": reverse("hta:run", args=[run.id]),
        "kind": words.kind(run.kind),
        "state": words.state(run.state),
        "meaning": words.STATES.get(run.state, ""),
        "threshold": words.money(run.options.get("threshold")),
        "draws": words.whole(run.options["draws"]) if "draws" in run.options else "–",
    }


@require_safe
@at_desk(Permission.VIEW)
def version_file(
    _request: HttpRequest, actor: Actor, version: UUID, part: str, form: str
) -> HttpResponseBase:
    """A version's document, its drawing or its inputs as a file."""
    seen = queries.version_of(actor, version)
    if (part, form) == ("document", "yaml"):
        return as_file(seen.document, "text/yaml", f"{seen.code}-{seen.number}.yaml")
    found, _problems = reading.model_of(seen.document)
    if found is None:
        raise Http404
    if (part, form) == ("inputs", "csv"):
        return as_file(_inputs(found), "text/csv", f"{seen.code}-{seen.number}-inputs.csv")
    drawing = reader.diagram(found) if (part, form) == ("diagram", "svg") else None
    if drawing is None:
        raise Http404
    return as_file(standalone(drawing), "image/svg+xml", f"{seen.code}-{seen.number}.svg")


def as_file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    """A text, or bytes of their kind, to be saved under a name."""
    told = f"{kind}; charset=utf-8" if isinstance(content, str) else kind
    response = HttpResponse(content, content_type=told)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    response["Content-Disposition"] = f'attachment; filename="{safe}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _inputs(model: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("name", "strategy", "label", "value", "unit", "distribution", "source", "date", "mark")
    )
    for each in model.parameters.values():
        drawn = each.distribution.text if each.distribution else ""
        mark = each.mark if each.source else "placeholder"
        for strategy, value in each.values.items():
            cells = (
                each.name, strategy, each.label, value.text, each.unit, drawn, each.source,
                each.read.isoformat() if each.read else "", mark,
            )  # fmt: skip
            # A text that a spreadsheet would run is made harmless; numbers stay numbers.
            writer.writerow([f"'{c}" if c[:1] in {"=", "+", "@", "\t", "\r"} else c for c in cells])
    return "\ufeff" + out.getvalue()


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.MODEL)
def new(request: HttpRequest, actor: Actor, model: UUID | None = None) -> HttpResponseBase:
    """Paste or upload a document; with mistakes it stays in the form, each named at its line."""
    before = queries.versions_of(actor, model)[0] if model is not None else None
    initial = {"document": before.document} if before else {}
    form = DocumentForm(request.POST or None, request.FILES or None, initial=initial)
    problems: list[dict[str, Any]] = []
    checked, status, text = False, 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            text = form.cleaned_data["document"]
            done = _take(request, actor, before, form)
            if done is not None and not isinstance(done, list):
                return done
            problems = done or []
            checked = not problems
            status = 422 if problems else 200
        form = _typed(form, text)
    wrong = {each["line"] for each in problems if each["line"]}
    page = {
        "lists": rail(actor, "hta:models"),
        "form": form,
        "before": before,
        "problems": problems,
        "lines": reader.lines(text, wrong) if problems else (),
        "checked": checked,
        "here": request.path,
    }
    return render(request, "hta/new.html", page, status=status)


def _typed(form: DocumentForm, text: str) -> DocumentForm:
    """The form again with the text that was sent, also where it came as a file."""
    if text and form.is_valid():
        return DocumentForm({"document": text, "why": form.cleaned_data.get("why", "")})
    return form


def _take(
    request: HttpRequest, actor: Actor, before: VersionSeen | None, form: DocumentForm
) -> HttpResponseBase | list[dict[str, Any]] | None:
    """Keep or only check the document: an answer, its mistakes, or None where it has none."""
    given = form.cleaned_data
    try:
        if request.POST.get("do") == "check":
            read(given["document"])
            return None
        kept = actions.save_version(
            by=actor,
            document=given["document"],
            model=before.model if before else None,
            why=given["why"],
        )
    except InvalidInputError as error:
        return words.mistakes(error.problems)
    number = queries.version_of(actor, kept).number
    said = _("Version {n} is kept.").format(n=formats.number(number))
    messages.success(request, said)
    return redirect("hta:version", kept)
