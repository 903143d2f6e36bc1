"""Values of elements, each checked: what is absent, malformed or not finite is None."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.tag import BaseTag, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

MOST_ITEMS = 200_000
TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Characters that turn the direction of the text around them (Unicode UAX 9)."""
BINARY = frozenset(
    {"Rows", "Columns", "BitsAllocated", "BitsStored", "SamplesPerPixel", "PixelRepresentation"}
    | {"FileMetaInformationGroupLength"}
)
"""Elements that are no text in a file, of those that are asked for here."""


def _value(dataset: Dataset, keyword: str) -> Any:
    """The value as pydicom makes it, or None where it cannot."""
    try:
        return dataset.get(keyword) if _tag(keyword) in dataset else None
    except Exception:  # noqa: BLE001 - nonsense in one element must not lose the file
        return None


@lru_cache(maxsize=512)
def _tag(keyword: str) -> BaseTag:
    return Tag(keyword)


def _plain(dataset: Dataset, keyword: str) -> bytes | None:
    """An element's bytes where they are ASCII text, not yet converted; else None.

    pydicom makes several objects of every value; a scan of 10,000 files looks at 300,000 values.
    """
    tag = _tag(keyword)
    if keyword in BINARY or tag not in dataset:
        return None
    try:
        value = getattr(dataset.get_item(tag), "value", None)
    except Exception:  # noqa: BLE001 - nonsense in one element must not lose the file
        return None
    return value if isinstance(value, bytes) and value.isascii() else None


def text(dataset: Dataset, keyword: str, most: int = 200) -> str:
    """An element as text, trimmed; of several values the first; "" where there is none."""
    plain = _plain(dataset, keyword)
    if plain is not None:
        return plain.decode("ascii").split("\\")[0].replace("\x00", "").strip()[:most]
    found = _value(dataset, keyword)
    if found is None:
        return ""
    if (
        not isinstance(found, str | bytes)
        and hasattr(found, "__iter__")
        and keyword != "PatientName"
    ):
        found = next(iter(found), "")
    try:
        return _shown(found)[:most]
    except (TypeError, ValueError, UnicodeError):
        return ""


def _shown(value: object) -> str:
    """A value as text, without what would make other text on a page read otherwise."""
    return str(value).replace("\x00", "").translate(TURNING).strip()


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """All values of an element as text."""
    found = _value(dataset, keyword)
    if found is None:
        return ()
    if isinstance(found, str) or not hasattr(found, "__iter__"):
        found = [found]
    return tuple(_shown(each)[:200] for each in list(found)[:64])


def number(dataset: Dataset, keyword: str) -> float | None:
    """An element as one finite number; of several values the first."""
    found = numbers(dataset, keyword)
    return found[0] if found else None


def whole(dataset: Dataset, keyword: str) -> int | None:
    """An element as a whole number between -2^31 and 2^32."""
    found = number(dataset, keyword)
    if found is None or found != int(found) or not -(2**31) <= found < 2**32:
        return None
    return int(found)


def numbers(dataset: Dataset, keyword: str, count: int | None = None) -> tuple[float, ...]:
    """An element as finite numbers; () where one is none, or there are not `count` of them."""
    plain = _plain(dataset, keyword)
    found: Any = _value(dataset, keyword) if plain is None else plain.strip(b"\x00 ").split(b"\\")
    if found is None or found in ("", [b""]):
        return ()
    several = [found] if isinstance(found, str) or not hasattr(found, "__iter__") else list(found)
    try:
        values = tuple(float(each) for each in several)
    except (TypeError, ValueError):
        return ()
    if not all(math.isfinite(value) for value in values):
        return ()
    return values if count is None or len(values) == count else ()


def items(dataset: Dataset, keyword: str) -> Iterator[Dataset]:
    """The items of a sequence; none where it is no sequence."""
    found = _value(dataset, keyword)
    if found is None or isinstance(found, str | bytes) or not hasattr(found, "__iter__"):
        return
    for count, item in enumerate(found):
        if count >= MOST_ITEMS:
            return
        if hasattr(item, "get_item"):
            yield item


def first(dataset: Dataset, *keywords: str) -> Dataset | None:
    """The first item of a sequence within the first item of a sequence, and so on."""
    at: Dataset | None = dataset
    for keyword in keywords:
        at = next(items(at, keyword), None) if at is not None else None
    return at


def decimals(dataset: Dataset, keyword: str) -> NDArray[np.float64] | None:
    """A long element of decimal strings as an array, without an object for each of them."""
    try:
        raw = dataset.get_item(keyword)
        value = getattr(raw, "value", None)
        if isinstance(value, bytes):
            parts = value.replace(b"\x00", b" ").split(b"\\")
            return np.array([float(part) for part in parts], dtype=np.float64)
        if value is None:
            return None
        several = value if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
        return np.array([float(part) for part in several], dtype=np.float64)
    except Exception:  # noqa: BLE001 - nonsense in one element must not lose the file
        return None


def day(value: str) -> date | None:
    """A date of DICOM (DA), or None."""
    digits = value.replace(".", "")[:8]
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
