"""The best order of a day: the bound in words, working it out, stopping, taking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from sapar.kernel.errors import RefusedError, SaparError
from sapar.kernel.jobs import queries as jobs
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions
from sapar.proton.engine.promise import reasons_of
from sapar.proton.engine.scheduling.problem.minutes import minute_of
from sapar.proton.models import Fraction
from sapar.proton.policy import Permission
from sapar.proton.queries import plans
from sapar.proton.queries.documents import day_document
from sapar.proton.views.desk import Desk, at_desk
from sapar.proton.views.naming import labels, note_mentioned
from sapar.proton.views.when import day_in
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.proton.queries.plans import DayOrder, PlanDay

SOLVED = ("optimal", "feasible")
PAGE = "proton.order"


def limit_of(resource: str, names: Mapping[str, str]) -> str:
    """What the bound says is the limit, in words, within a sentence.

    Args:
        resource: as an answer names it: "rooms", "room:G1", "beam:beam", "window:<job>", …
        names: what to call the patient, by the id of the job.
    """
    kind, _colon, which = resource.partition(":")
    if kind == "room":
        return _("room {room} is the limit").format(room=which)
    if kind == "window" and which in names:
        return _("the promised time of {who} is the limit").format(who=names[which])
    found = phrases.word(f"proton.limit.{kind}") if phrases.known(f"proton.limit.{kind}") else ""
    return found or phrases.word("proton.limit.search")


def distance(minutes: int, limit: str) -> str:
    """How far a plan is from the bound, in words."""
    if minutes <= 0:
        return _("No order can end earlier; {limit}.").format(limit=limit)
    said = ngettext(
        "{count} minute from the best possible; {limit}.",
        "{count} minutes from the best possible; {limit}.",
        minutes,
    )
    return said.format(count=formats.number(minutes), limit=limit)


def makespan(plan: PlanDay) -> int | None:
    """Minutes from the first opening of a room to the end of the last fraction; None of nothing."""
    ends = [each.end for each in plan.fractions if each.state == "planned" and not each.photon]
    begins = [begin for opened in plan.open.values() for begin, _end in opened]
    return max(ends) - min(begins) if ends and begins else None


def order_of(desk: Desk, plan: PlanDay) -> dict[str, Any]:
    """The context of "proton/order.html"."""
    found = plans.day_order(desk.centre.pk, plan.day)
    may = desk.may(Permission.PLAN, Fraction(centre_id=desk.centre.pk))
    page: dict[str, Any] = {
        "order": found,
        "plan_day": plan.day.isoformat(),
        "order_at": reverse("proton:order", args=[plan.day.isoformat()]),
        "may_plan": may,
        "worth": may and _ahead(desk, plan),
    }
    if found is None:
        return page
    if found.state == "asked":
        page["running"], page["own_job"] = _goes_on(desk, found)
    if found.state == "asked" and not page["running"]:
        page["order_failed"] = True
    answer = found.answer or {}
    if answer.get("status") in SOLVED:
        page |= _words(plan, found, answer, labels(desk, answer, PAGE))
    elif found.state == "refused":
        page["order_problems"] = _problems(answer)
    elif answer.get("status") == "infeasible":
        page["order_reasons"] = _reasons(answer, labels(desk, answer, PAGE))
        page["order_proven"] = _reasons({"reasons": answer.get("says")}, {})
        page["infeasible"] = True
    elif found.state in {"done", "applied"}:
        page["unknown"] = True
    return page


def _ahead(desk: Desk, plan: PlanDay) -> bool:
    """Whether something is planned that has not begun: no order changes what is past."""
    now = desk.now.hour * 60 + desk.now.minute if plan.day == desk.today else 0
    return plan.day >= desk.today and any(
        each.state == "planned" and each.start >= now for each in plan.fractions
    )


def _goes_on(desk: Desk, found: DayOrder) -> tuple[bool, bool]:
    """Whether the job has still something to do, and whether the reader may see how far it is.

    Somebody else's job is taken to go on.
    """
    if found.job is None:
        return False, False
    try:
        return not jobs.progress_of(by=desk.actor, job=found.job).ended, True
    except SaparError:
        return True, False


def _problems(answer: Mapping[str, Any]) -> list[str]:
    codes = [each.get("code", "") for each in answer.get("problems", ())]
    return [code for code in codes if not phrases.known(code)] + [
        phrases.text(each)
        for each in reasons_of(answer.get("problems", ()))
        if phrases.known(each.code)
    ]


def _reasons(answer: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """What stands against each other, with patients as the reader may know them."""
    found = []
    for said in reasons_of(answer.get("reasons") or ()):
        params = {
            key: names.get(value, value) if isinstance(value, str) else value
            for key, value in said.params.items()
        }
        if phrases.known(said.code):
            found.append(phrases.text(Statement(said.code, params)))
    return found


def _words(
    plan: PlanDay, found: DayOrder, answer: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    """The bound under the plan, and what the order that was found would bring."""
    bound = answer.get("bound") or {}
    best, least = int(answer["makespan_min"]), int(bound.get("makespan_min") or 0)
    limit = limit_of(str(bound.get("resource") or "search"), names)
    page: dict[str, Any] = {"stale": found.stale}
    now = makespan(plan)
    if found.stale or now is None:
        return {**page, "found": distance(best - least, limit)}
    page["bound"] = distance(now - least, limit)
    if found.state == "done" and best < now:
        starts = {str(each.id): (each.start, each.room) for each in plan.fractions}
        other = sum(
            starts.get(each["job"]) != (minute_of(each["start"]), each["room"])
            for each in answer.get("plan", ())
        )
        page["gain"] = _gain(now - best, other)
    return page


def _gain(minutes: int, other: int) -> str:
    first = ngettext(
        "An order was found that ends {count} minute earlier.",
        "An order was found that ends {count} minutes earlier.",
        minutes,
    ).format(count=formats.number(minutes))
    then = ngettext(
        "{count} fraction would begin at another minute, inside what was promised.",
        "{count} fractions would begin at other minutes, inside what was promised.",
        other,
    ).format(count=formats.number(other))
    return f"{first} {then}"


@require_safe
@at_desk(Permission.VIEW)
def order(request: HttpRequest, desk: Desk, day: str) -> HttpResponseBase:
    """The part of a day's page that says how good its order is: fetched when a job has ended."""
    asked = day_in(desk, day)
    known = plans.with_events(desk.planning, desk.centre.pk, asked)
    plan = plans.days(known, desk.centre.pk, asked, asked)[0]
    return render(request, "proton/order.html", order_of(desk, plan))


