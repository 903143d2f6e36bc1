"""Erasing a person leaves no word of them in any table or file, and a whole audit trail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import translation

from sapar.answer import actions as answer
from sapar.cases import actions as cases
from sapar.cases.models import Case
from sapar.kernel.audit import chain
from sapar.network.demonstration import load
from sapar.people import actions as people
from tests import cast

SAMPLE = Path(__file__).parents[1] / "samples" / "transaction-aizada.json"
WORDS = ("Айзада", "Aizada", "Гүлнара", "мозжечка", "под наркозом", "Письменное согласие")


def everything_stored() -> str:
    """Every value of every table, and the content of every stored file, as one text."""
    rows = [
        json.dumps(list(model._base_manager.values()), default=str, ensure_ascii=False)
        for model in apps.get_models()
    ]
    files = [
        path.read_bytes().decode("utf-8", "replace")
        for path in Path(settings.MEDIA_ROOT).rglob("*")
        if path.is_file()
    ]
    return "\n".join([*rows, *files])


@pytest.mark.django_db(transaction=True)
def test_no_word_of_an_erased_person_is_left_anywhere(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    load(lambda _done, _total: None)
    aigul = cast.actor("aigul")
    with translation.override("en"):
        taken = answer.take(by=aigul, content=SAMPLE.read_bytes(), name="aizada.json")
        person = people.register(by=aigul, facts=taken.reading.facts.person).person_id
        case = Case.objects.get(pk=taken.kept.case)
        cases.save_draft(
            by=aigul, case=case.pk, version=case.version, facts=taken.reading.facts, person=person
        )
        answer.give(by=aigul, case=case.pk)
    cases.send_message(by=aigul, case=case.pk, body="Aizada is doing well.")
    before = everything_stored()
    assert any(word in before for word in WORDS)
    people.erase(by=cast.actor("madina"), person=person, reason="The guardian asked for it.")
    left = everything_stored()
    found = [word for word in WORDS if word in left]
    assert found == []
    assert not chain.verify().breaks
    case.refresh_from_db()
    assert case.icd10 == "C71.6"
