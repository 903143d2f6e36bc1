"""What is in a package: a zip, a tar, or one file. Streamed out by content, under limits.

A name in a package is never a path of ours: files are kept under their SHA-256. Names are looked
at only to tell a careless package from a hostile one.
"""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.proton.adapters.intake import places, tar
from sapar.proton.adapters.intake.keeping import Kept, keep, shown
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sapar.proton.adapters.intake.parts import Readable

    Tell = Callable[[int, int], None]

MOST_NAMED = 20
"""So many files are named for each kind of finding; of the others how many they are."""
END = b"PK\x05\x06"
END_64 = b"PK\x06\x06"
LOCATOR_64 = b"PK\x06\x07"
DRIVE = re.compile(r"[A-Za-z]:")
ARCHIVES = (
    ("zip", 0, b"PK\x03\x04"),
    ("zip", 0, b"PK\x05\x06"),
    ("gzip", 0, b"\x1f\x8b"),
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("rar", 0, b"Rar!\x1a\x07"),
    ("bzip2", 0, b"BZh"),
    ("xz", 0, b"\xfd7zXZ\x00"),
    ("zstd", 0, b"\x28\xb5\x2f\xfd"),
    ("tar", 257, b"ustar"),
)
ODD = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffd]")
"""Control characters, and those that turn the direction of writing: a name hides its ending."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may hold: our defaults, no rule.

    Attributes:
        files: how many files.
        total: bytes of all of them, unpacked.
        ratio: so many times the package's size, once more than `from_size` bytes are unpacked.
            A grid of zeros is honestly a thousand times smaller when packed; a whole study is not.
    """

    files: int = 20_000
    total: int = 16 * 1024**3
    ratio: int = 200
    from_size: int = 256 * 1024**2


@dataclass(slots=True)
class Unpacked:
    """What came out.

    Attributes:
        kind: "zip", "tar" or "file".
        files: what is kept, each content once.
        problems: what was left out, and why; a fatal one refuses the whole.
    """

    kind: str
    files: list[Kept] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether it must not be used."""
        return any(problem.fatal for problem in self.problems)


class _RefusedError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def archive_in(head: bytes) -> str:
    """The kind of archive that begins with these bytes, or ""."""
    for kind, at, sign in ARCHIVES:
        if head[at : at + len(sign)] == sign:
            return kind
    return ""


def unpack(
    package: Path,
    folder: Path,
    *,
    name: str = "",
    limits: Limits | None = None,
    tell: Tell = lambda _done, _total: None,
) -> Unpacked:
    """Stream everything of a package into a folder of contents.

    Args:
        package: the file as it came.
        folder: where the contents go; what a refused package left there is the caller's to remove.
        name: of the package, for a single file.
        limits: see there.
        tell: called with bytes done and bytes in all.

    Returns:
        What is kept and what was found. Never raises for a bad package.
    """
    with package.open("rb") as file:
        kind = archive_in(file.read(512))
    found = Unpacked(kind if kind in {"zip", "tar"} else "file")
    run = _Run(package, folder, limits or Limits(), found, tell)
    try:
        _open(run, kind, name)
    except _RefusedError as refused:
        found.problems.append(refused.problem)
    run.sum_up()
    if not found.files and not found.refused:
        found.problems.append(Problem.of("proton.study.package_empty", where=name))
    return found


def _open(run: _Run, kind: str, name: str) -> None:
    if kind == "zip":
        _zip(run)
    elif kind == "tar":
        _tar(run)
    elif kind:
        raise _RefusedError(Problem.of("proton.study.package_kind", where=name, value=kind))
    else:
        run.one(run.package.stat().st_size, name)


@dataclass(slots=True)
class _Run:
    """One unpacking: what it has counted."""

    package: Path
    folder: Path
    limits: Limits
    found: Unpacked
    tell: Tell
    written: int = 0
    announced: int = 0
    empty: int = 0
    named: dict[str, list[str]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def add(self, size: int) -> None:
        """Count bytes before they are written: what a header announces may be a lie."""
        self.written += size
        self.check(self.written)
        self.tell(self.written, max(self.announced, self.written))

    def check(self, size: int) -> None:
        """Refuse what would be too much, or was packed too well to be a study."""
        if size > self.limits.total:
            raise _RefusedError(
                Problem.of("proton.study.bomb_size", limit=self.limits.total // 1024**3)
            )
        packed = max(1, self.package.stat().st_size)
        if size > self.limits.from_size and size > packed * self.limits.ratio:
            raise _RefusedError(
                Problem.of("proton.study.bomb_ratio", value=size // packed, limit=self.limits.ratio)
            )

    def left_out(self, why: str, name: str) -> None:
        """Remember why a file was left out; so many names as there may be files."""
        names = self.named.setdefault(why, [])
        names.append(name)
        if len(names) > self.limits.files:
            raise _RefusedError(Problem.of("proton.study.bomb_count", limit=self.limits.files))

    def take(self, source: Readable, name: str) -> None:
        """Keep one file; archives inside are not opened."""
        if len(self.seen) >= self.limits.files:
            raise _RefusedError(Problem.of("proton.study.bomb_count", limit=self.limits.files))
        kept = keep(source, self.folder, name, count=self.add)
        if not kept.size:
            if kept.new:
                places.remove(self.folder / kept.sha256)
            self.empty += 1
            if self.empty > self.limits.files:
                raise _RefusedError(Problem.of("proton.study.bomb_count", limit=self.limits.files))
            return
        if ODD.search(name):
            self.left_out("odd_name", kept.name)
        if not kept.new and kept.sha256 in self.seen:
            self.left_out("twice", kept.name)
            return
        if archive_in(kept.head):
            places.remove(self.folder / kept.sha256)
            self.left_out("nested", kept.name)
            return
        self.seen[kept.sha256] = kept.name
        self.found.files.append(kept)

    def one(self, size: int, name: str) -> None:
        """A single file that is no archive."""
        self.announced = size
        with self.package.open("rb") as file:
            self.take(file, name)

    def sum_up(self) -> None:
        """Findings about single files: the first ones by name, then how many."""
        for why, names in self.named.items():
            make = _WARNINGS[why]
            self.found.problems += [make(each) for each in names[:MOST_NAMED]]
            if len(names) > MOST_NAMED:
                self.found.problems.append(
                    Problem.of(
                        "proton.study.and_more",
                        fatal=False,
                        count=len(names) - MOST_NAMED,
                        what_phrase=make("").code,
                    )
                )


_WARNINGS: dict[str, Callable[[str], Problem]] = {
    "odd_name": lambda name: Problem.of("proton.study.odd_name", where=name, fatal=False),
    "twice": lambda name: Problem.of("proton.study.file_twice", where=name, fatal=False),
    "nested": lambda name: Problem.of("proton.study.nested", where=name, fatal=False),
    "link": lambda name: Problem.of("proton.study.link", where=name, fatal=False),
}


def _refuse_escape(name: str) -> None:
    """Refuse a package of which a name points outside: no honest program writes one."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name[:1] in {"/", "\\"} or DRIVE.match(name) or "\0" in name.rstrip("\0"):
        raise _RefusedError(Problem.of("proton.study.escape", where=shown(name)))


