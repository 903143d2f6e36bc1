"""Giving outcomes out of the house: with consent, without a name, in the form of CodeX RT."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.fhir import schema
from sapar.proton.engine.outcomes import codex
from sapar.proton.engine.outcomes.pseudonyms import Pseudonyms
from sapar.proton.engine.outcomes.treated import SMALLEST, Treated, held_back
from sapar.proton.models import Course, Outcome, RegistryKey
from sapar.proton.policy import Permission
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.treated import treated_of
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What is given out.

    Attributes:
        files: bytes by name: one Bundle a course, and the manifest.
        patients: how many are in it.
        without_consent: courses that were left out because nobody agreed to research.
        held_back: patients left out because too few look like them.
        sha256: of the names and bytes of all files, in hex.
    """

    files: dict[str, bytes]
    patients: int
    without_consent: int
    held_back: int
    sha256: str


@action("proton.export_outcomes")
def export_outcomes(*, by: Actor, centre: UUID, smallest: int = SMALLEST) -> Exported:
    """Make the files of the registry that may leave the centre.

    Only courses whose patient, or a guardian for them, has agreed to research (people room) are
    in it. The export and each case in it stand in the trail.

    Args:
        by: a physicist of the centre.
        centre: whose courses.
        smallest: how many must look alike in sex, age and diagnosis to be told apart.

    Raises:
        InvalidInputError: a group smaller than 1.
    """
    policy.require(by, Permission.EXPORT_OUTCOMES, Outcome(centre_id=centre))
    if smallest < 1:
        raise InvalidInputError(
            Problem.of("proton.outcome.smallest", where="smallest", value=smallest)
        )
    names = Pseudonyms(_key(centre))
    courses, refused = treated_of(centre)
    told, held = held_back(courses, smallest=smallest)
    ncit = library().terms.system
    bundles = [codex.bundle(one, names, ncit=ncit) for one in told]
    for each in bundles:
        _require_valid(each)
    files = {f"{each['id']}.json": _bytes(each) for each in bundles}
    patients = len({one.patient for one in told})
    files[MANIFEST] = _bytes(_manifest(bundles, patients, refused, held, smallest))
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\x00" + files[name])
    note(
        root=("organisation", centre),
        what={"patients": patients, "held_back": held, "sha256": digest.hexdigest()},
    )
    _note_cases(told)
    return Exported(files, patients, refused, held, digest.hexdigest())


def _note_cases(told: tuple[Treated, ...]) -> None:
    """Each case that left stands in its own trail, where the family can read it."""
    for pk, case in Course.objects.filter(
        pk__in=[one.course for one in told], case__isnull=False
    ).values_list("pk", "case_id"):
        note(root=("case", case), about=("proton.course", pk), what={"given_out": True})


def _key(centre: UUID) -> bytes:
    """The centre's secret, made at its first export and kept: pseudonyms stay the same."""
    row, _made = RegistryKey.objects.get_or_create(
        centre_id=centre, defaults={"key": secrets.token_hex(32)}
    )
    return bytes.fromhex(row.key)


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _manifest(
    bundles: list[dict[str, Any]], patients: int, refused: int, held: int, smallest: int
) -> dict[str, Any]:
    """What is in the export, for who receives it; counts of those left out only where not small."""
    return {
        "schema": "sapar.registry-export/1",
        "profiles": "HL7 CodeX Radiation Therapy (examples XRTS-01 to 03), HL7 FHIR R4",
        "courses": len(bundles),
        "patients": patients,
        "resources": codex.types_of(bundles),
        "left_out": {
            "without_consent": _told(refused, smallest),
            "too_few_alike": _told(held, smallest),
        },
        "smallest_group": smallest,
        "days": "shifted for each patient by one number of days",
        "identifiers": "HMAC-SHA-256 with a key that stays at the centre",
        "grades": "CTCAE " + library().terms.edition,
        "symptoms": "own wording in the manner of PRO-CTCAE; not the instrument",
        "said_by": "each form by itself, with who answered; of a child, its own and the guardian's",
    }


def _told(count: int, smallest: int) -> int | str:
    return count if count == 0 or count >= smallest else f"<{smallest}"


def _require_valid(bundle: dict[str, Any]) -> None:
    """Refuse to give out what the R4 schema refuses: a bug of ours, named by its place."""
    for entry in bundle["entry"]:
        resource = entry["resource"]
        found = schema.check(resource, resource["resourceType"])
        if found:
            raise InvalidInputError(found)
