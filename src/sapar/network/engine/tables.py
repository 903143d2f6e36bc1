"""The network's rules as Markdown tables: what docs/reference/data.md shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.network.engine import vocabulary as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.network.engine.snapshot import Indication, Snapshot
    from sapar.values.marks import Source

HEAD = """# Reference data

This page is written by `sapar network tables`; a test fails when it differs from the files in
`data/network/`. It shows what the files say on {day}. What the fields mean stands in
[the network's page](../rooms/network.md).

Every row bears a mark: **verified** data decides; **demonstration** data decides only in a
demonstration; **unverified** data never decides.
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell or "–" for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _source(source: Source) -> tuple[str, str]:
    dated = f", {source.dated.isoformat()}" if source.dated else ""
    return source.mark.value, source.title + dated


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def visa_routes(shown: Snapshot) -> str:
    """Who enters where, by which route."""
    head = ("Citizens of", "To", "Route", "Longest stay", "Days to decide", "Mark", "Source")
    return _table(
        head,
        (
            (
                r.citizenship,
                r.destination,
                r.kind,
                _number(r.max_days),
                _number(r.processing_days),
                *_source(r.source),
            )
            for r in sorted(shown.visa_routes, key=lambda r: (r.destination, r.citizenship, r.code))
        ),
    )


def _window(indication: Indication, urgency: str) -> str:
    found = {w.urgency: w for w in indication.start_windows}
    window = found.get(urgency) or found.get("")
    return f"{window.days} ({window.counted_from})" if window else ""


def start_windows(shown: Snapshot, programme: str) -> str:
    """The latest acceptable first treatment, in days, of a programme's indications."""
    urgencies = [u for u in words.URGENCIES if u]
    head = ("Indication", "ICD-10", *urgencies, "Needs", "Mark")
    return _table(
        head,
        (
            (
                i.names.get("en", i.code),
                ", ".join(i.icd10),
                *(_window(i, urgency) for urgency in urgencies),
                ", ".join(sorted(i.needs)),
                i.source.mark.value,
            )
            for i in shown.indications.values()
            if i.programme == programme
        ),
    )


def quotas(shown: Snapshot) -> str:
    """Places under agreements."""
    head = ("Agreement", "Route", "Patients of", "Programme", "From", "To", "Places", "Mark")
    return _table(
        head,
        (
            (
                a.code,
                a.route,
                a.patient_country,
                q.programme,
                q.valid_from.isoformat() if q.valid_from else "",
                q.valid_to.isoformat() if q.valid_to else "",
                str(q.places),
                q.source.mark.value,
            )
            for a in shown.agreements
            for q in a.quotas
        ),
    )


def facts(shown: Snapshot) -> str:
    """Figures and statements with their sources."""
    return _table(
        ("Fact", "Value", "Mark", "Source"),
        (
            (f.code, " ".join(p for p in (f.value, f.unit) if p), *_source(f.source))
            for f in shown.facts.values()
        ),
    )


def render(shown: Snapshot) -> str:
    """The whole page, in Markdown."""
    parts = [HEAD.format(day=shown.day.isoformat())]
    parts += ["## Facts\n", facts(shown), "## Visa routes\n", visa_routes(shown)]
    parts += ["## Agreements and quotas\n", quotas(shown), "## Start windows\n"]
    parts.append(
        "The latest acceptable first treatment, in calendar days from the event in brackets, by\n"
        "urgency (FHIR request priority).\n"
    )
    for code, programme in shown.programmes.items():
        parts += [f"### {programme.names.get('en', code)}\n", start_windows(shown, code)]
    return "\n".join(parts)
