"""Pixels of a data set as integers, bounded before anything is allocated."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from sapar.proton.adapters.dicom import tags

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.proton.adapters.dicom.opening import Opened

MOST_OVERHEAD = 1 << 20
_WIDTHS = {8: 1, 16: 2, 32: 4}


class Why(Enum):
    """Why pixels cannot be taken."""

    LAYOUT = "layout"
    SHORT = "short"
    DECODER = "decoder"


class PixelsError(Exception):
    """Pixels that cannot be taken.

    Attributes:
        why: the reason.
    """

    def __init__(self, why: Why) -> None:
        """Keep the reason."""
        super().__init__(why.value)
        self.why = why


def encapsulated(syntax: str) -> bool:
    """Whether pixels of a transfer syntax are compressed frame by frame."""
    try:
        return bool(syntax) and UID(syntax).is_encapsulated
    except ValueError:
        return True  # unknown to the library: then no decoder either


def decodable(syntax: str) -> bool:
    """Whether pixels of a transfer syntax can be read here."""
    if not encapsulated(syntax):
        return True
    try:
        return bool(get_decoder(UID(syntax)).is_available)
    except NotImplementedError:
        return False


def integers(opened: Opened, shape: tuple[int, int, int]) -> NDArray[Any]:
    """(frames, rows, columns) integers as stored, in the machine's byte order; a view if possible.

    Args:
        opened: a data set with its pixels.
        shape: what its header said before, already bounded.

    Raises:
        PixelsError: not one grey value for each pixel, fewer of them than said, or no decoder.
    """
    dataset = opened.dataset
    rows, columns, frames = (
        tags.whole(dataset, "Rows"),
        tags.whole(dataset, "Columns"),
        tags.whole(dataset, "NumberOfFrames") or 1,
    )
    width = _WIDTHS.get(tags.whole(dataset, "BitsAllocated") or 0)
    grey = tags.text(dataset, "PhotometricInterpretation") in {"MONOCHROME2", ""}
    if (frames, rows, columns) != shape or rows is None or columns is None:
        raise PixelsError(Why.LAYOUT)
    if width is None or not grey:
        raise PixelsError(Why.LAYOUT)
    if (tags.whole(dataset, "SamplesPerPixel") or 1) != 1:
        raise PixelsError(Why.LAYOUT)
    if "PixelData" not in dataset:
        raise PixelsError(Why.SHORT)
    signed = tags.whole(dataset, "PixelRepresentation") == 1
    if encapsulated(opened.syntax):
        found = _decoded(opened, frames * rows * columns * width)
    else:
        found = _native(opened, width, shape, signed=signed)
    return _used_bits(found.reshape(shape), tags.whole(dataset, "BitsStored"), 8 * width)


def _decoded(opened: Opened, expected: int) -> NDArray[Any]:
    """What pydicom decodes (run lengths by itself, others by what is installed).

    Runs can grow 64 times: what is packed into far more bytes than it should become is refused.
    """
    if not decodable(opened.syntax):
        raise PixelsError(Why.DECODER)
    try:
        packed = len(opened.dataset.PixelData)
    except Exception as error:
        raise PixelsError(Why.LAYOUT) from error
    if packed > 2 * expected + MOST_OVERHEAD:
        raise PixelsError(Why.LAYOUT)
    try:
        return np.asarray(opened.dataset.pixel_array)
    except Exception as error:
        raise PixelsError(Why.SHORT) from error


def _native(
    opened: Opened, width: int, shape: tuple[int, int, int], *, signed: bool
) -> NDArray[Any]:
    """Uncompressed integers.

    Less than a row may follow the last pixel (padding, what a system left there). With more the
    header says too few rows or bits, and every row behind the first would lie in a wrong place.
    """
    frames, rows, columns = shape
    count = frames * rows * columns
    try:
        raw = opened.dataset.PixelData
    except Exception as error:
        raise PixelsError(Why.LAYOUT) from error
    if not isinstance(raw, bytes) or len(raw) < count * width:
        raise PixelsError(Why.SHORT)
    if len(raw) >= (count + columns) * width:
        raise PixelsError(Why.LAYOUT)
    order = "<" if opened.little else ">"
    found = np.frombuffer(raw, dtype=f"{order}{'i' if signed else 'u'}{width}", count=count)
    return found if found.dtype.isnative else found.astype(found.dtype.newbyteorder("="))


def _used_bits(values: NDArray[Any], stored: int | None, allocated: int) -> NDArray[Any]:
    """Without what old systems kept in the bits above those that are stored."""
    if stored is None or not 0 < stored < allocated:
        return values
    limit = 1 << stored
    if values.dtype.kind == "u":
        return values if not values.size or values.max() < limit else values & (limit - 1)
    if not values.size or (values.min() >= -(limit >> 1) and values.max() < limit >> 1):
        return values
    shift = allocated - stored
    return (values << shift) >> shift
