"""The site's word for its structures: kept once, proposed ever after, and the page that asks."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse

from sapar.kernel import context
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError
from sapar.proton.actions.structure_names import confirm_names
from sapar.proton.adapters import volumes
from sapar.proton.engine.selection.plan import Contour, DoseGrid, Grid, Structure, Study
from sapar.proton.models import StructureName
from sapar.proton.models import Study as StudyRow
from sapar.proton.queries.structure_names import names_of
from sapar.proton.queries.studies import folder_of
from tests import cast
from tests.proton.selection.intake import a_case

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
SENT = ("Parotid_L", "Prtd rechts", "Heart", "Ring 2", "Esophagsu")


def a_study(case: Case, sent: tuple[str, ...] = SENT) -> UUID:
    """A study that is read, with structures of these names."""
    with context.writing_as("fixture"):
        row = StudyRow(
            case=case, state=StudyRow.State.READY, source=StudyRow.Source.UPLOAD,
            number=StudyRow.objects.filter(case=case).count() + 1,
        )  # fmt: skip
        row.save()
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    found = tuple(
        Structure(i, name, (Contour(0.0, square),), "ORGAN") for i, name in enumerate(sent, 1)
    )
    grid = Grid(np.arange(3.0), np.arange(4.0), np.arange(2.0))
    dose = DoseGrid(grid, np.ones((2, 4, 3), np.float32))
    volumes.keep(Study(None, found, (dose,)), folder_of(row.pk))
    return row.pk


def test_what_a_person_confirmed_is_proposed_in_the_next_study_of_the_site() -> None:
    first = a_study(a_case())
    before = names_of(first)
    assert (before.open, before.new) == (1, 5)
    assert before.confirmed == {}
    assert before.proposed == {
        "Parotid_L": "Parotid_L", "Heart": "Heart", "Esophagsu": "Esophagus"
    }  # fmt: skip
    said = {**before.proposed, "Prtd rechts": "Parotid_R", "Ring 2": "-"}
    assert confirm_names(by=cast.actor("askhat"), study=first, names=said) == 5
    assert confirm_names(by=cast.actor("askhat"), study=first, names=said) == 0
    after = names_of(a_study(a_case()))
    assert (after.open, after.new) == (0, 0)
    assert after.confirmed == {sent: name for sent, name in said.items() if name != "-"}
    elsewhere = names_of(a_study(a_case(by="bakyt")))
    assert (elsewhere.open, elsewhere.new) == (1, 5)


def test_a_later_word_replaces_the_earlier_and_both_stay() -> None:
    study = a_study(a_case())
    confirm_names(by=cast.actor("askhat"), study=study, names={"Heart": "Heart"})
    confirm_names(by=cast.actor("marat"), study=study, names={"Heart": "Pericardium"})
    rows = StructureName.objects.order_by("created_at")
    assert [(r.name, r.replaced_at is None) for r in rows] == [
        ("Heart", False), ("Pericardium", True)
    ]  # fmt: skip
    assert rows[1].confirmed_by == cast.actor("marat").user_id
    assert names_of(study).confirmed == {"Heart": "Pericardium"}


def test_a_name_that_is_not_kept_cannot_be_guessed_from_what_finds_it() -> None:
    study = a_study(a_case())
    confirm_names(by=cast.actor("askhat"), study=study, names={"Ring 2": "-"})
    row = StructureName.objects.get()
    assert row.sent == ""
    assert row.key != hashlib.sha256(b"Ring 2").hexdigest()
    with override_settings(SECRET_KEY=f"{settings.SECRET_KEY}, another"):
        assert names_of(study).new == len(SENT)
    assert names_of(study).new == len(SENT) - 1


def test_unknown_names_and_one_name_for_two_are_refused_whole() -> None:
    study = a_study(a_case())
    wrong = {"Heart": "Hart", "Parotid_L": "Lung_L", "Esophagsu": "Lung_L", "nobody": "Heart"}
    with pytest.raises(InvalidInputError) as refused:
        confirm_names(by=cast.actor("askhat"), study=study, names=wrong)
    assert {(p.code.rpartition(".")[2], p.where) for p in refused.value.problems} == {
        ("name_unknown", "Heart"), ("name_conflict", "Esophagsu"), ("name_not_sent", "nobody"),
    }  # fmt: skip
    assert not StructureName.objects.exists()


def test_targets_and_margins_may_be_said() -> None:
    study = a_study(a_case(), ("Boost", "cord plus"))
    confirm_names(
        by=cast.actor("askhat"), study=study,
        names={"Boost": "PTV_70Gy", "cord plus": "SpinalCord_PRV05"},
    )  # fmt: skip
    assert names_of(study).confirmed == {"Boost": "PTV_70Gy", "cord plus": "SpinalCord_PRV05"}


def test_who_may_say_it() -> None:
    study = a_study(a_case())
    for name in ("aigul", "saule", "dinara", "yerlan", "dilnoza"):
        with pytest.raises(NotAllowedError):
            confirm_names(by=cast.actor(name), study=study, names={"Heart": "Heart"})


def test_a_study_that_is_not_read_has_no_names() -> None:
    case = a_case()
    with context.writing_as("fixture"):
        row = StudyRow(case=case, state="checking", source="upload", number=1)
        row.save()
    with pytest.raises(NotFoundError):
        names_of(row.pk)


def test_a_patients_name_in_a_structures_name_is_not_kept() -> None:
    case = a_case()
    from sapar.people import queries as people

    assert case.person_id is not None
    family = people.people([case.person_id])[case.person_id].names[0].family
    sent = (f"{family} heart", "Heart 2", "Ring")
    study = a_study(case, sent)
    confirm_names(
        by=cast.actor("askhat"), study=study,
        names={sent[0]: "Heart", "Heart 2": "Pericardium", "Ring": "-"},
    )  # fmt: skip
    assert sorted(StructureName.objects.values_list("sent", flat=True)) == ["", "", "Heart 2"]
    assert names_of(study).confirmed == {sent[0]: "Heart", "Heart 2": "Pericardium"}
    assert family not in str(list(AuditEvent.objects.values_list("what", flat=True)))


def test_the_page_asks_what_is_open_first_and_keeps_what_is_said() -> None:
    study = a_study(a_case())
    client = cast.client("askhat")
    address = reverse("proton:names", args=[study])
    page = client.get(address).content.decode()
    assert "1 structure must be named" in page or "структур" in page or "құрылым" in page
    rows = re.findall(r'<th scope="row"><bdi>([^<]*)</bdi>', page)
    assert rows[0] == "Prtd rechts"
    assert sorted(rows) == sorted(SENT)
    form = {f"sent-{i}": sent for i, sent in enumerate(SENT)}
    form |= {"take-0": "Parotid_L", "take-1": "", "other-1": "Parotid_R", "take-2": "Heart"}
    form |= {"take-3": "-", "take-4": "Esophagus"}
    answer = client.post(address, form)
    assert answer.status_code == 302
    assert names_of(study).open == 0
    assert names_of(study).new == 0


def test_a_mistake_stays_on_the_page_beside_its_row() -> None:
    study = a_study(a_case())
    address = reverse("proton:names", args=[study])
    form = {"sent-0": "Heart", "take-0": "", "other-0": "Hart"}
    answer = cast.client("marat").post(address, form)
    assert answer.status_code == 422
    assert "Hart" in answer.content.decode()
    assert 'href="#take-2"' in answer.content.decode()


def test_the_referrer_reads_the_page_and_others_do_not() -> None:
    study = a_study(a_case())
    address = reverse("proton:names", args=[study])
    page = cast.client("aigul").get(address)
    assert page.status_code == 200
    assert b'name="take-0"' not in page.content
    assert cast.client("aigul").post(address, {}).status_code == 403
    assert cast.client("dilnoza").get(address).status_code == 404
