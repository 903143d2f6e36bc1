"""A case with something in each of its parts, for the tests of its pages."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

from sapar.answer import actions as answers
from sapar.cases import actions
from sapar.cases.engine.referral import ClinicalItem
from sapar.kernel.documents.actions import receive
from sapar.people import actions as people
from sapar.people.engine.facts import NameFact
from tests import cast
from tests.factories import make_case, make_person, walk

if TYPE_CHECKING:
    from sapar.cases.models import Case

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LONG = NameFact("Абдыкалыкова-Жээнбекова", "Мээримгүл", "Нурланбековна", "Cyrl", "official")


def a_full_case(state: str = "in-panel") -> Case:
    """A referral of Osh with a long name: answered, discussed, with a document."""
    case = make_case(
        state="received",
        person=make_person(names=(LONG,)),
        diagnosis_text="Медуллобластома, операциядан кийин",
        question="Краниоспинальное облучение протонами под анестезией?",
        surgery_on=date(2026, 11, 1),
        needs=frozenset({"craniospinal", "paediatric-anaesthesia"}),
        companions=1,
        items=(ClinicalItem("procedures", "Resection", when="2026-11-01"),),
    )
    saule, aigul = cast.actor("saule"), cast.actor("aigul")
    receive(by=aigul, root=("case", case.pk), kind="mri", title="mri.pdf", file=io.BytesIO(PDF))
    actions.send_message(by=aigul, case=case.pk, body="Энеси барат, паспорту бар.")
    answers.give(by=saule, case=case.pk)
    return walk(case, state)


def mother_of(case: Case) -> None:
    """Let the cast's mother speak for the patient of the case."""
    user = cast.user("aizada_mother")
    people.give_access(
        by=cast.actor("aigul"), person=case.person_id, user=user.pk, relation="guardian"
    )
