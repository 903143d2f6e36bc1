"""Protons or photons for a case: the verdict, the pictures, the figures, what people decide."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    RefusedError,
    SaparError,
    StaleVersionError,
)
from sapar.kernel.languages import phrases
from sapar.proton.actions import selection as actions
from sapar.proton.adapters.intake import whose
from sapar.proton.forms_selection import OpinionForm, SelectionForm
from sapar.proton.policy import Permission
from sapar.proton.queries import people, studies
from sapar.proton.queries import selection as queries
from sapar.proton.views import dvh_charts, selection_form, selection_shown
from sapar.proton.views.viewer_data import viewer
from sapar.proton.views.volumes import doses_shown, opened, token_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor
    from sapar.proton.queries.selection import SelectionSeen

LONGEST_NUMBER = 6


def of_case(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one case, for who may see its comparison: the view gets `(request, row, …)`."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, case: UUID, **kwargs: Any) -> HttpResponseBase:
        try:
            row = queries.may_see(actor_of(request), case)
        except NotFoundError as error:
            raise Http404 from error
        return view(request, row, **kwargs)

    return signed_in(guarded)


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get("version", "")
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def _found(actor: Actor, row: Case, number: int | None) -> SelectionSeen | None:
    try:
        return queries.selection_of(actor, row.pk, number)
    except NotFoundError as error:
        raise Http404 from error


def _who(actor: Actor, row: Case) -> dict[str, Any]:
    """Whose case it is, as this reader may know it; the read is noted."""
    known = people.known(actor, [row.pk]).get(row.pk)
    roots = [("case", row.pk)] + ([("patient", known.person)] if known else [])
    chain.note_reads(by=actor, roots=roots, page="selection")
    return {
        "name": known.name if known else "",
        "href": known.href if known else "",
        "number": row.number,
    }


@require_safe
@of_case
def selection(request: HttpRequest, row: Case) -> HttpResponseBase:
    """The page; an older version by `?version=`."""
    return _page(request, row, _number(request))


def _page(
    request: HttpRequest,
    row: Case,
    number: int | None,
    *,
    form: SelectionForm | None = None,
    opinion: OpinionForm | None = None,
) -> HttpResponseBase:
    actor = actor_of(request)
    seen = _found(actor, row, number)
    versions = queries.versions_of(actor, row.pk)
    study = studies.study_of(row.pk)
    may_run = policy.can(actor, Permission.RUN_SELECTION, row)
    page: dict[str, Any] = {
        "case": row,
        "who": _who(actor, row),
        "seen": seen,
        "newest": bool(versions) and (seen is None or seen.number == versions[0].number),
        "versions": [selection_shown.version_row(each) for each in versions],
        "may_run": may_run,
        "deliveries": studies.deliveries_of(row.pk)[:1],
        "study": study,
        "indication": selection_form.indication(row),
        **_progress(seen),
    }
    if may_run and study is not None:
        page |= selection_form.context(row, study, seen, request.GET.get("site", ""), form)
    if seen is not None and seen.state == "done" and seen.question and seen.answer:
        page |= _answered(actor, row, seen, opinion)
    elif study is not None:
        page["viewer"] = _viewer(actor, row, study.id, None)
    if seen is not None:
        page["findings"] = selection_shown.problems(seen.findings)
    if study is not None:
        page["study_findings"] = selection_shown.problems(study.findings)
        page["whose"] = selection_shown.problems(
            each for each in study.findings if each.code in whose.DOUBTS
        )
        page["overtaken"] = seen is not None and seen.digests["study"] != study.sha256
    return render(request, "proton/selection.html", page)


def _answered(
    actor: Actor, row: Case, seen: SelectionSeen, opinion: OpinionForm | None
) -> dict[str, Any]:
    """Everything that an answer has to say."""
    assert seen.question is not None  # noqa: S101 - the caller has asked
    told = selection_shown.told(seen)
    may = policy.can(actor, Permission.DECIDE_SELECTION, row)
    form = opinion or OpinionForm(initial={"version": seen.version, "chosen": seen.proposed})
    return {
        "told": told,
        "viewer": _viewer(actor, row, seen.study, seen),
        "dvhs": dvh_charts.charts(seen.question, told["dvh_organs"]),
        "dvh_names": dvh_charts.names(proton=told["has_proton"]),
        "opinions": [selection_shown.opinion(each) for each in seen.opinions],
        "opinion_form": form if may else None,
        "hta_patient": selection_form.hta_patient(row, seen),
        "replayed": selection_shown.replayed(seen),
    }


def _viewer(
    actor: Actor, row: Case, study: UUID, seen: SelectionSeen | None
) -> dict[str, Any] | None:
    kept = opened(studies.folder_of(study))
    if kept is None:
        return None
    version = seen.id if seen is not None else None
    question = (seen.question if seen is not None else None) or {}
    return viewer(
        row.pk,
        token_for(actor, row.pk, study, version),
        kept,
        doses_shown(study, version),
        names=(seen.names if seen is not None else None) or selection_form.names_of(study),
        first=selection_shown.organs_asked(seen) if seen is not None else (),
        prescription=float(
            question.get("prescription_gy") or selection_form.prescription(kept)[0] or 0.0
        ),
    )


def _progress(seen: SelectionSeen | None) -> dict[str, Any]:
    if seen is None:
        return {}
    return {
        "doing": phrases.word(seen.phrase) if seen.phrase else "",
        "state_words": selection_shown.state_words(seen.state),
        "again": reverse("proton:selection", args=[seen.case]) + f"?version={seen.number}",
    }


@require_safe
@never_cache
@of_case
def progress(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """How far a version is, as a fragment that asks again; once it has ended the page is new."""
    seen = _found(actor_of(request), row, number)
    response = render(
        request, "proton/selection_working.html", {"case": row, "seen": seen, **_progress(seen)}
    )
    if seen is None or not seen.open:
        response["HX-Refresh"] = "true"
    return response


def _say(request: HttpRequest, error: SaparError) -> None:
    for problem in error.problems:
        messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")


@require_POST
@of_case
def ask(request: HttpRequest, row: Case) -> HttpResponseBase:
    """Ask for a comparison at a stage, with what the form says of the patient."""
    actor = actor_of(request)
    policy.require(actor, Permission.RUN_SELECTION, row)
    study = studies.study_of(row.pk)
    if study is None:
        _say(request, RefusedError(_no_study(row)))
        return redirect("proton:selection", row.pk)
    form, given = selection_form.read(row, study, request.POST)
    if given is None:
        return _page(request, row, None, form=form)
    try:
        actions.ask_selection(
            by=actor, case=row.pk, stage=request.POST.get("stage", "estimate"), given=given,
            names=selection_form.names_of(study.id),
        )  # fmt: skip
    except (RefusedError, InvalidInputError) as error:
        _say(request, error)
    return redirect("proton:selection", row.pk)


def _no_study(row: Case) -> Any:
    from sapar.values.statements import Problem  # noqa: PLC0415

    return Problem.of("proton.selection.no_study", where=f"case:{row.pk}")


@require_POST
@of_case
def decide(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """Keep what the panel decided beside this version."""
    actor = actor_of(request)
    policy.require(actor, Permission.DECIDE_SELECTION, row)
    seen = _found(actor, row, number)
    form = OpinionForm(request.POST)
    if seen is None or not form.is_valid():
        return _page(request, row, number, opinion=form)
    given = form.cleaned_data
    try:
        actions.decide(
            by=actor, selection=seen.id, chosen=given["chosen"], reason=given["reason"],
            version=given["version"],
        )  # fmt: skip
    except StaleVersionError:
        messages.error(
            request, _("Somebody has decided on this version meanwhile. Look again below.")
        )
        return _page(request, row, number)
    except InvalidInputError as error:
        for problem in error.problems:
            said = f"{phrases.text(problem)} {phrases.remedy(problem)}"
            form.add_error(problem.where if problem.where in form.fields else None, said)
        return _page(request, row, number, opinion=form)
    except RefusedError as error:
        _say(request, error)
    else:
        messages.success(request, _("The decision is kept beside the proposal."))
    return redirect(reverse("proton:selection", args=[row.pk]) + f"?version={number}#panel")


@require_POST
@of_case
def stop(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """End the making of a proton plan: the version gets the estimate in its place."""
    actor = actor_of(request)
    policy.require(actor, Permission.RUN_SELECTION, row)
    seen = _found(actor, row, number)
    if seen is None:
        raise Http404
    try:
        actions.stop_selection(by=actor, selection=seen.id)
    except RefusedError as error:
        _say(request, error)
    else:
        messages.success(request, _("The plan ends soon; the estimate takes its place."))
    return redirect(reverse("proton:selection", args=[row.pk]) + f"?version={number}")


@require_safe
@of_case
def record(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """The record of a version as JSON: with it anybody can work it out again."""
    actor = actor_of(request)
    try:
        found = queries.record_of(actor, row.pk, number)
    except NotFoundError as error:
        raise Http404 from error
    chain.note_read(by=actor, root=("case", row.pk), page="selection-record")
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="selection-{number}.json"'
    return response


@require_POST
@of_case
def again(request: HttpRequest, row: Case, number: int) -> HttpResponseBase:
    """Let a version be worked out again, to see whether the same bits come out."""
    actor = actor_of(request)
    seen = _found(actor, row, number)
    if seen is None:
        raise Http404
    try:
        actions.ask_replay(by=actor, selection=seen.id)
    except RefusedError as error:
        _say(request, error)
    else:
        messages.success(request, _("It is being worked out again. Load the page in a moment."))
    return redirect(reverse("proton:selection", args=[row.pk]) + f"?version={number}#versions")
