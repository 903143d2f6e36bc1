"""The trail: append-only, chained, keyed; tampering is found and named."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from click.testing import CliRunner
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain, guard, queries
from sapar.kernel.audit.cli import audit
from sapar.kernel.audit.models import AuditEvent, AuditHead, AuditRead
from sapar.kernel.records import new_id
from tests import cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
BY = Actor.machine("test")


def write(root: UUID, rows: int = 3, **what: Any) -> list[AuditEvent]:
    return [
        chain.append(
            root_type="case",
            root_id=root,
            action="test.do",
            by=BY,
            about=("case", root),
            what={"n": n, **what},
        )
        for n in range(rows)
    ]


@contextmanager
def as_owner_of_the_database() -> Iterator[None]:
    guard.lift(connection)
    yield
    guard.lock(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET action = 'x'",
        "DELETE FROM audit_auditevent",
        "UPDATE audit_auditread SET actor = 'x'",
        "DELETE FROM audit_auditread",
        "TRUNCATE audit_auditevent",
        "TRUNCATE audit_auditread",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(statement: str) -> None:
    if statement.startswith("TRUNCATE") and connection.vendor != "postgresql":
        statement = statement.replace("TRUNCATE", "DELETE FROM")
    write(new_id())
    chain.note_read(by=BY, root=("patient", new_id()), page="test")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert chain.verify().breaks == []


def test_flush_is_refused_outside_tests(settings: SettingsWrapper) -> None:
    settings.MODE = "demonstration"
    with pytest.raises(CommandError, match="audit trail"):
        call_command("flush", interactive=False)


def test_an_untouched_trail_verifies() -> None:
    for _ in range(3):
        write(new_id())
    report = chain.verify(chain.heads())
    assert (report.rows, report.chains, report.breaks) == (9, 3, [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "user:another"),
        ("action", "test.other"),
        ("at", timezone.now() - timedelta(days=1)),
        ("about_id", new_id()),
        ("organisation_id", new_id()),
        ("what", {"n": 7}),
        ("key_id", "no-such-key"),
    ],
)
def test_a_changed_row_is_named(column: str, value: object) -> None:
    rows = write(new_id())
    write(new_id())
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[1].pk).update(**{column: value})
    (broken,) = chain.verify().breaks
    assert (broken.root_id, broken.sequence, broken.row_id) == (
        str(rows[1].root_id),
        2,
        rows[1].pk,
    )


def test_a_missing_row_in_the_middle_is_named() -> None:
    rows = write(new_id())
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[1].pk).delete()
    (broken,) = chain.verify().breaks
    assert (broken.sequence, broken.row_id) == (2, rows[2].pk)


def test_a_cut_tail_is_told_by_the_head() -> None:
    rows = write(new_id())
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[2].pk).delete()
    (broken,) = chain.verify().breaks
    assert broken.sequence == 3


def test_a_cut_tail_with_its_head_changed_is_told_by_the_exported_heads() -> None:
    rows = write(new_id())
    exported = chain.heads()
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[2].pk).delete()
    AuditHead.objects.update(sequence=2, mac=rows[1].mac)
    assert chain.verify().breaks == [], "without the exported heads nobody could tell"
    (broken,) = chain.verify(exported).breaks
    assert "exported" in broken.why


def test_a_chain_that_is_gone_is_told_by_its_head_or_by_the_exported_one() -> None:
    rows = write(new_id())
    exported = chain.heads()
    with as_owner_of_the_database():
        AuditEvent.objects.all().delete()
    assert [b.why for b in chain.verify().breaks] == ["all rows are missing"]
    AuditHead.objects.all().delete()
    assert chain.verify().breaks == []
    (broken,) = chain.verify(exported).breaks
    assert broken.root_id == str(rows[0].root_id)


def test_rows_written_again_by_somebody_without_the_key_do_not_fit(
    settings: SettingsWrapper,
) -> None:
    root = new_id()
    rows = write(root)
    settings.AUDIT_KEYS = {settings.AUDIT_KEY_ID: "11" * 32}
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[2].pk).delete()
        AuditHead.objects.update(sequence=2, mac=rows[1].mac)
        write(root, 1)
    settings.AUDIT_KEYS = {settings.AUDIT_KEY_ID: "00" * 32}
    (broken,) = chain.verify().breaks
    assert broken.sequence == 3


def test_a_new_key_seals_what_comes_and_the_old_one_still_verifies(
    settings: SettingsWrapper,
) -> None:
    root = new_id()
    write(root)
    settings.AUDIT_KEYS = {**settings.AUDIT_KEYS, "k2": "22" * 32}
    settings.AUDIT_KEY_ID = "k2"
    rows = write(root)
    assert rows[0].key_id == "k2"
    assert chain.verify().breaks == []


_plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40),
)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(what=st.dictionaries(st.text("abc_", min_size=1, max_size=8), _plain, max_size=6))
def test_every_database_gives_back_what_was_sealed(what: dict[str, Any]) -> None:
    with transaction.atomic():
        row = chain.append(
            root_type="case", root_id=new_id(), action="t", by=BY, about=("x", new_id()), what=what
        )
        assert chain.seal(AuditEvent.objects.get(pk=row.pk)) == row.mac
        transaction.set_rollback(True)


@pytest.mark.parametrize("value", [1.5, {"a": 1}, [1], "line\nbreak", "nul\x00", 2**60])
def test_what_is_no_id_or_code_is_not_taken(value: object) -> None:
    with pytest.raises(TypeError, match="no id"):
        write(new_id(), 1, bad=value)


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(1, 8), data=st.data())
def test_the_first_broken_row_is_named_wherever_it_is(length: int, data: st.DataObject) -> None:
    with transaction.atomic():
        rows = write(new_id(), length)
        at = data.draw(st.integers(0, length - 1))
        with as_owner_of_the_database():
            AuditEvent.objects.filter(pk__gte=rows[at].pk).update(actor="user:other")
        (broken,) = chain.verify().breaks
        assert broken.row_id == rows[at].pk
        transaction.set_rollback(True)


def test_reading_is_one_insert(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        chain.note_read(by=BY, root=("patient", new_id()), page="case")


def test_reads_are_sealed_in_batches_and_a_lost_read_is_found() -> None:
    for _ in range(5):
        chain.note_read(by=BY, root=("patient", new_id()), page="case")
    assert chain.seal_reads(by=BY) == 0, "they are not settled yet"
    with time_machine.travel(timezone.now() + timedelta(seconds=20), tick=False):
        assert chain.seal_reads(by=BY, limit=3) == 3
        assert chain.seal_reads(by=BY, limit=3) == 2
        assert chain.seal_reads(by=BY) == 0
    assert chain.verify().breaks == []
    with as_owner_of_the_database():
        AuditRead.objects.order_by("pk")[4:5].get().delete()
    (broken,) = chain.verify().breaks
    assert (broken.root_type, broken.sequence) == ("reads", 2)


def test_verify_and_heads_on_the_command_line(tmp_path: Any) -> None:
    rows = write(new_id())
    run = CliRunner()
    exported = run.invoke(audit, ["heads"])
    assert exported.exit_code == 0
    file = tmp_path / "heads.json"
    file.write_text(exported.output, encoding="utf-8")
    fine = run.invoke(audit, ["verify", "--heads", str(file)])
    assert (fine.exit_code, fine.output) == (0, "3 rows in 1 chains, 0 broken\n")
    with as_owner_of_the_database():
        AuditEvent.objects.filter(pk=rows[0].pk).update(actor="user:other")
    broken = run.invoke(audit, ["verify"])
    assert broken.exit_code == 10
    assert f"#1 (row {rows[0].pk}): was changed" in broken.output
    as_json = json.loads(run.invoke(audit, ["verify", "--json"]).output)
    assert as_json["broken"][0]["row"] == rows[0].pk


def test_the_patient_sees_by_name_who_read_and_who_changed() -> None:
    patient = new_id()
    saule = cast.actor("saule")
    chain.append(
        root_type="patient",
        root_id=patient,
        action="people.update",
        by=saule,
        about=("patient", patient),
        what={},
    )
    chain.note_read(by=saule, root=("patient", patient), page="case", purpose="break-glass")
    (change,) = queries.history([("patient", patient)])
    (read,) = queries.reads([("patient", patient)])
    assert change.name == read.name == cast.CAST["saule"].full_name
    assert read.purpose == "break-glass"
    assert read.organisation["en"] == "Proton Centre"
    assert queries.reads([("patient", new_id())]) == []


def test_the_memory_of_verify_does_not_grow_with_the_chain() -> None:
    root = new_id()
    write(root, 100)
    chain.verify()

    def peak() -> int:
        tracemalloc.start()
        chain.verify()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    short = peak()
    write(root, 900)
    assert chain.verify().rows == 1000
    assert chain.CHUNK <= 2000
    assert peak() < max(short * 12, 8_000_000)
