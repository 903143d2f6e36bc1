"""Where deliveries lie: what is kept in storage, what is still arriving beside it.

Unfinished files stay out of `MEDIA_ROOT`, since a backup takes every file there as one that no
longer changes. Names are ids and hashes of ours; no name that a sender gave reaches the disk.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from uuid import UUID

SPARE = 2 * 1024**3
"""Bytes of the disk that are never given to studies: our default."""
PRIVATE = 0o700


def _made(folder: Path) -> Path:
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return folder


def study_folder(study: UUID) -> Path:
    """Everything of one delivery."""
    return Path(settings.MEDIA_ROOT) / "studies" / str(study)


def studies() -> list[Path]:
    """The folders of all deliveries; the name of each is the study's id."""
    folder = Path(settings.MEDIA_ROOT) / "studies"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def files_folder(study: UUID) -> Path:
    """The files as they came, each under its SHA-256; made where it is missing."""
    return _made(study_folder(study) / "files")


def derived_folder(study: UUID) -> Path:
    """What was read of them; may be missing, and can be made again."""
    return study_folder(study) / "derived"


def panel_folder(study: UUID) -> Path:
    """The de-identified copy for the panel and its sealed file; may be missing."""
    return study_folder(study) / "panel"


def _incoming(*parts: str) -> Path:
    return _made(Path(settings.VAR) / "incoming" / Path(*parts))


def upload_file(upload: UUID) -> Path:
    """The bytes of an upload that have come so far."""
    return _incoming("uploads") / str(upload)


def spool_folder(peer: UUID) -> Path:
    """Instances of a peer that were taken and are not yet part of a study."""
    return _incoming("spool", str(peer))


def spool_folders() -> list[Path]:
    """The spools of all peers; the name of each is the peer's id."""
    return sorted(each for each in _incoming("spool").iterdir() if each.is_dir())


def network_folder() -> Path:
    """Instances while they come over the DICOM network, before they are whole."""
    return _incoming("network")


def copy_folder(copy: UUID) -> Path:
    """Where a de-identified copy is made, until it is whole."""
    return _incoming("copies") / str(copy)


def copy_folders() -> list[Path]:
    """The folders of all copies that are being made."""
    return sorted(_incoming("copies").iterdir())


def uploads() -> list[Path]:
    """The files of all uploads; the name of each is the upload's id."""
    return sorted(_incoming("uploads").iterdir())


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def has_room(size: int) -> bool:
    """Whether the disk takes so many bytes more and keeps something to spare."""
    folder = _incoming()
    return shutil.disk_usage(folder).free - size > SPARE


def remove(path: Path) -> None:
    """Remove a file or a folder with all in it; one that is gone is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def link(source: Path, target: Path) -> None:
    """The same content under a second name; copied where the disks differ."""
    with contextlib.suppress(FileExistsError):
        try:
            os.link(source, target)
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            beside = target.with_name(f".{target.name}")
            shutil.copyfile(source, beside)
            beside.replace(target)
