"""The part of the study's page about its copy for the panel, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import ngettext

from sapar.kernel import policy
from sapar.kernel.languages import formats, phrases
from sapar.proton.policy import Permission
from sapar.proton.queries import deidentified
from sapar.proton.views.sizes import size_words

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case
    from sapar.kernel.actors import Actor
    from sapar.proton.queries.deidentified import CopyShown


def section(actor: Actor, case: Case, study: UUID | None) -> dict[str, Any] | None:
    """What the page shows of the copy; None for who may not have it, or without a study."""
    if study is None or not policy.can(actor, Permission.DEIDENTIFY, case):
        return None
    found = deidentified.copy_of(study)
    return {
        "copy": words(found) if found is not None else None,
        "may_ask": found is None or found.state in {"failed", "refused"},
        "may_reverse": policy.can(actor, Permission.REIDENTIFY),
    }


def words(found: CopyShown) -> dict[str, Any]:
    """One copy for a page."""
    return {
        "shown": found,
        "size": size_words(found.size) if found.size else "",
        "files": ngettext("{n} file", "{n} files", found.count).format(
            n=formats.number(found.count)
        ),
        "left_out": [
            {"what": phrases.text(each), "remedy": phrases.remedy(each)} for each in found.findings
        ],
        "phrase": phrases.word(found.phrase) if found.phrase else "",
    }
