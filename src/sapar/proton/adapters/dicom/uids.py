"""UIDs that what they name decides; without pydicom, so that anything may ask for one."""

from __future__ import annotations

import hashlib


def uid(*parts: object) -> str:
    """A UID under 2.25 (PS3.5 B.2: one number of 128 bits), the same for the same parts."""
    text = "/".join(str(part) for part in ("sapar", *parts))
    return f"2.25.{int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], 'big')}"