@require_POST
@at_desk(Permission.PLAN)
def work_out(request: HttpRequest, desk: Desk, day: str) -> HttpResponseBase:
    """Ask for the best order of a day: a job works on it."""
    asked = day_in(desk, day)
    actions.ask(
        by=desk.actor,
        centre=desk.centre.pk,
        kind="day",
        problem=day_document(desk.centre.pk, asked),
        day=asked,
        title=asked.isoformat(),
    )
    return _back(request, desk, day)


def _back(request: HttpRequest, desk: Desk, day: str) -> HttpResponseBase:
    if request.headers.get("HX-Request") == "true":
        asked = day_in(desk, day)
        known = plans.with_events(desk.planning, desk.centre.pk, asked)
        plan = plans.days(known, desk.centre.pk, asked, asked)[0]
        return render(request, "proton/order.html", order_of(desk, plan))
    return redirect(f"{reverse('proton:day_of', args=[day])}#order")


def _newest(desk: Desk, day: str, run: UUID) -> DayOrder:
    """The newest order of a day, if it is the one that the reader saw.

    Raises:
        Http404: there is a newer one, or it is not about this day.
    """
    found = plans.day_order(desk.centre.pk, day_in(desk, day))
    if found is None or found.run != run:
        raise Http404
    return found


@require_POST
@at_desk(Permission.PLAN)
def stop(request: HttpRequest, desk: Desk, day: str, run: UUID) -> HttpResponseBase:
    """End the search with the best so far."""
    found = _newest(desk, day, run)
    try:
        actions.stop(by=desk.actor, run=found.run)
    except RefusedError as error:  # it has ended in this moment: its answer is there
        messages.info(request, " ".join(phrases.text(each) for each in error.problems))
    return _back(request, desk, day)


@require_POST
@at_desk(Permission.PLAN)
def take(request: HttpRequest, desk: Desk, day: str, run: UUID) -> HttpResponseBase:
    """Write the order that was found on the books; everybody stays in the promised window."""
    found = _newest(desk, day, run)
    try:
        moved = actions.apply_day(by=desk.actor, run=found.run, version=found.version)
    except SaparError as error:
        note_mentioned(desk, error.problems, PAGE)
        said = [f"{phrases.text(p)} {phrases.remedy(p)}" for p in error.problems]
        messages.error(request, " ".join(dict.fromkeys(said)))
    else:
        text = ngettext(
            "The order is taken: {count} fraction begins at another minute.",
            "The order is taken: {count} fractions begin at other minutes.",
            moved,
        )
        messages.success(request, text.format(count=formats.number(moved)))
    return redirect("proton:day_of", day)
