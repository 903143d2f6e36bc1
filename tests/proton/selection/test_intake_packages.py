"""Packages, hostile ones too: nothing leaves its folder or grows without end, all is named."""

from __future__ import annotations

import fcntl
import hashlib
import io
import random
import stat
import struct
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from sapar.proton.adapters.intake import headers, parts, tar
from sapar.proton.adapters.intake.keeping import set_digest, shown
from sapar.proton.adapters.intake.multipart import BadBodyError, Reader, kind_of
from sapar.proton.adapters.intake.unpack import Limits, Unpacked, archive_in, unpack
from tests.proton.selection.intake import dicom, zipped

SMALL = Limits(files=20, total=1_000_000, ratio=20, from_size=100_000)


def opened(place: Path, package: bytes, name: str = "x.zip", limits: Limits = SMALL) -> Unpacked:
    path, folder = place / "package", place / "out"
    path.write_bytes(package)
    folder.mkdir()
    found = unpack(path, folder, name=name, limits=limits)
    assert sorted(p.name for p in place.iterdir()) == ["out", "package"]  # nothing beside
    left = {p.name for p in folder.iterdir()}
    if not found.refused:
        assert left == {each.sha256 for each in found.files}
        for path in folder.iterdir():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    return found


def codes(found: Unpacked) -> list[str]:
    return [p.code.removeprefix("proton.study.") for p in found.problems]


def test_a_zip_is_kept_by_content_and_a_copy_once(tmp_path: Path) -> None:
    found = opened(tmp_path, zipped({"a/1": b"one", "a/2": b"two", "b/1": b"one", "empty": b""}))
    assert [(each.name, each.size) for each in found.files] == [("a/1", 3), ("a/2", 3)]
    assert codes(found) == ["file_twice"]
    assert found.problems[0].where == "b/1"
    assert not found.refused


