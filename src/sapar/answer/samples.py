"""`sapar samples DIR`: run the importers over a folder and print what was found.

Reads only: no case is kept, no database is needed, and nothing of the files' content is logged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sapar.answer.fhir import Reading, read
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.values.statements import Problem

SUFFIXES = frozenset({".json", ".ndjson", ".jsonl"})


def found_files(folder: Path) -> list[Path]:
    """Every JSON file below a folder, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """A problem with its sentence and remedy in the active language."""
    return {
        "code": problem.code,
        "where": problem.where,
        "value": problem.value,
        "fatal": problem.fatal,
        "text": phrases.text(problem),
        "remedy": phrases.remedy(problem),
    }


def as_json(reading: Reading) -> dict[str, Any]:
    """One line of the table as JSON."""
    return {
        "file": reading.name,
        "kind": reading.kind,
        "version": reading.version,
        "verdict": reading.verdict,
        "referral": reading.is_referral,
        "patient": bool(reading.facts.person.names or reading.facts.person.identifiers),
        "sections": dict(reading.counts),
        "narratives": len(reading.facts.narratives),
        "files": len(reading.files),
        "sha256": reading.sha256,
        "problems": [problem_as_json(problem) for problem in reading.problems],
        "not_imported": [
            {"type": left.kind, "where": left.where, "reason": left.reason}
            for left in reading.not_imported
        ],
    }


def _table(readings: Iterable[Reading]) -> None:
    """Print for people."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - `sapar --help` stays quick
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("File", "Kind", "Who", "Found", "Problems", "Verdict"):
        table.add_column(heading, overflow="fold", no_wrap=heading not in {"File", "Kind"})
    details: list[tuple[str, list[str]]] = []
    for reading in readings:
        person = reading.facts.person
        sections = "\n".join(f"{section} {count}" for section, count in reading.counts)
        wrong = f"{len(reading.problems)} + {len(reading.not_imported)}"
        table.add_row(
            escape(reading.name),
            f"{reading.kind}\n{reading.version}".strip(),
            "✓" if person.names or person.identifiers else "–",
            sections or "–",
            wrong if reading.problems or reading.not_imported else "0",
            str(phrases.shown("verdict_phrase", f"intake.verdict.{reading.verdict}")),
        )
        lines = [f"{p.where}  {phrases.text(p)} {phrases.remedy(p)}".strip()
                 for p in reading.problems]  # fmt: skip
        lines += [
            f"{left.where}  {left.kind}: {phrases.shown('reason_phrase', left.reason)}"
            for left in reading.not_imported
        ]
        if lines:
            details.append((reading.name, lines))
    console.print(table)
    for name, lines in details:
        console.print(f"\n[bold]{escape(name)}[/bold]")
        for line in lines:
            console.print(f"  {line}", markup=False, highlight=False)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_document", is_flag=True, help="One JSON document instead of a table.")
def samples(folder: Path, *, as_document: bool) -> None:
    """Read every FHIR file below FOLDER and print what was found in each."""
    readings = (
        read(path.read_bytes(), name=str(path.relative_to(folder))) for path in found_files(folder)
    )
    if as_document:
        document = {"files": [as_json(reading) for reading in readings]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _table(readings)
