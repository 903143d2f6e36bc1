"""`sapar network load`: whole or not at all, the difference shown, edits never overwritten."""

from __future__ import annotations

import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actors import Actor
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.kernel.languages import phrases
from sapar.network import actions, demonstration
from sapar.network.adapters import files
from sapar.network.cli import network
from sapar.network.models import Entry, EntryVersion
from sapar.network.queries import fingerprint_of, snapshot, working_calendar
from sapar.values.plain import from_plain, to_plain

DATA = Path(__file__).resolve().parents[2] / "data" / "network"
DAY = date(2026, 11, 23)
LOADER = Actor.machine("loader")


@cache
def parsed(text):
    return YAML().load(text)


class Parser:
    """Parses each text once: in a spoiled folder all files but one are as they were."""

    @staticmethod
    def load(text):
        return parsed(text)


@pytest.fixture(autouse=True)
def parser(monkeypatch):
    monkeypatch.setattr(files, "YAML", Parser)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped files, to be spoiled."""
    return Path(shutil.copytree(DATA, tmp_path / "network"))


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return 1 + text[: text.index(old)].count("\n")


BAD = [
    ("unknown_key", "visa_routes.yaml", "    max_days: 30", "    maximum_days: 30", "maximum_days"),
    ("missing_field", "programmes.yaml", "    centre: proton-astana\n", "", "centre"),
    ("wrong_type", "equipment.yaml", "count: 3", "count: three", "three"),
    ("too_small", "equipment.yaml", "count: 3", "count: -3", "-3"),
    ("bad_date", "tariffs.yaml", "2025-01-01", "first of January", "first of January"),
    (
        "date_order",
        "accreditations.yaml",
        "valid_to: 2027-12-31",
        "valid_to: 2024-12-31",
        "2024-12-31",
    ),
    (
        "unknown_code",
        "programmes.yaml",
        "centre: proton-astana",
        "centre: proton-osh",
        "proton-osh",
    ),
    (
        "duplicate_code",
        "equipment.yaml",
        "code: planning-ct",
        "code: proton-gantry",
        "proton-gantry",
    ),
    ("missing_language", "programmes.yaml", "ky: Протондук терапия, ", "", "ky"),
    ("bad_icd10", "indications-protons.yaml", "[C71.6]", "[C7.16]", "C7.16"),
    ("bad_country", "visa_routes.yaml", "citizenship: KG", "citizenship: XQ", "XQ"),
    ("bad_currency", "tariffs.yaml", "currency: KZT", "currency: TENGE", "TENGE"),
    (
        "bad_zone",
        "countries.yaml",
        "time_zone: Asia/Almaty",
        "time_zone: Asia/Astana",
        "Asia/Astana",
    ),
    ("bad_code", "facts.yaml", "code: digital-visa-states", "code: Digital Visa", "Digital Visa"),
    ("not_in_list", "visa_routes.yaml", "kind: visa-free", "kind: free", "free"),
    ("overlap", "visa_routes.yaml", "citizenship: TJ", "citizenship: UZ", "tj-kz-visa-free"),
    ("unknown_kind", "facts.yaml", "\nfacts:", "\nfigures:", "figures"),
    ("not_yaml", "facts.yaml", "\nfacts:", "\nfacts: [", ""),
]


@pytest.mark.django_db
@pytest.mark.parametrize("bad", BAD, ids=[b[0] for b in BAD])
def test_a_bad_file_is_refused_whole_naming_file_line_value_and_remedy(folder, bad):
    code, file, old, new, value = bad
    spoil(folder, file, old, new)

    with pytest.raises(InvalidInputError) as refused:
        actions.plan(folder)

    found = [p for p in refused.value.problems if p.code == f"network.{code}"]
    assert found, [p.code for p in refused.value.problems]
    problem = next((p for p in found if value in p.value), None)
    assert problem is not None
    assert problem.where.startswith(f"{file}:")
    assert phrases.text(problem)
    assert phrases.remedy(problem)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_line_named_is_the_line_of_the_value(folder):
    line = spoil(folder, "equipment.yaml", "count: 3", "count: three")

    with pytest.raises(InvalidInputError) as refused:
        actions.plan(folder)

    assert [p.where for p in refused.value.problems] == [f"equipment.yaml:{line} count"]


@pytest.mark.django_db
def test_all_errors_of_all_files_are_named_at_once(folder):
    spoil(folder, "equipment.yaml", "count: 3", "count: three")
    spoil(folder, "visa_routes.yaml", "citizenship: KG", "citizenship: XQ")

    with pytest.raises(InvalidInputError) as refused:
        actions.plan(folder)

    assert {p.code for p in refused.value.problems} == {
        "network.wrong_type",
        "network.bad_country",
    }


@pytest.mark.django_db
def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(InvalidInputError) as refused:
        actions.plan(tmp_path)

    assert refused.value.problems[0].code == "network.no_files"


@pytest.mark.django_db
def test_the_shipped_files_load_in_one_audited_action_and_a_second_load_finds_no_difference():
    actions.load(by=LOADER, plan=actions.plan(DATA))

    assert AuditEvent.objects.filter(action="network.load").count() == 1
    assert EntryVersion.objects.count() == Entry.objects.count() > 150
    assert Organisation.objects.get(code="proton-astana").country == "KZ"
    assert actions.plan(DATA).changes == ()
    demonstration.load()
    assert AuditEvent.objects.filter(action="network.load").count() == 1


@pytest.mark.django_db
def test_every_entry_but_those_of_countries_without_a_ministry_has_an_owner(loaded):

    without = set(Entry.objects.filter(owner=None).values_list("kind", "code"))

    assert without == {("countries", "uz"), ("countries", "tj")}


@pytest.mark.django_db
def test_the_difference_names_added_changed_and_removed_entries_field_by_field(folder, loaded):
    spoil(folder, "equipment.yaml", "count: 3", "count: 4")
    spoil(folder, "equipment.yaml", "code: planning-ct", "code: second-planning-ct")

    changes = actions.plan(folder).changes

    told = {
        (c.sort.value, c.code): [(f.path, f.before, f.after) for f in c.fields] for c in changes
    }
    assert told["changed", "proton-gantry"] == [("count", "3", "4")]
    assert ("added", "second-planning-ct") in told
    assert ("removed", "planning-ct") in told


@pytest.fixture
def edited(loaded):
    """A gantry count that its owner has corrected in the application."""
    entry = Entry.objects.get(kind="equipment", code="proton-gantry")
    actions.change_entry(
        by=Actor.machine("demo"),
        entry=entry.pk,
        version=entry.version,
        data={**entry.data, "count": 2},
        comment="counted",
    )
    return entry


@pytest.mark.django_db
def test_an_edit_made_in_the_application_survives_a_load_of_unchanged_files(edited):
    demonstration.load()

    edited.refresh_from_db()
    assert edited.data["count"] == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("choice", "count"), [("theirs", 2), ("ours", 5)])
def test_a_conflict_is_refused_until_somebody_chooses(edited, folder, choice, count):
    spoil(folder, "equipment.yaml", "count: 3", "count: 5")
    plan = actions.plan(folder)
    with pytest.raises(RefusedError):
        actions.load(by=LOADER, plan=plan)

    actions.load(by=LOADER, plan=plan, conflicts=actions.Conflicts(choice))

    edited.refresh_from_db()
    assert edited.data["count"] == count
    assert not actions.plan(folder).writes


@pytest.mark.django_db
def test_the_command_shows_the_difference_and_a_dry_run_writes_nothing(folder):
    run = CliRunner()
    assert run.invoke(network, ["load", str(folder), "--dry-run"]).exit_code == 0
    assert not Entry.objects.exists()

    assert "Written." in run.invoke(network, ["load", str(folder), "--yes"]).output
    again = run.invoke(network, ["load", str(folder), "--yes"])
    assert "No difference" in again.output

    line = spoil(folder, "equipment.yaml", "count: 3", "count: three")
    bad = run.invoke(network, ["load", str(folder), "--yes"])
    assert bad.exit_code == 3
    assert f"equipment.yaml:{line} count" in bad.output


@pytest.mark.django_db
def test_two_snapshots_of_a_day_are_equal_and_a_change_changes_the_fingerprint(edited):
    first = snapshot(DAY)
    assert first == snapshot(DAY)
    assert first.fingerprint == fingerprint_of(first)
    assert from_plain(type(first), to_plain(first)) == first

    entry = Entry.objects.get(pk=edited.pk)
    actions.change_entry(
        by=Actor.machine("demo"),
        entry=entry.pk,
        version=entry.version,
        data={**entry.data, "count": 1},
        comment="",
    )

    assert snapshot(DAY).fingerprint != first.fingerprint


@pytest.mark.django_db
def test_a_snapshot_costs_two_queries_and_then_one(loaded, django_assert_num_queries):
    with django_assert_num_queries(2):
        snapshot(date(2026, 7, 1))
    with django_assert_num_queries(1):
        snapshot(date(2026, 7, 1))


@pytest.mark.django_db
def test_a_snapshot_shows_what_is_valid_on_its_day(loaded):

    assert {a.code for a in snapshot(date(2026, 6, 1)).accreditations} >= {
        "heart-surgery-demonstration"
    }
    assert "heart-surgery-demonstration" not in {
        a.code for a in snapshot(date(2028, 6, 1)).accreditations
    }


@pytest.mark.django_db
def test_the_demonstration_says_only_what_was_announced_as_verified(loaded):
    shown = snapshot(DAY)

    assert shown.facts["digital-visa-states"].value == "48"
    assert shown.facts["proton-patients-per-year"].source.mark.value == "verified"
    routes = {r.code: r for r in shown.visa_routes}
    assert routes["kg-kz-visa-free"].source.mark.value == "verified"
    assert routes["kg-kz-visa-free"].max_days is None
    undecided = (shown.agreements, shown.tariffs, tuple(shown.indications.values()))
    assert all(e.source.mark.value == "demonstration" for group in undecided for e in group)


@pytest.mark.django_db
def test_a_country_s_calendar_knows_its_holidays_and_hours(loaded):
    calendar = working_calendar(snapshot(DAY), "KZ")

    assert not calendar.is_working(date(2026, 12, 16))
    assert calendar.is_working(date(2026, 12, 15))
    assert calendar.zone == "Asia/Almaty"
    assert working_calendar(snapshot(DAY), "FR").zone == "UTC"
