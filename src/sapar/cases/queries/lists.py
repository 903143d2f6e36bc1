"""The lists of each role, as data: whose rail they stand in and which cases are on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_OPEN = Q(whole__in=["open", "cancel-requested"])
_ACCEPTED = _OPEN & Q(review="accepted")
_AT_HOME = Q(journey="not-started")
_ENDED_OTHERWISE = Q(review__in=["declined", "advice-given", "referred-onward", "lapsed"]) | Q(
    whole__in=["cancelled", "died", "entered-in-error"]
)
OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Worklist:
    """A list in the left rail.

    Attributes:
        code: in the address.
        roles: whose rail it stands in.
        where: which of the visible cases are on it; "overdue" adds the present moment.
        order: the default order: "priority" or "newest".
    """

    code: str
    label: str | _StrPromise
    roles: frozenset[Role]
    where: Q
    order: str = "priority"


def _list(
    code: str, label: _StrPromise, where: Q, *roles: Role, order: str = "priority"
) -> Worklist:
    return Worklist(code, label, frozenset(roles), where, order)


_R = Role
WORKLISTS: tuple[Worklist, ...] = (
    _list("drafts", _("Drafts"), _OPEN & Q(review="draft"), _R.REFERRER, order="newest"),
    _list(
        "sent",
        _("Sent, waiting"),
        _OPEN & Q(review__in=["submitted", "received", "in-triage", "in-panel"]),
        _R.REFERRER,
    ),
    _list("new", _("New"), _OPEN & Q(review="submitted"), _R.COORDINATOR),
    _list(
        "triage",
        _("In triage"),
        _OPEN & Q(review__in=["received", "in-triage"]),
        _R.COORDINATOR,
        _R.CLINICIAN,
    ),
    _list(
        "panel",
        _("Before the panel"),
        _OPEN & Q(review="in-panel"),
        _R.CLINICIAN,
        _R.COORDINATOR,
    ),
    _list(
        "information",
        _("Information requested"),
        _OPEN & Q(review="info-requested"),
        _R.REFERRER,
        _R.COORDINATOR,
    ),
    _list("accepted", _("Accepted, at home"), _ACCEPTED & _AT_HOME, _R.REFERRER),
    _list(
        "no-funding",
        _("Accepted, no funding"),
        _ACCEPTED & _AT_HOME & ~Q(funding="approved"),
        _R.COORDINATOR,
    ),
    _list(
        "no-place",
        _("Accepted, no place"),
        _ACCEPTED & _AT_HOME & ~Q(booking="confirmed"),
        _R.COORDINATOR,
        _R.SCHEDULER,
    ),
    _list("payment", _("Payment to decide"), _OPEN & Q(funding="pending"), _R.FUNDING_OFFICER),
    _list(
        "paid",
        _("Payment approved"),
        _OPEN & Q(funding="approved") & ~Q(journey="loop-closed"),
        _R.FUNDING_OFFICER,
    ),
    _list(
        "visa-open",
        _("Visa to settle"),
        _ACCEPTED & _AT_HOME & Q(visa__in=["not-started", "refused", "expired"]),
        _R.TRAVEL_DESK,
    ),
    _list("visa-pending", _("Visa applied for"), _OPEN & Q(visa="pending"), _R.TRAVEL_DESK),
    _list(
        "arriving",
        _("Arriving"),
        _OPEN & Q(booking="confirmed", journey__in=["not-started", "travelling", "arrived"]),
        _R.COORDINATOR,
        _R.TRAVEL_DESK,
        _R.CLINICIAN,
    ),
    _list(
        "treatment",
        _("In treatment"),
        _OPEN & Q(journey__in=["travelling", "arrived", "admitted", "in-treatment", "interrupted"])
        | _OPEN & Q(journey__in=["treated", "in-rehab"]),
        _R.REFERRER,
        _R.COORDINATOR,
        _R.CLINICIAN,
    ),
    _list("rehab", _("In rehabilitation"), _OPEN & Q(journey="in-rehab"), _R.SANATORIUM),
    _list(
        "to-acknowledge",
        _("Summary to acknowledge"),
        _OPEN & Q(journey="discharged"),
        _R.REFERRER,
    ),
    _list(
        "discharged",
        _("Discharged, not acknowledged"),
        _OPEN & Q(journey="discharged"),
        _R.COORDINATOR,
        _R.SANATORIUM,
    ),
    _list(
        "cancel-requested",
        _("Cancellation asked"),
        Q(whole="cancel-requested"),
        _R.COORDINATOR,
    ),
    _list(OVERDUE, _("Overdue"), _OPEN, _R.COORDINATOR, _R.REFERRER, _R.FUNDING_OFFICER),
    _list("mine", _("My cases"), Q(), _R.PATIENT, order="newest"),
    _list(
        "ended",
        _("Declined or cancelled"),
        _ENDED_OTHERWISE,
        _R.REFERRER,
        _R.COORDINATOR,
        order="newest",
    ),
    _list(
        "closed",
        _("Home again"),
        Q(journey="loop-closed"),
        _R.REFERRER,
        _R.COORDINATOR,
        order="newest",
    ),
)
"""All lists, in the order of the rail."""
