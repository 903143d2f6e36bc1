"""Writing in the registry of outcomes: its fields, visits with grades, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sapar.kernel.accounts.web import signed_in
from sapar.kernel.errors import (
    InvalidInputError,
    NotFoundError,
    RefusedError,
    StaleVersionError,
)
from sapar.kernel.languages import phrases
from sapar.proton.actions import outcomes as actions
from sapar.proton.actions import questionnaires
from sapar.proton.forms_outcomes import ItemsForm, VisitForm, grade_rows, read_grades
from sapar.proton.models import Visit
from sapar.proton.policy import Permission
from sapar.proton.queries.outcome_data import library
from sapar.proton.views import outcome_words as words
from sapar.proton.views.outcomes import called, case_for, entry_found, rail_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.queries.registry import Entry
    from sapar.values.statements import Problem

BLANK_TARGETS = 1


def _say(request: HttpRequest, problems: Iterable[Problem]) -> None:
    for problem in problems:
        messages.error(request, f"{phrases.text(problem)} {phrases.remedy(problem)}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def fields(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Write what the registry asks of the course and its targets."""
    actor, row = case_for(request, case, Permission.RECORD_OUTCOME)
    found = entry_found(case)
    forms = _field_forms(found, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        try:
            _write(request, actor, case, forms)
        except InvalidInputError as error:
            status = error.http_status
            _onto(forms, error.problems)
        except StaleVersionError as error:
            status = error.http_status
            _say(request, error.problems)
        else:
            messages.success(request, _("The registry is up to date."))
            return redirect("proton:outcome", case)
    page = {
        "lists": rail_for(actor),
        "case": row,
        "name": called(actor, case),
        "entry": found,
        "main": forms[0],
        "targets": forms[1:],
        "version": found.version,
    }
    return render(request, "proton/outcome_fields.html", page, status=status)


def _field_forms(found: Entry, data: Any) -> list[ItemsForm]:
    """The form of the course, then one for each target and a blank one."""
    main = [*found.course, *found.paediatric]
    written = {v.item.id: _typed(v.value) for v in main if v.by == "people"}
    known = {v.item.id: words.value(v.item, v.value) for v in main if v.by == "records"}
    forms = [
        ItemsForm([v.item for v in main], known, data, initial=written, prefix="course",
                  use_required_attribute=False)
    ]  # fmt: skip
    target = library().fields.target
    count = len(found.targets) + BLANK_TARGETS
    for place in range(count):
        values = found.targets[place] if place < len(found.targets) else ()
        initial = {v.item.id: _typed(v.value) for v in values if v.by == "people"}
        said = {v.item.id: words.value(v.item, v.value) for v in values if v.by == "records"}
        forms.append(
            ItemsForm(target, said, data, initial=initial, prefix=f"target-{place}",
                      use_required_attribute=False)
        )  # fmt: skip
    return forms


def _typed(value: Any) -> Any:
    """A value as somebody would type it: 2, not 2.0."""
    return f"{value:g}" if isinstance(value, float) else value


def _write(request: HttpRequest, actor: Actor, case: UUID, forms: list[ItemsForm]) -> None:
    text = request.POST.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
    actions.record_outcome(
        by=actor,
        case=case,
        version=version,
        values=forms[0].plain(),
        targets=[form.plain() for form in forms[1:]],
    )


def _onto(forms: list[ItemsForm], problems: Iterable[Problem]) -> None:
    """Put each problem at its field: "intent" of the course, "targets.0.site" of a target."""
    for form in forms:
        form.is_valid()
    for problem in problems:
        said = f"{phrases.text(problem)} {phrases.remedy(problem)}"
        form, name = forms[0], problem.where
        if problem.where.startswith("targets."):
            _targets, place, name = problem.where.split(".", 2)
            form = forms[1:][int(place)] if int(place) < len(forms) - 1 else forms[0]
        form.errors.pop(name, None)
        form.add_error(name if name in form.fields else None, said)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def visit(request: HttpRequest, case: UUID) -> HttpResponseBase:
    """Record a visit: the effects that were looked for, and how bad they were."""
    actor, row = case_for(request, case, Permission.RECORD_OUTCOME)
    found = entry_found(case)
    known = library()
    facts = found.facts
    items = [*known.fields.visit, *(known.fields.visit_paediatric if facts.paediatric else ())]
    posted = request.POST if request.method == "POST" else None
    form = VisitForm(posted, initial={"on": timezone.localdate(), "occasion": _next(found)})
    more = ItemsForm(items, {}, posted, prefix="more", use_required_attribute=False)
    status = 200
    if posted is not None:
        status = 422
        if form.is_valid():
            try:
                actions.record_visit(
                    by=actor,
                    case=case,
                    on=form.cleaned_data["on"],
                    occasion=form.cleaned_data["occasion"],
                    grades=read_grades(posted),
                    values=more.plain(),
                    text=form.cleaned_data["text"],
                )
            except InvalidInputError as error:
                _say(request, error.problems)
            else:
                messages.success(request, _("The visit is recorded."))
                return redirect("proton:outcome", case)
    offered = known.terms.offered(facts.group, child=facts.paediatric)
    others = [t for t in known.terms.terms.values() if t not in offered]
    page = {
        "lists": rail_for(actor),
        "case": row,
        "name": called(actor, case),
        "form": form,
        "more": more,
        "rows": grade_rows(offered, posted or {}),
        "others": grade_rows(others, posted or {}),
        "names_source": known.terms.names_source,
        "edition": known.terms.edition,
    }
    return render(request, "proton/outcome_visit.html", page, status=status)


def _next(found: Entry) -> str:
    """The occasion that is most likely today."""
    facts = found.facts
    if not facts.delivered:
        return Visit.Occasion.BASELINE
    return Visit.Occasion.DURING if facts.end is None else Visit.Occasion.FOLLOW_UP


@require_POST
@signed_in
def withdraw(request: HttpRequest, case: UUID, pk: UUID) -> HttpResponseBase:
    """Take a visit back that was a mistake."""
    actor, _row = case_for(request, case, Permission.RECORD_OUTCOME)
    if not Visit.objects.filter(pk=pk, outcome__case_id=case).exists():
        raise Http404
    try:
        actions.withdraw_visit(
            by=actor, visit=pk, version=None, reason=request.POST.get("reason", "")
        )
    except (InvalidInputError, NotFoundError) as error:
        _say(request, error.problems)
    else:
        messages.success(request, _("The visit no longer counts. It stays in the record."))
    return redirect("proton:outcome", case)


@require_POST
@signed_in
def handle(request: HttpRequest, case: UUID, form: UUID) -> HttpResponseBase:
    """Say what was done about a severe answer."""
    actor, _row = case_for(request, case, Permission.RECORD_OUTCOME)
    if form not in {each.id for each in entry_found(case).forms}:
        raise Http404
    try:
        questionnaires.handle_severe(
            by=actor, form=form, version=None, how=request.POST.get("how", "")
        )
    except (InvalidInputError, RefusedError) as error:
        _say(request, error.problems)
    else:
        messages.success(request, _("It is written down what was done."))
    return redirect("proton:outcome", case)
