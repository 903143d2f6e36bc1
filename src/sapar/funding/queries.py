"""What others read of funding: how much of each quota is used."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from sapar.cases.models import Case

if TYPE_CHECKING:
    from sapar.network.engine.snapshot import Agreement, Quota, Snapshot

NOT_COUNTED = ("refused", "released")
"""Funding states that give a quota place back."""

STOPPED = ("cancelled", "died", "entered-in-error")


def _counted() -> Q:
    """Cases that stand against a quota: accepted, not stopped, with a payer that did not refuse."""
    return (
        Q(review="accepted")
        & ~Q(whole__in=STOPPED)
        & ~Q(funding__in=NOT_COUNTED)
        & Q(payer__isnull=False)
    )


def quota_used(snapshot: Snapshot) -> dict[str, int]:
    """For each quota of the snapshot the accepted cases of its period.

    A quota is a dated figure less accepted cases until its ledger comes. A case counts for the
    agreement of its payer and of the country it was referred from, in the period in which it was
    accepted; a quota for one programme counts only that programme.
    """
    used: dict[str, int] = {}
    counts: dict[tuple[date, date], list[tuple[str, str, str, int]]] = {}
    for agreement in snapshot.agreements:
        for quota in agreement.quotas:
            period = (quota.valid_from or date.min, quota.valid_to or date.max)
            if period not in counts:
                counts[period] = _accepted(*period)
            used[quota.code] = _matching(agreement, quota, counts[period])
    return used


def _accepted(first: date, last: date) -> list[tuple[str, str, str, int]]:
    rows = (
        Case.objects.filter(_counted())
        .filter(review_since__date__gte=first, review_since__date__lte=last)
        .values_list("payer__code", "referring_organisation__country", "programme")
        .annotate(count=Count("pk"))
    )
    return [(payer, country, programme, count) for payer, country, programme, count in rows]


def _matching(agreement: Agreement, quota: Quota, rows: list[tuple[str, str, str, int]]) -> int:
    own = {q.programme for q in agreement.quotas if q.programme}
    return sum(
        count
        for payer, country, programme, count in rows
        if payer == agreement.payer
        and country == agreement.patient_country
        and (programme == quota.programme or (not quota.programme and programme not in own))
    )


def accepted_this_year(day: date) -> dict[str, int]:
    """Programme code to the cases accepted in the calendar year of a day."""
    rows = (
        Case.objects.filter(review="accepted", review_since__date__gte=date(day.year, 1, 1))
        .exclude(whole__in=STOPPED)
        .values_list("programme")
        .annotate(count=Count("pk"))
    )
    return dict(rows)
