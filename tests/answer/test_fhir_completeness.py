"""An independent count: every entry that a summary's sections name is in the Reading.

The walker below shares no code with the importer. It follows a section's references by full URL
and by `Type/id`, reports' results and panels' members, and counts resources.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sapar.answer.fhir import read

OWN = Path(__file__).parent.parent / "samples"
GIVEN = os.environ.get("SAPAR_SAMPLES", "")


def summaries() -> list[Path]:
    found = sorted(OWN.glob("*.json"))
    found += sorted(Path(GIVEN).rglob("*.json")) if GIVEN else []
    return [path for path in found if b'"Composition"' in path.read_bytes()]


def named_by_sections(document: dict[str, Any]) -> set[str]:
    """`Type/id` (or the full URL) of everything that a section names, members included."""
    found: dict[str, dict[str, Any]] = {}
    own_name: dict[int, str] = {}
    for entry in document["entry"]:
        resource, url = entry["resource"], entry.get("fullUrl", "")
        name = f"{resource['resourceType']}/{resource['id']}" if "id" in resource else url
        own_name[id(resource)] = name
        short = "/".join(url.split("/")[-2:])
        for key in (name, url, short, f"{resource['resourceType']}/{url.split(':')[-1]}"):
            found.setdefault(key, resource)
    sections = [
        section
        for entry in document["entry"]
        if entry["resource"]["resourceType"] == "Composition"
        for section in entry["resource"].get("section", [])
    ]
    wanted = [one["reference"] for section in sections for one in section.get("entry", [])]
    names: set[str] = set()
    while wanted:
        reference = wanted.pop()
        resource = found.get(reference) or found.get("/".join(reference.split("/")[-2:]))
        if resource is None or own_name[id(resource)] in names:
            continue
        names.add(own_name[id(resource)])
        members = [*resource.get("result", []), *resource.get("hasMember", [])]
        wanted += [member["reference"] for member in members if "reference" in member]
    return names


@pytest.mark.parametrize("path", summaries(), ids=lambda path: path.name)
def test_every_entry_that_a_section_names_is_in_the_reading(path):
    content = path.read_bytes()
    named = named_by_sections(json.loads(content.decode("utf-8-sig")))
    read_from = {item.reference for item in read(content).facts.items}
    assert named
    assert named <= read_from


@pytest.mark.parametrize("path", summaries(), ids=lambda path: path.name)
def test_every_narrative_of_a_section_is_in_the_reading(path):
    content = path.read_bytes()
    document = json.loads(content.decode("utf-8-sig"))
    texts = [
        section
        for entry in document["entry"]
        if entry["resource"]["resourceType"] == "Composition"
        for section in entry["resource"].get("section", [])
        if section.get("text", {}).get("div")
    ]
    assert len(read(content).facts.narratives) == len(texts)
