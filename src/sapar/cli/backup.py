"""`sapar backup` and `sapar restore`: one archive with the database, the files and the heads.

The archive is a tar file, written and read as a stream:

    manifest.json     what is in it: kind of database, time, version, sha-256 of each member
    heads.json        the heads of the audit chains at the time of the backup
    database          SQLite: a consistent copy; PostgreSQL: pg_dump's custom format
    files/…           what was stored

It holds patients' data and is not encrypted: docs/deploy.md says how to keep it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sapar.kernel.errors import ConfigurationError, InvalidInputError, RefusedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
BLOCK = 1024 * 1024


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(*, file: Path) -> None:
    """Write the database, the files and the heads of the audit trail into FILE."""
    from django.utils.translation import gettext as _

    count = write(file)
    click.echo(
        _("Wrote {file}: the database and {count} files, {size} bytes.").format(
            file=file, count=count, size=file.stat().st_size
        )
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what this installation holds now.")
def restore(*, file: Path, replace: bool) -> None:
    """Put back what `sapar backup` wrote into FILE. Stop web, worker and tick first."""
    from django.utils.translation import gettext as _

    count = read(file, replace=replace)
    click.echo(
        _("Restored the database and {count} files; the audit trail verifies.").format(count=count)
    )


def write(file: Path) -> int:
    """Make a backup; the file appears under its name only when it is complete.

    Returns:
        How many stored files are in it.

    Raises:
        RefusedError: the file exists.
        ConfigurationError: pg_dump is missing or failed.
    """
    if file.exists():
        raise RefusedError(Problem.of("cli.archive_exists", where=str(file)))
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as stream,
            tempfile.TemporaryDirectory(dir=file.resolve().parent) as folder,
        ):
            count = _pack(stream, Path(folder))
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    return count


def _pack(stream: Any, folder: Path) -> int:
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from sapar.kernel.audit import chain

    # Heads before the database: the copy may have more rows than the heads say, never fewer.
    heads = json.dumps(chain.heads()).encode()
    database = folder / "database"
    _dump(database)
    # Files after it: every file that a row names is there already, and files are never changed.
    sums = {"heads.json": hashlib.sha256(heads).hexdigest(), "database": _sha256(database)}
    root = Path(settings.MEDIA_ROOT)
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        _add_bytes(archive, "heads.json", heads)
        archive.add(database, "database")
        for path in files:
            name = f"files/{path.relative_to(root).as_posix()}"
            archive.add(path, name, recursive=False)
            sums[name] = _sha256(path)
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "database": connection.vendor,
            "members": sums,
        }
        # Last, so that one pass suffices, and a cut archive has none.
        _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
    return len(files)


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dump(target: Path) -> None:
    import sqlite3

    from django.db import connection

    if connection.vendor == "sqlite":
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=30)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=4096)
        return
    _client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def _client(program: str, *words: str) -> None:
    """Run one of PostgreSQL's own programs on our database; the password goes by environment."""
    from django.db import connection

    path = shutil.which(program)
    if path is None:
        raise ConfigurationError(Problem.of("cli.no_program", where="PATH", value=program))
    database = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    given = {key: str(database[name]) for key, name in names.items() if database.get(name)}
    result = subprocess.run(  # noqa: S603 - our own words, no shell
        [path, *words, f"--dbname={database['NAME']}"],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [str(result.returncode)]
        raise ConfigurationError(
            Problem.of("cli.program_failed", value=program, detail=lines[0][:300])
        )


def read(file: Path, *, replace: bool) -> int:
    """Restore a backup. Everything is checked before anything is changed.

    Returns:
        How many stored files were put back.

    Raises:
        InvalidInputError: the archive is not complete, or a hash differs.
        RefusedError: the installation is not empty, or uses another kind of database.
        ConfigurationError: a program is missing, or the audit chains do not verify.
    """
    from django.conf import settings

    from sapar.kernel.audit import chain

    root = Path(settings.MEDIA_ROOT)
    if not replace and not _is_empty(root):
        raise RefusedError(Problem.of("cli.not_empty", where="sapar restore"))
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent, prefix="restore-") as name:
        folder = Path(name)
        count = _unpack(file, folder)
        _load_database(folder / "database")
        _exchange(root, folder / "files")
        heads = json.loads((folder / "heads.json").read_bytes())
    broken = chain.verify({key: (sequence, mac) for key, (sequence, mac) in heads.items()}).breaks
    if broken:
        raise ConfigurationError(
            Problem.of(
                "cli.audit_broken",
                where=f"{broken[0].root_type}:{broken[0].root_id}#{broken[0].sequence}",
                value=len(broken),
            )
        )
    return count


def _is_empty(root: Path) -> bool:
    from django.db import connection

    from sapar.kernel.accounts.models import User
    from sapar.kernel.audit.models import AuditEvent

    if root.exists() and any(path.is_file() for path in root.rglob("*")):
        return False
    tables = connection.introspection.table_names()
    return not any(
        model._meta.db_table in tables and model.objects.exists()  # noqa: SLF001 - Django's documented _meta
        for model in (User, AuditEvent)
    )


def _bad(file: Path, detail: str) -> InvalidInputError:
    return InvalidInputError(Problem.of("cli.archive_bad", where=str(file), detail=detail))


def _members(file: Path) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    with tarfile.open(file, mode="r|") as archive:
        for member in archive:
            name = member.name
            safe = name in {"manifest.json", "heads.json", "database"} or (
                name.startswith("files/") and ".." not in name.split("/")
            )
            content = archive.extractfile(member) if member.isfile() and safe else None
            if content is None:
                raise _bad(file, name[:100])
            yield member, content


def _unpack(file: Path, folder: Path) -> int:
    """Extract into a folder and compare every hash with the manifest."""
    from django.db import connection

    sums: dict[str, str] = {}
    (folder / "files").mkdir()
    try:
        for member, content in _members(file):
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("wb") as out:
                target.chmod(0o600)
                while block := content.read(BLOCK):
                    digest.update(block)
                    out.write(block)
            sums[member.name] = digest.hexdigest()
    except tarfile.TarError as error:
        raise _bad(file, str(error)) from error
    if sums.pop("manifest.json", None) is None:
        raise _bad(file, "manifest.json")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    if manifest.get("format") != FORMAT:
        raise _bad(file, f"format {manifest.get('format')}")
    if manifest["database"] != connection.vendor:
        raise RefusedError(
            Problem.of(
                "cli.archive_other_database",
                where=str(file),
                value=manifest["database"],
                present=connection.vendor,
            )
        )
    wanted = manifest["members"]
    for name in sorted({*wanted, *sums}):
        if wanted.get(name) != sums.get(name):
            raise _bad(file, name[:100])
    return sum(name.startswith("files/") for name in sums)


def _load_database(source: Path) -> None:
    import sqlite3

    from django.db import connection

    if connection.vendor == "sqlite":
        connection.close()
        name = str(connection.settings_dict["NAME"])
        with (
            closing(sqlite3.connect(source)) as copy,
            closing(sqlite3.connect(name, timeout=30)) as target,
        ):
            copy.backup(target)
        return
    connection.close()
    _client(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        str(source),
    )


def _exchange(root: Path, fresh: Path) -> None:
    """Put the restored files in the place of the old, by two renames."""
    old = root.with_name(root.name + ".before-restore")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    fresh.rename(root)
    shutil.rmtree(old, ignore_errors=True)
