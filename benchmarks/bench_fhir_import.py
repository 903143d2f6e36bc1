"""How quick the FHIR intake is, against the schema validator alone in the same run.

    SAPAR_MODE=test python benchmarks/bench_fhir_import.py [FOLDER]

Prints resources a second for the whole intake (decoding, validation, references, mapping) and for
`jsonschema` alone on the same resources, and the ratio. FOLDER defaults to our own samples.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from sapar.answer.fhir import read
from sapar.kernel.fhir import decode, parcel, schema

OWN = Path(__file__).parent.parent / "tests" / "samples"
SECONDS = 3.0


def resources(content: bytes) -> list[dict[str, Any]]:
    """The resources of a file that the intake validates."""
    return [entry.resource for entry in parcel.open_parcel(decode.decode(content)).entries]


def rate(work: Any, count: int) -> float:
    """Resources a second, over at least three seconds."""
    work()
    began, rounds = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        work()
        rounds += 1
    return rounds * count / (time.perf_counter() - began)


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    files = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix in {".json", ".ndjson"}]
    every = [resource for content in files for resource in resources(content)]

    def intake() -> None:
        for content in files:
            read(content)

    def schema_alone() -> None:
        for resource in every:
            list(schema.validator(resource["resourceType"]).iter_errors(resource))

    whole, alone = rate(intake, len(every)), rate(schema_alone, len(every))
    result = {
        "files": len(files),
        "resources": len(every),
        "intake_per_second": round(whole),
        "intake_ms_a_resource": round(1000 / whole, 3),
        "jsonschema_alone_per_second": round(alone),
        "intake_against_jsonschema": round(whole / alone, 2),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
