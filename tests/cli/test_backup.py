"""What was acknowledged before the backup is there again after the restore, and nothing else."""

from __future__ import annotations

import json
import shutil
import tarfile
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection, transaction

from sapar.cli import backup
from sapar.kernel.accounts.models import User
from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import (
    ConfigurationError,
    InvalidInputError,
    RefusedError,
    SaparError,
)
from sapar.kernel.jobs.models import JobEntry
from sapar.kernel.jobs.queue import enqueue

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)
MACHINE = Actor.machine("test")


@pytest.fixture
def files(tmp_path: Path, settings: SettingsWrapper) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "scan.dcm").write_bytes(bytes(range(256)) * 5000)
    return tmp_path / "files"


def _act(root: object) -> None:
    with transaction.atomic():
        chain.append(
            root_type="case",
            root_id=root,  # type: ignore[arg-type]
            action="test.act",
            by=MACHINE,
            about=("case", root),  # type: ignore[arg-type]
            what={},
        )


def _problem(error: pytest.ExceptionInfo[SaparError]) -> str:
    return error.value.problems[0].code


def test_what_was_acknowledged_is_there_again(tmp_path: Path, files: Path) -> None:
    root = uuid4()
    _act(root)
    job = enqueue("room.do", key="once", case=root)
    User.objects.create_user("saule@example.org", "a long enough password", full_name="Сауле")
    archive = tmp_path / "one.tar"
    assert backup.write(archive) == 1
    assert archive.stat().st_mode & 0o077 == 0
    # After the backup, everything goes wrong.
    _act(uuid4())
    JobEntry.objects.all().delete()
    User.objects.all().delete()
    shutil.rmtree(files)
    assert backup.read(archive, replace=True) == 1
    assert JobEntry.objects.get().pk == job
    assert User.objects.get().full_name == "Сауле"
    assert list(AuditEvent.objects.values_list("root_id", flat=True)) == [root]
    assert (files / "ab" / "scan.dcm").read_bytes() == bytes(range(256)) * 5000
    _act(root)  # and it goes on
    assert not chain.verify().breaks


def test_an_installation_with_records_is_replaced_only_when_told(
    tmp_path: Path, files: Path
) -> None:
    archive = tmp_path / "one.tar"
    backup.write(archive)
    with pytest.raises(RefusedError) as error:
        backup.read(archive, replace=False)
    assert _problem(error) == "cli.not_empty"


def test_a_backup_is_never_overwritten(tmp_path: Path, files: Path) -> None:
    archive = tmp_path / "one.tar"
    backup.write(archive)
    with pytest.raises(RefusedError) as error:
        backup.write(archive)
    assert _problem(error) == "cli.archive_exists"


def test_a_cut_backup_is_refused_and_changes_nothing(tmp_path: Path, files: Path) -> None:
    archive = tmp_path / "one.tar"
    backup.write(archive)
    User.objects.create_user("new@example.org", "a long enough password", full_name="New")
    whole = archive.read_bytes()
    for length in (0, 700, len(whole) // 2, len(whole) - 10240):
        archive.write_bytes(whole[:length])
        with pytest.raises(InvalidInputError) as error:
            backup.read(archive, replace=True)
        assert _problem(error) == "cli.archive_bad"
    assert User.objects.count() == 1
    assert (files / "ab" / "scan.dcm").exists()


def test_a_changed_byte_is_found(tmp_path: Path, files: Path) -> None:
    archive = tmp_path / "one.tar"
    backup.write(archive)
    content = archive.read_bytes()
    at = content.index(bytes(range(256)) * 3)
    archive.write_bytes(content[:at] + b"\xff" + content[at + 1 :])
    with pytest.raises(InvalidInputError) as error:
        backup.read(archive, replace=True)
    assert error.value.problems[0].params["detail"] == "files/ab/scan.dcm"


def test_a_path_that_leads_outside_is_refused(tmp_path: Path, files: Path) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        backup._add_bytes(tar, "files/../../evil", b"x")
    with pytest.raises(InvalidInputError):
        backup.read(archive, replace=True)
    assert not (tmp_path / "evil").exists()


def test_a_backup_of_the_other_database_is_refused(tmp_path: Path, files: Path) -> None:
    archive = tmp_path / "other.tar"
    with tarfile.open(archive, "w") as tar:
        backup._add_bytes(
            tar,
            "manifest.json",
            json.dumps({"format": 1, "database": "another", "members": {}}).encode(),
        )
    with pytest.raises(RefusedError) as error:
        backup.read(archive, replace=True)
    assert _problem(error) == "cli.archive_other_database"


def test_a_missing_program_is_named(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite needs no program
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError) as error:
        backup.write(tmp_path / "one.tar")
    assert _problem(error) == "cli.no_program"
    assert not (tmp_path / "one.tar").exists()
