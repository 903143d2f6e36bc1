"""Who pays: the agreements and quotas that reach a patient, the best first.

A rule table read from dated data. A quota is its figure less the accepted cases that count
against it. Nothing here decides for people: every option says why it stands where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sapar.values.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.network.engine.snapshot import Agreement, Quota, Snapshot
    from sapar.values.marks import Source

ORDER = ("intergovernmental", "state-quota", "insurance", "charity", "self-pay")
"""Routes from the one that costs the family least to the one that costs it most."""


class RouteState(StrEnum):
    """What can be said of a route."""

    OPEN = "open"
    QUOTA_FULL = "quota-full"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class PayerOption:
    """One way to pay.

    Attributes:
        route: one of ORDER.
        state: whether it can be used now.
        agreement: code, or "" for self-pay without an agreement.
        payer: organisation code, or "" where the family pays.
        quota: code of the quota that counts, or "" where none limits the agreement.
        places_left: of that quota, never negative; None without a quota.
        approval_days: working days to a decision; None if not known, 0 for self-pay.
        covers: the parts that are paid.
        source: of the agreement, or of the quota where that is the weaker datum.
        valid_to: last day of the agreement; None is open.
    """

    route: str
    state: RouteState
    agreement: str = ""
    payer: str = ""
    quota: str = ""
    places_left: int | None = None
    approval_days: int | None = None
    covers: frozenset[str] = frozenset()
    source: Source | None = None
    valid_to: date | None = None


_STRENGTH = {Mark.VERIFIED: 2, Mark.DEMONSTRATION: 1, Mark.UNVERIFIED: 0}


def _weaker(first: Source, second: Source) -> Source:
    return second if _STRENGTH[second.mark] < _STRENGTH[first.mark] else first


def quota_for(agreement: Agreement, programme: str, day: date) -> Quota | None:
    """The quota that counts for a programme on a day: its own before that for any programme."""
    valid = [q for q in agreement.quotas if q.valid_on(day) and q.programme in ("", programme)]
    return max(valid, key=lambda q: (q.programme == programme, q.code), default=None)


def _option(
    agreement: Agreement, programme: str, snapshot: Snapshot, used: Mapping[str, int]
) -> PayerOption:
    quota = quota_for(agreement, programme, snapshot.day)
    source = agreement.source if quota is None else _weaker(agreement.source, quota.source)
    left = None if quota is None else max(0, quota.places - used.get(quota.code, 0))
    if not source.mark.decides(demonstration=snapshot.demonstration):
        state = RouteState.UNVERIFIED
    elif left == 0:
        state = RouteState.QUOTA_FULL
    else:
        state = RouteState.OPEN
    return PayerOption(
        route=agreement.route,
        state=state,
        agreement=agreement.code,
        payer=agreement.payer,
        quota=quota.code if quota else "",
        places_left=left,
        approval_days=agreement.approval_days,
        covers=agreement.covers,
        source=source,
        valid_to=agreement.valid_to,
    )


def payer_options(
    snapshot: Snapshot,
    *,
    patient_country: str,
    centre_country: str,
    programme: str,
    quota_used: Mapping[str, int],
    wish: str = "",
) -> tuple[PayerOption, ...]:
    """All ways to pay for a patient, the best first; self-pay is always the last resort.

    Args:
        snapshot: the network on the day asked about.
        patient_country: residence, or citizenship where residence is not known; ISO code or "".
        centre_country: ISO code.
        programme: code.
        quota_used: quota code to cases already accepted against it.
        wish: "self-pay" puts self-pay first, as the family asked.

    Returns:
        At least one option. Open ones stand before full ones, those before unverified ones.
    """
    options = [
        _option(agreement, programme, snapshot, quota_used)
        for agreement in snapshot.agreements
        if agreement.valid_on(snapshot.day)
        and agreement.patient_country == patient_country
        and agreement.centre_country == centre_country
        and (not agreement.programmes or programme in agreement.programmes)
    ]
    options.append(PayerOption(route="self-pay", state=RouteState.OPEN, approval_days=0))
    rank = {RouteState.OPEN: 0, RouteState.QUOTA_FULL: 2, RouteState.UNVERIFIED: 3}

    def key(option: PayerOption) -> tuple[int, int, int, str]:
        last_resort = option.route == "self-pay" and not option.agreement
        place = 1 if last_resort and wish != "self-pay" else rank[option.state]
        wished = 0 if wish and option.route == wish else 1
        return (place, wished, ORDER.index(option.route), option.agreement)

    return tuple(sorted(options, key=key))
