"""Records: written in actions only; versions refuse a stale write; every field says what it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from sapar.kernel import context
from sapar.kernel.accounts.models import Organisation, User
from sapar.kernel.errors import NotFoundError, StaleVersionError
from sapar.kernel.records import Record, WroteOutsideActionError, new_id
from tests import cast

KINDS = {"id", "operational", "personal", "clinical", "secret"}
OWN = {"id", "created_at", "version"}
RECORDS = sorted(
    [m for m in apps.get_models() if issubclass(m, Record)] + [User],
    key=lambda model: model._meta.label,
)


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label)
def test_every_field_of_every_record_says_what_kind_of_data_it_holds(model: type[Record]) -> None:
    declared = getattr(model, "privacy", {})
    fields = {f.name for f in model._meta.get_fields() if not f.auto_created} - OWN
    assert set(declared) - OWN == fields
    assert set(declared.values()) <= KINDS


@pytest.mark.django_db
def test_records_refuse_every_write_outside_an_action() -> None:
    osh = cast.organisation("osh-regional-hospital")
    rows = Organisation.objects.all()
    for write in (
        osh.save,
        osh.delete,
        rows.delete,
        lambda: rows.update(country="KZ"),
        lambda: rows.bulk_create([Organisation(code="x", kind="hospital", country="KG")]),
        lambda: rows.bulk_update([osh], ["country"]),
        lambda: Organisation.objects.create(code="y", kind="hospital", country="KG"),
    ):
        with pytest.raises(WroteOutsideActionError):
            write()
    assert rows.get().country == "KG"


@pytest.mark.django_db
def test_an_update_raises_the_version_and_a_stale_one_is_refused() -> None:
    osh = cast.organisation("osh-regional-hospital")
    with context.writing_as("fixture"):
        osh.city = {"en": "Osh"}
        osh.save(update_fields=["city"])
    osh.refresh_from_db()
    assert osh.version == 2
    assert Organisation.objects.claim(osh.pk, 2) == osh
    with pytest.raises(StaleVersionError):
        Organisation.objects.claim(osh.pk, 1)
    with pytest.raises(NotFoundError):
        Organisation.objects.claim(new_id())


def test_who_may_write_outside_actions_is_a_list() -> None:
    with pytest.raises(KeyError, match="somebody"), context.writing_as("somebody"):
        pass


def test_ids_grow_with_time_and_are_version_7() -> None:
    ids = [new_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert {i.version for i in ids} == {7}
    stamps = [i.int >> 80 for i in ids]
    assert stamps == sorted(stamps)


def test_ids_of_one_process_sort_in_the_order_they_were_made_even_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {i.version for i in ids} == {7}


def test_the_page_of_what_is_kept_is_what_the_records_say() -> None:
    root = Path(__file__).parents[2]
    spec = importlib.util.spec_from_file_location("reference", root / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (root / "docs" / "reference" / "kept.md").read_text(encoding="utf-8")
    assert page == module.kept_page(), (
        "run: SAPAR_MODE=test python scripts/reference.py kept > docs/reference/kept.md"
    )