@pytest.mark.parametrize(
    "name",
    ["../evil.dcm", "a/../../evil", "/etc/passwd", "C:\\evil", "..\\evil", "\\\\host\\x", "a/.."],
)
def test_a_name_that_points_outside_refuses_the_package(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("fine.dcm", dicom())
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        archive.writestr(entry, b"evil")
    found = opened(tmp_path, out.getvalue())
    assert codes(found) == ["escape"]
    assert found.refused
    assert not found.files


def test_a_tar_that_points_outside_is_refused_too(tmp_path: Path) -> None:
    assert codes(opened(tmp_path, a_tar({"../evil": b"x"}))) == ["escape"]


def test_a_zip_that_unpacks_without_measure_is_refused_before_a_byte(tmp_path: Path) -> None:
    found = opened(tmp_path, zipped({"zeros": bytes(900_000)}))
    assert codes(found) == ["bomb_ratio"]
    assert not list((tmp_path / "out").iterdir())


def test_a_zip_that_lies_about_its_size_is_stopped_while_it_unpacks(tmp_path: Path) -> None:
    package = bytearray(zipped({"zeros": bytes(900_000)}))
    for sign, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", package, package.index(sign) + at, 10)
    found = opened(tmp_path, bytes(package))
    assert found.refused
    assert codes(found) in (["package_broken"], ["bomb_ratio"])


def test_more_bytes_or_files_than_a_study_has_are_refused(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(600_000)  # noqa: S311 - no secret
    many = opened(tmp_path, zipped({str(n): bytes([n]) for n in range(21)}))
    assert codes(many) == ["bomb_count"]
    (tmp_path / "more").mkdir()
    large = opened(tmp_path / "more", zipped({"a": noise, "b": noise[::-1]}))
    assert codes(large) == ["bomb_size"]


def test_a_list_of_files_that_would_fill_the_memory_is_never_read(tmp_path: Path) -> None:
    package = zipped({f"{n:0200d}": b"" for n in range(40)})
    assert codes(opened(tmp_path, package, limits=Limits(files=5))) == ["bomb_count"]


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    package = zipped({"a": b"0123456789" * 9, "b": b"9876543210" * 9}, method=zipfile.ZIP_STORED)
    at = package.rindex(b"PK\x01\x02")
    package = package[: at + 42] + struct.pack("<L", 0) + package[at + 46 :]
    assert codes(opened(tmp_path, package)) == ["bomb_overlap"]


def test_an_archive_inside_is_named_and_not_opened(tmp_path: Path) -> None:
    found = opened(
        tmp_path,
        zipped({"1.dcm": dicom(), "viewer.jar": zipped({"x": b"y"}), "old.gz": b"\x1f\x8bxx"}),
    )
    assert codes(found) == ["nested", "nested"]
    assert [each.name for each in found.files] == ["1.dcm"]
    (tmp_path / "only").mkdir()
    only = opened(tmp_path / "only", zipped({"inner.zip": zipped({"x": b"y"})}))
    assert codes(only) == ["nested", "package_empty"]
    assert only.refused


def test_a_password_is_named(tmp_path: Path) -> None:
    package = bytearray(zipped({"secret/CT.dcm": b"x"}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        package[package.index(sign) + at] |= 1
    found = opened(tmp_path, bytes(package))
    assert codes(found) == ["encrypted"]
    assert found.problems[0].where == "secret/CT.dcm"


def test_links_are_left_out_and_odd_names_kept(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("tricky\u202egpj.dcm", b"one")
        archive.writestr("снимок 1", b"two")
    found = opened(tmp_path, out.getvalue())
    assert sorted(codes(found)) == ["link", "odd_name"]
    assert [each.name for each in found.files] == [
        "tricky\N{REPLACEMENT CHARACTER}gpj.dcm",
        "снимок 1",
    ]


@pytest.mark.parametrize("cut", [10, 200, -1, -40])
def test_a_zip_that_was_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    package = zipped({"a": dicom(), "b": dicom(instance="1.2")})
    assert codes(opened(tmp_path, package[:cut])) == ["package_broken"]


def test_a_damaged_content_is_named(tmp_path: Path) -> None:
    package = bytearray(zipped({"a": dicom() * 9}, method=zipfile.ZIP_STORED))
    package[300] ^= 255
    assert codes(opened(tmp_path, bytes(package))) == ["package_broken"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"\x1f\x8b\x08rest", "gzip"), (b"Rar!\x1a\x07\x01", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z")],
)
def test_another_kind_of_archive_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    found = opened(tmp_path, content)
    assert codes(found) == ["package_kind"]
    assert found.problems[0].value == kind
    assert archive_in(content) == kind


def test_one_file_is_a_package_too(tmp_path: Path) -> None:
    found = opened(tmp_path, dicom(), name="dose.dcm")
    assert (found.kind, [each.name for each in found.files]) == ("file", ["dose.dcm"])


def test_of_many_findings_the_first_are_named_and_the_others_counted(tmp_path: Path) -> None:
    files = {f"{n:03}": b"same" for n in range(50)}
    found = opened(tmp_path, zipped(files), limits=Limits(files=100))
    assert codes(found) == ["file_twice"] * 20 + ["and_more"]
    assert found.problems[-1].params["count"] == 29


def a_tar(files: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text("abcжк/", min_size=1, max_size=40), st.binary(max_size=2000), max_size=6
    )
)
def test_our_reader_of_tars_reads_what_pythons_writes(files: dict[str, bytes]) -> None:
    named = {f"d/{n}".replace("//", "/").rstrip("/"): content for n, content in files.items()}
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        found = [
            (member.name, member.content.read(9999))
            for member in tar.members(io.BytesIO(a_tar(named, form)))
            if member.kind == "file"
        ]
        assert [content for _name, content in found] == list(named.values())
        if form == tarfile.USTAR_FORMAT:
            assert [name for name, _content in found] == list(named)


def test_a_tar_that_was_cut_off_or_has_links_is_named(tmp_path: Path) -> None:
    whole = a_tar({"a": b"x" * 700, "b": b"y" * 700})
    for cut in (100, 600, 1500, 2600):
        with pytest.raises(tar.BrokenTarError):
            [member.content.read(9999) for member in tar.members(io.BytesIO(whole[:cut]))]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        entry = tarfile.TarInfo("a")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"one"))
    assert codes(opened(tmp_path, out.getvalue())) == ["link"]
    damaged = bytearray(whole)
    damaged[5] ^= 1
    with pytest.raises(tar.BrokenTarError):
        list(tar.members(io.BytesIO(bytes(damaged))))


# Parts, digests, names.


class Breaks:
    """A line that breaks after two bytes."""

    sent = False

    def read(self, _size: int, /) -> bytes:
        if self.sent:
            raise ConnectionResetError
        self.sent = True
        return b"67"


def test_bytes_are_appended_once_and_by_one(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    put = {"total": 10, "digest": None}
    assert parts.append(path, io.BytesIO(b"12345"), offset=0, **put) == 5
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(parts.BusyError):
            parts.append(path, io.BytesIO(b"6"), offset=5, **put)
    with pytest.raises(parts.TooLongError):
        parts.append(path, io.BytesIO(b"678901"), offset=5, **put)
    with pytest.raises(parts.WrongDigestError):
        parts.append(path, io.BytesIO(b"6"), offset=5, total=10, digest=hashlib.sha256().digest())

    with pytest.raises(ConnectionResetError):
        parts.append(path, Breaks(), offset=5, **put)
    assert path.read_bytes() == b"1234567"  # what came is kept
    assert path.stat().st_mode & 0o077 == 0


@settings(max_examples=40)
@given(st.binary(max_size=3000), st.integers(1, 700))
def test_the_hash_of_blocks_is_the_hash_of_their_hashes(content: bytes, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "BLOCK", size)
        path = Path(folder) / "x"
        path.write_bytes(content)
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        joined = b"".join(hashlib.sha256(piece).digest() for piece in pieces)
        want = hashlib.sha256(content).hexdigest(), hashlib.sha256(joined).hexdigest()
        assert parts.hashes_of(path) == want


def test_a_digest_is_read_as_the_standard_writes_it() -> None:
    said = "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:"
    assert parts.digest_in(said) == hashlib.sha256(b"hello world").digest()
    assert parts.digest_in("md5=:abc:") is None
    assert parts.digest_in("") is None


def test_a_set_has_the_same_digest_in_any_order() -> None:
    assert set_digest(["b", "a", "a"]) == set_digest(["a", "b"])
    assert set_digest(["a"]) != set_digest(["b"])
    assert shown("a\x00\n" + "x" * 400)[-300:] == "x" * 300


# Headers.

SYNTAXES = {
    "explicit": "1.2.840.10008.1.2.1", "implicit": headers.IMPLICIT, "big": headers.BIG_ENDIAN,
    "deflated": headers.DEFLATED,
}  # fmt: skip


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_header_says_what_pydicom_says(tmp_path: Path, syntax: str) -> None:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2", "1.3"
    inner = Dataset()
    inner.ReferencedImageSequence = [item]
    private = Dataset()
    private.add_new(0x00091001, "LO", "private")
    path = tmp_path / "x"
    path.write_bytes(
        dicom(
            study="1.2.840.99.7", syntax=SYNTAXES[syntax], AccessionNumber="S-2026-000017",
            PatientID="P 1", PatientName="Айзада^М", SpecificCharacterSet="ISO_IR 144",
            PatientBirthDate="20190314", Modality="CT", StudyDate="20261126",
            ReferencedStudySequence=[inner], ImageComments="after the study",
        )
    )  # fmt: skip
    found = headers.read_header(path)
    assert (found.study, found.sop_instance) == ("1.2.840.99.7", "1.2.3.4.1")
    assert found.syntax == SYNTAXES[syntax]
    assert found.said["accession"] == "S-2026-000017"
    assert found.said["name"] == "Айзада^М"
    assert found.said["birth_date"] == "20190314"


@settings(max_examples=40)
@given(st.integers(0, 700), st.binary(max_size=40))
def test_a_damaged_file_is_no_dicom_or_is_read_and_never_more(at: int, junk: bytes) -> None:
    content = bytearray(dicom())
    content[at : at + len(junk)] = junk
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(bytes(content[: at + 300]))
        try:
            found = headers.read_header(path)
        except headers.NotDicomError:
            return
        assert isinstance(found.study, str)


def test_sequences_without_an_end_or_too_deep_are_no_dicom(tmp_path: Path) -> None:
    meta = dicom()
    begin = meta.index(b"\x08\x00\x16\x00UI")
    deep = b"\x08\x00\x10\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    for tail in (deep, deep * 50, deep[:12]):
        path = tmp_path / "x"
        path.write_bytes(meta[:begin] + tail)
        with pytest.raises(headers.NotDicomError):
            headers.read_header(path)


# Bodies in parts.


class Trickle:
    """A line that gives as few bytes as it likes."""

    def __init__(self, content: bytes, pieces: list[int]) -> None:
        self.content, self.pieces = content, pieces

    def read(self, size: int, /) -> bytes:
        count = min(size, self.pieces.pop(0) if self.pieces else 7)
        data, self.content = self.content[:count], self.content[count:]
        return data


def body(contents: list[bytes], boundary: str = "frontier") -> bytes:
    made = b"preamble\r\n" if len(contents) % 2 else b""
    for content in contents:
        made += (
            f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + content + b"\r\n"
        )
    return made + f"--{boundary}--\r\nepilogue".encode()


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(st.sampled_from([b"\r\n", b"--", b"frontie", b"\r\n--fr", b"x", b"\0" * 50]))
        .map(b"".join),
        min_size=1, max_size=4,
    ),
    st.lists(st.integers(1, 60), max_size=30),
    st.integers(1, 40),
)  # fmt: skip
def test_parts_come_out_as_they_went_in_however_the_line_cuts_them(
    contents: list[bytes], pieces: list[int], size: int
) -> None:
    found = []
    for part in Reader(Trickle(body(contents), pieces), "frontier").parts():
        assert part.headers["content-type"] == "application/dicom"
        found.append(b"".join(iter(lambda part=part: part.read(size), b"")))
    assert found == contents


def test_parts_that_are_not_read_are_skipped() -> None:
    reader = Reader(io.BytesIO(body([b"one" * 99, b"two", b"three"])), "frontier")
    assert [part.read(2) for part in reader.parts()] == [b"on", b"tw", b"th"]


@pytest.mark.parametrize(
    "content",
    [b"", b"no boundary at all", body([b"x"])[:-20], b"--frontier\r\nA: b" + b"c" * 9000,
     b"--frontierX\r\n\r\n--frontier--", b"--frontier" + b"y" * 9000],
)  # fmt: skip
def test_a_body_that_is_no_body_is_said_so(content: bytes) -> None:
    with pytest.raises(BadBodyError):
        list(Reader(io.BytesIO(content), "frontier").parts())


def test_a_content_type_is_taken_apart() -> None:
    found = kind_of('Multipart/Related; TYPE="application/dicom"; boundary=a-b; start="<1>"')
    assert found.name == "multipart/related"
    assert found.parameters == {"type": "application/dicom", "boundary": "a-b", "start": "<1>"}
    for boundary in ("", "x" * 201, "щ"):
        with pytest.raises(BadBodyError):
            Reader(io.BytesIO(), boundary)
