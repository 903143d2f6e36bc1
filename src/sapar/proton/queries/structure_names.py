"""The names of a study's structures: what a site has said, what is proposed, what is open."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from sapar.kernel.errors import NotFoundError
from sapar.proton.adapters.volumes import StoredStudy
from sapar.proton.engine.selection.names import NOT_USED, Match, Table, match, read_names, tidy
from sapar.proton.models import StructureName, Study
from sapar.proton.queries.studies import folder_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class NamesSeen:
    """The structures of a study and what their names are taken for.

    Attributes:
        study, case: whose.
        site: the organisation whose word counts: who refers the case.
        matches: one for each structure, in the order of the structure set.
        roles: interpreted type of each structure (PTV, ORGAN), as sent, or "".
        open: how many of them a person must say.
        new: how many nobody at this site has confirmed yet.
    """

    study: UUID
    case: UUID
    site: UUID
    matches: tuple[Match, ...]
    roles: tuple[str, ...]

    @property
    def open(self) -> int:
        """How many a person must say."""
        return sum(each.asks for each in self.matches)

    @property
    def new(self) -> int:
        """How many nobody at this site has confirmed yet, conflicts included."""
        return sum(each.how != "remembered" for each in self.matches)

    @property
    def confirmed(self) -> dict[str, str]:
        """Sent name to the name that a person of this site has confirmed; without the unused."""
        return {
            each.sent: each.name
            for each in self.matches
            if each.how == "remembered" and each.name != NOT_USED
        }

    @property
    def proposed(self) -> dict[str, str]:
        """As `confirmed`, with what is sure by the table or likeness but unconfirmed."""
        return {e.sent: e.name for e in self.matches if e.name and e.name != NOT_USED}


@lru_cache(maxsize=2)
def _read(text: str) -> Table:
    return read_names(text)


@lru_cache(maxsize=1)
def _text() -> str:
    path = settings.DATA / "proton" / "selection" / "names.yaml"
    return str(path.read_text("utf-8"))


def table() -> Table:
    """The table of names, read once in a process."""
    return _read(_text())


def table_digest() -> str:
    """SHA-256 of the table's file."""
    return hashlib.sha256(_text().encode()).hexdigest()


def key_of(sent: str) -> str:
    """What a sent name is remembered by: HMAC-SHA-256 under a key of the installation.

    A name that is not kept, since it may hold a patient's, cannot be guessed from it without the
    installation's secret.
    """
    secret = f"sapar.structure-name:{settings.SECRET_KEY}".encode()
    return hmac.new(secret, tidy(sent).encode(), hashlib.sha256).hexdigest()


def remembered(site: UUID, sent: Iterable[str]) -> dict[str, str]:
    """What a site has said of these names: tidied sent name to name or "-"."""
    keys = {key_of(each): tidy(each) for each in sent}
    rows = StructureName.objects.filter(
        organisation_id=site, key__in=list(keys), replaced_at=None
    ).values_list("key", "name")
    return {keys[key]: name for key, name in rows}


def site_of(row: Study) -> UUID:
    """Whose names they are: who refers the case.

    Raises:
        NotFoundError: the study has no case yet.
    """
    if row.case is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"study:{row.pk}"))
    return row.case.referring_organisation_id


def names_of(study: UUID) -> NamesSeen:
    """The names of a study that is ready. The caller has asked the policy for its case.

    Raises:
        NotFoundError: there is no such study, it is not read yet, or it has no case.
    """
    row = Study.objects.select_related("case").filter(pk=study, state=Study.State.READY).first()
    if row is None or row.case_id is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"study:{study}"))
    structures = StoredStudy(folder_of(study)).meta["structures"]
    sent = [str(each["name"]) for each in structures]
    site = site_of(row)
    found = match(sent, table(), remembered(site, sent))
    roles = tuple(str(each.get("role") or "") for each in structures)
    return NamesSeen(study, row.case_id, site, tuple(found), roles)
