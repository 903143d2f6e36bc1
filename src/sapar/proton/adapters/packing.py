"""A folder as one zip, streamed: of every file only a piece is in memory."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIECE = 1024 * 1024
LEVEL = 1
"""Of deflate: CT is packed to about half either way, and this is the quickest."""


def pack(folder: Path, target: Path, inside: str, tell: Callable[[int, int], None]) -> str:
    """Write the files of a folder into a new zip, in order of name.

    Times and rights of the files are not told; names are those in the folder.

    Args:
        folder: without folders in it.
        target: the zip; must not be there.
        inside: the folder's name within the zip.
        tell: called with (files done, files in all).

    Returns:
        SHA-256 of the zip, in hex.
    """
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    with (
        target.open("xb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive,
    ):
        for number, path in enumerate(paths):
            tell(number, len(paths))
            name = f"{inside}/{path.name}"
            with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, PIECE)
    with target.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()