def _directory_size(package: Path) -> int:
    """Bytes of a zip's list of files, as its end announces; the list is read into memory."""
    size = package.stat().st_size
    tail = min(size, 65_558 + 20)  # with the longest comment, and the locator before it
    with package.open("rb") as file:
        file.seek(size - tail)
        data = file.read()
        at = data.rfind(END)
        if at < 0 or len(data) < at + 22:
            raise _RefusedError(Problem.of("proton.study.package_broken", value="zip"))
        announced: int = struct.unpack_from("<L", data, at + 12)[0]
        before = size - tail + at - 20 - 56
        if before >= 0 and data[at - 20 : at - 16] == LOCATOR_64:
            # Where `zipfile` looks, which reads so many bytes: not where the locator points, and
            # whatever the small record announces.
            file.seek(before)
            end = file.read(56)
            if end[:4] == END_64:
                announced = max(announced, struct.unpack_from("<Q", end, 40)[0])
    return announced


ENTRY = 46 + 300
"""Bytes of an entry of a zip's list, with a long name."""


def _zip(run: _Run) -> None:
    try:
        if _directory_size(run.package) > ENTRY * run.limits.files:
            raise _RefusedError(Problem.of("proton.study.bomb_count", limit=run.limits.files))
        with zipfile.ZipFile(run.package) as archive:
            entries = archive.infolist()
            _check_entries(run, entries)
            for entry in entries:
                _zip_entry(run, archive, entry)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError,
        UnicodeError, ValueError, OverflowError,
    ) as error:  # fmt: skip
        value = str(error) if isinstance(error, NotImplementedError) else "zip"
        raise _RefusedError(Problem.of("proton.study.package_broken", value=value)) from error


def _check_entries(run: _Run, entries: list[zipfile.ZipInfo]) -> None:
    """Everything that can be said before a byte is unpacked."""
    if len(entries) > run.limits.files:
        raise _RefusedError(Problem.of("proton.study.bomb_count", limit=run.limits.files))
    for entry in entries:
        _refuse_escape(entry.orig_filename)
        if entry.flag_bits & 0x41 or entry.compress_type == 99:
            raise _RefusedError(
                Problem.of("proton.study.encrypted", where=shown(entry.orig_filename))
            )
    run.announced = sum(entry.file_size for entry in entries)
    run.check(run.announced)
    _refuse_overlap(entries)


def _refuse_overlap(entries: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes: so a small package unpacks without an end."""
    last = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < last:
            raise _RefusedError(
                Problem.of("proton.study.bomb_overlap", where=shown(entry.orig_filename))
            )
        last = entry.header_offset + 30 + entry.compress_size


def _zip_entry(run: _Run, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.is_dir():
        return
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        run.left_out("link", shown(entry.orig_filename))
        return
    try:
        with archive.open(entry) as source:
            run.take(source, entry.orig_filename)
    except lzma.LZMAError as error:
        raise zipfile.BadZipFile from error
    except OSError as error:
        if error.errno is not None:  # the disk, not the package
            raise
        raise zipfile.BadZipFile from error  # so bz2 says that its data are broken


def _tar(run: _Run) -> None:
    run.announced = run.package.stat().st_size
    with run.package.open("rb") as file:
        try:
            for member in tar.members(file):
                _refuse_escape(member.name)
                if member.kind == "file":
                    run.take(member.content, member.name)
                elif member.kind != "folder":
                    run.left_out("link", shown(member.name))
        except tar.BrokenTarError as error:
            raise _RefusedError(Problem.of("proton.study.package_broken", value="tar")) from error
