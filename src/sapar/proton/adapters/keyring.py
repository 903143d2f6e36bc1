"""An organisation's key as it lies in the database, and what is found and kept by it.

Fernet (AES-128-CBC with HMAC-SHA-256) under a key derived from the installation's secret and the
organisation's id, as the seeds of second factors are kept: a row that is moved to another
organisation cannot be opened. Loads neither pydicom nor anything heavy, so that pages may use it.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from sapar.kernel.errors import RefusedError
from sapar.proton.adapters.sealing import KEY_BYTES, NONCE, OwnerKey
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID


def _cipher(owner: UUID) -> Fernet:
    told = f"sapar.sealing:{owner}:{settings.SECRET_KEY}"
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(told.encode()).digest()))


def new_key() -> OwnerKey:
    """Thirty-two random bytes."""
    return OwnerKey(os.urandom(KEY_BYTES))


def sealed(key: OwnerKey, owner: UUID) -> str:
    """A key for its row."""
    return _cipher(owner).encrypt(key.secret).decode()


def opened(text: str, owner: UUID) -> OwnerKey:
    """The key of a row.

    Raises:
        RefusedError: it was sealed for another organisation, or under another secret.
    """
    try:
        return OwnerKey(_cipher(owner).decrypt(text.encode()))
    except InvalidToken as error:
        raise RefusedError(Problem.of("proton.study.copy_key", where=f"owner:{owner}")) from error


def hidden(pseudonym: str, key: OwnerKey) -> str:
    """A pseudonym that only the key opens."""
    nonce = os.urandom(NONCE)
    return base64.b64encode(nonce + key.cipher().encrypt(nonce, pseudonym.encode(), b"")).decode()


def shown(text: str, key: OwnerKey) -> str:
    """The pseudonym again.

    Raises:
        RefusedError: another key.
    """
    raw = base64.b64decode(text)
    try:
        return key.cipher().decrypt(raw[:NONCE], raw[NONCE:], b"").decode()
    except InvalidTag as error:
        raise RefusedError(Problem.of("proton.study.copy_key", where="pseudonym")) from error
