"""What cases erase when a person is erased: who it was and every free word; the counts stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case, SentReferral
from sapar.kernel.actions import note
from sapar.kernel.documents.actions import erase_all

if TYPE_CHECKING:
    from uuid import UUID


def erase_person(person: UUID) -> None:
    """Erase a person's cases down to what is counted, inside the running `people.erase`.

    Programme, urgency, diagnosis code and the history of states stay. The facts, the thread, the
    words beside decisions and reasons, the sender's identifiers and all documents go.
    """
    for case in Case.objects.select_for_update().filter(person_id=person):
        said = facts_json.from_json(case.facts)
        kept = ReferralFacts(programme=said.programme, urgency=said.urgency, icd10=said.icd10)
        case.facts = facts_json.to_json(kept)
        case.language = ""
        case.save()
        case.messages.update(body="")
        case.decisions.update(text="")
        case.tasks.update(reason_text="")
        case.broken_glass.update(reason="")
        SentReferral.objects.filter(case=case).delete()
        documents = erase_all(("case", case.pk))
        note(root=("case", case.pk), what={"erased": True, "documents": documents})
