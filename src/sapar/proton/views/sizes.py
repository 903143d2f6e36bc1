"""Bytes in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sapar.kernel.languages import formats

GIGABYTE = 1024**3
MEGABYTE = 1024**2
KILOBYTE = 1024


def size_words(size: int) -> str:
    """Bytes in words: "312 MB"."""
    if size >= GIGABYTE:
        tenths = round(10 * size / GIGABYTE)
        return _("{n} GB").format(n=f"{formats.number(tenths // 10)}.{tenths % 10}")
    if size >= MEGABYTE:
        return _("{n} MB").format(n=formats.number(round(size / MEGABYTE)))
    return _("{n} kB").format(n=formats.number(max(1, round(size / KILOBYTE))))
