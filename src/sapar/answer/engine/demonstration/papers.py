"""Small files for the demonstration, made here: a page as PDF, a picture as PNG."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PICTURES = frozenset({"mri", "ct", "echocardiography"})
SIDE = 96
"""Width and height of a picture, in pixels."""


def pdf(lines: Sequence[str]) -> bytes:
    """One page with these lines; Latin letters only, since no font is embedded."""
    shown = [line.encode("ascii", "replace") for line in lines]
    shown = [s.replace(b"\\", b"").replace(b"(", b"[").replace(b")", b"]") for s in shown]
    text = b"BT /F1 14 Tf 60 760 Td 20 TL " + b" ".join(b"(%s) '" % s for s in shown) + b" ET"
    fonts = b"/Resources << /Font << /F1 5 0 R >> >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R " + fonts,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png(number: int) -> bytes:
    """A grey disc in the dark, brighter at a place that the number chooses. No patient's image."""
    centre, radius = SIDE // 2, SIDE * 0.42
    spot = (centre + number % 29 - 14, centre + number % 17 - 8)
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)
        for x in range(SIDE):
            inside = (x - centre) ** 2 + (y - centre) ** 2 < radius**2
            near = (x - spot[0]) ** 2 + (y - spot[1]) ** 2 < 36
            rows.append(225 if near else 110 if inside else 8)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def paper(kind: str, key: str, number: int) -> tuple[str, bytes]:
    """A file of a kind: its name and its content.

    Args:
        kind: code of the document: "mri", "pathology".
        key: the sender's identifier, printed on a page.
        number: makes pictures differ.
    """
    if kind in PICTURES:
        return f"{kind}.png", png(number)
    lines = ["Sapar demonstration", f"Document: {kind}", key, "No real patient. Binds nobody."]
    return f"{kind}.pdf", pdf(lines)
