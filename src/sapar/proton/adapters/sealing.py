"""What only the owner can open: keys derived from one, pseudonyms, and a sealed file of records.

AES-256-GCM (NIST SP 800-38D) with a random nonce for each record; keys by HKDF with SHA-256 (RFC
5869); pseudonyms, UIDs and the shift of dates by HMAC-SHA-256 (RFC 2104). Each record is bound to
its place and its name, and the last one counts them: a record that was moved, dropped or changed
is noticed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sapar.kernel.errors import InvalidInputError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC: Final = b"SAPAR-SEALED-1\n"
KEY_BYTES: Final = 32
NONCE: Final = 12
LARGEST_RECORD: Final = 2 * 1024**3
LARGEST_OPENED: Final = 4 * 1024**3
EARLIEST_DAYS, LATEST_DAYS = 365, 3650
"""Dates are moved back by so many days: our choice, one to ten years."""


@dataclass(frozen=True, slots=True, repr=False)
class OwnerKey:
    """The owner's secret; everything else is derived from it."""

    secret: bytes

    def _derived(self, what: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sapar/{what}/1".encode()).derive(
            self.secret
        )

    def _mac(self, what: str, text: str) -> bytes:
        return hmac.new(self._derived(what), text.encode(), hashlib.sha256).digest()

    @property
    def name(self) -> str:
        """Eight characters by which a key is told from another; says nothing of the key."""
        return self._derived("name").hex()[:8]

    def pseudonym(self, identity: str) -> str:
        """Sixteen letters and digits for an identity, the same whenever it comes."""
        return base64.b32encode(self._mac("pseudonym", identity))[:16].decode()

    def uid(self, old: str) -> str:
        """A UID under 2.25 for another UID, the same whenever it comes."""
        return f"2.25.{int.from_bytes(self._mac('uid', old)[:16], 'big')}"

    def days(self, identity: str) -> int:
        """By how many days the dates of an identity are moved back."""
        number = int.from_bytes(self._mac("days", identity)[:8], "big")
        return EARLIEST_DAYS + number % (LATEST_DAYS - EARLIEST_DAYS + 1)

    def mark(self, pseudonym: str) -> str:
        """By what a pseudonym is found: 64 hexadecimal digits that nobody makes without the key."""
        return self._mac("mark", pseudonym).hex()

    def cipher(self) -> AESGCM:
        """The cipher of the sealed file."""
        return AESGCM(self._derived("seal"))


def make_key(path: Path) -> None:
    """Write a new key file that only its owner may read.

    Raises:
        InvalidInputError: the file is there already.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError as error:
        raise InvalidInputError(
            Problem.of("proton.study.deid_key_there", where="key", value=path.name)
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")


def read_key(path: Path) -> OwnerKey:
    """The key of a file: 32 random bytes in base64.

    Raises:
        InvalidInputError: it is something else.
    """
    try:
        secret = base64.b64decode(path.read_bytes()[:200].strip(), validate=True)
    except (ValueError, OSError) as error:
        raise InvalidInputError(
            Problem.of("proton.study.deid_key", where="key", value=path.name)
        ) from error
    if len(secret) != KEY_BYTES or len(set(secret)) < 4:
        raise InvalidInputError(Problem.of("proton.study.deid_key", where="key", value=path.name))
    return OwnerKey(secret)


@dataclass(frozen=True, slots=True)
class Record:
    """One sealed record: a header of ids and the bytes."""

    header: dict[str, object]
    content: bytes


def _bound(index: int, *, last: bool) -> bytes:
    """What a record is bound to: its place, and whether it ends the file."""
    return MAGIC + struct.pack(">Q?", index, last)


class Sealer:
    """Writes records, one after another; `close` writes the count, without which nothing opens."""

    def __init__(self, file: BinaryIO, key: OwnerKey) -> None:
        self._file, self._cipher, self._count = file, key.cipher(), 0
        file.write(MAGIC + key.name.encode() + b"\n")

    def _write(self, plain: bytes, *, last: bool) -> None:
        nonce = os.urandom(NONCE)
        sealed = self._cipher.encrypt(nonce, plain, _bound(self._count, last=last))
        self._file.write(struct.pack(">Q", len(sealed)) + nonce + sealed)
        self._count += 1

    def add(self, record: Record) -> None:
        """Seal one record."""
        header = json.dumps(record.header, sort_keys=True).encode()
        packed = struct.pack(">I", len(header)) + header + record.content
        self._write(zlib.compress(packed, 6), last=False)

    def close(self) -> None:
        """Seal the count."""
        self._write(zlib.compress(str(self._count).encode()), last=True)


def _inflated(packed: bytes) -> bytes:
    """What was compressed, bounded."""
    worker = zlib.decompressobj()
    found = worker.decompress(packed, LARGEST_OPENED)
    if worker.unconsumed_tail:
        raise InvalidInputError(Problem.of("proton.study.deid_damaged", where="sealed"))
    return found


def opened(file: BinaryIO, key: OwnerKey) -> Iterator[Record]:
    """The records of a sealed file.

    Raises:
        InvalidInputError: another key, or the file was changed or cut off.
    """
    damaged = InvalidInputError(Problem.of("proton.study.deid_damaged", where="sealed"))
    if file.read(len(MAGIC)) != MAGIC:
        raise damaged
    named = file.read(9)[:8].decode("ascii", "replace")
    if named != key.name:
        raise InvalidInputError(
            Problem.of("proton.study.deid_other_key", where="key", value=key.name, other=named)
        )
    cipher, index = key.cipher(), 0
    while True:
        head = file.read(8 + NONCE)
        if len(head) < 8 + NONCE:
            raise damaged
        (size,) = struct.unpack(">Q", head[:8])
        sealed = file.read(size) if size <= LARGEST_RECORD else b""
        last = False
        try:
            plain = cipher.decrypt(head[8:], sealed, _bound(index, last=False))
        except InvalidTag:
            try:
                plain = cipher.decrypt(head[8:], sealed, _bound(index, last=True))
            except InvalidTag as error:
                raise damaged from error
            last = True
        packed = _inflated(plain)
        if last:
            if packed != str(index).encode() or file.read(1):
                raise damaged
            return
        (length,) = struct.unpack(">I", packed[:4])
        yield Record(json.loads(packed[4 : 4 + length]), packed[4 + length :])
        index += 1
