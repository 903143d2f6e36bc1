"""What a published decision does to the indication list that the answer of a referral uses.

The network's entry takes the decision as its source, with the link to it; so the answer's line
shows the decision without knowing this room. The entry's former versions stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.hta.gates import mark_of
from sapar.kernel.actors import Actor
from sapar.kernel.errors import RefusedError
from sapar.network import actions as network
from sapar.network.models import Entry
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.models import Decision

MACHINE = Actor.machine("hta")
"""A decision binds the list by itself: the entries belong to centres, whose people may not."""
FUNDED = {"recommended": True, "conditions": True, "research": None, "not-recommended": False}
"""By verdict: whether public money pays; None where that is not decided."""


def address(decision: Decision) -> str:
    """Where the decision stands in the public register."""
    return f"/hta/decisions/{decision.number}/"


def source_of(decision: Decision, model: AnyModel) -> dict[str, Any]:
    """The decision as the source of an entry, with its link and the weakest mark of its inputs."""
    return {
        "title": f"{decision.number}: {decision.topic.title}"[:300],
        "dated": decision.decided_on.isoformat(),
        "mark": mark_of(model),
        "url": address(decision),
        "who_can_tell": "",
    }


def feed(decision: Decision, model: AnyModel) -> int:
    """Write a decision into the indications that it names. Returns how many.

    Raises:
        RefusedError: the network has no indication of a code.
    """
    found = Entry.objects.filter(
        kind="indications", code__in=decision.indications, removed=False
    ).order_by("code")
    rows = {each.code: each for each in found}
    missing = [each for each in decision.indications if each not in rows]
    if missing:
        raise RefusedError(
            Problem.of("hta.gate.no_indication", where="indications", value=", ".join(missing))
        )
    for entry in rows.values():
        data = {
            **entry.data,
            "funded": FUNDED[decision.verdict],
            "source": source_of(decision, model),
        }
        network.change_entry(
            by=MACHINE, entry=entry.pk, version=entry.version, data=data,
            comment=f"decision {decision.number}",
        )  # fmt: skip
    return len(rows)
