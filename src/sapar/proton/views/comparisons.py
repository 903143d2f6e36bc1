"""The work list of the comparison: the cases that have a planning study, what waits first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.audit import chain
from sapar.proton.models import PanelOpinion
from sapar.proton.policy import Permission
from sapar.proton.queries import people
from sapar.proton.queries.comparisons import Compared, compared
from sapar.proton.views.desk import rail
from sapar.proton.views.selection_shown import AGREEMENTS, MEANINGS, verdict_words

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

STATES: dict[str, tuple[str, Any]] = {
    "to-compare": ("act", _("Not compared yet")),
    "running": ("waiting", _("It is being compared.")),
    "failed": ("act", _("The comparison could not be worked out.")),
    "receiving": ("waiting", _("A planning study is being read.")),
    "checking": ("waiting", _("A planning study is being read.")),
    "refused": ("stopped", _("The planning study cannot be used.")),
}


@require_safe
@signed_in
def comparisons(request: HttpRequest) -> HttpResponse:
    """The list; the names shown are noted as read."""
    actor = actor_of(request)
    policy.require(actor, Permission.SEE_SELECTION)
    found = compared(actor)
    known = people.known(actor, [each.case for each in found])
    chain.note_reads(by=actor, roots=people.roots(known.values()), page="comparisons")
    wanted = {each.referrer for each in found}
    senders = {row.pk: row.name for row in Organisation.objects.filter(pk__in=wanted)}
    page = {
        "lists": rail(actor, "proton:comparisons") if policy.can(actor, Permission.VIEW) else [],
        "rows": [_row(each, known.get(each.case), senders) for each in found],
    }
    return render(request, "proton/comparisons.html", page)


def _row(each: Compared, who: people.Who | None, senders: dict[UUID, str]) -> dict[str, Any]:
    meaning, words = STATES.get(each.state, ("", ""))
    if each.verdict:
        meaning, words = MEANINGS.get(each.verdict, "waiting"), verdict_words(each.verdict)
    return {
        "line": each,
        "href": reverse("proton:selection", args=[each.case]),
        "name": who.name if who is not None else "",
        "sender": senders.get(each.referrer, ""),
        "meaning": meaning,
        "state": words,
        "chosen": dict(PanelOpinion.Chosen.choices).get(each.chosen, ""),
        "panel": dict(PanelOpinion.Agreement.choices).get(each.agreement, ""),
        "panel_meaning": AGREEMENTS.get(each.agreement, ""),
    }
