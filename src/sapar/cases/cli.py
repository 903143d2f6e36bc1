"""Commands of the cases room: the reference page of the tracks."""

from __future__ import annotations

import click
from django.utils import translation

from sapar.cases.engine.guards import NEEDS
from sapar.cases.engine.reasons import REASONS
from sapar.cases.engine.waiting import APPEAL_DAYS, TARGETS
from sapar.cases.phrases import PHRASES
from sapar.cases.states import FAILING, NEW_TASK_EVENTS, TRACKS

_HEAD = """# Tracks

*Generated from the tables of the cases room by `sapar cases tracks`; a test compares.*

A case has five tracks and a state as a whole. Nobody sets a state: an action moves it by an event.
The state's code is the FHIR `Task.businessStatus`. An overdue clock turns that into `overdue` and
changes nothing else. A declined request stays `active` until its appeal period of
{days} days has ended; one that was referred onward has the status of the case that took its place.
"""


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines) + "\n"


def _track_tables(name: str) -> list[str]:
    track = TRACKS[name]
    states: list[tuple[str, ...]] = [
        (f"`{s.code}`", f"`{s.task_status}`", f"`{s.request_status}`" if s.request_status else "-",
         s.meaning, "yes" if s.final else "")
        for s in track.states
    ]  # fmt: skip
    events: list[tuple[str, ...]] = [
        (
            f"`{t.event}`",
            ", ".join(f"`{s.code}`" for s in track.states if s.code in t.sources),
            f"`{t.target}`",
            f"`{t.reason}`" if t.reason else "-",
            "; ".join(
                f"{n.by}: " + ", ".join(f"`{c}`" for c in sorted(n.states))
                for n in NEEDS
                if n.track == name and t.event in n.events
            )
            or "-",
            " ".join(
                filter(
                    None,
                    (
                        "releases what is held" if (name, t.target) in FAILING else "",
                        "new Task" if (name, t.event) in NEW_TASK_EVENTS else "",
                    ),
                )
            )
            or "-",
        )
        for t in track.transitions
    ]
    return [
        f"## {name}\n",
        _table(("state", "Task.status", "ServiceRequest.status", "meaning", "final"), states),
        _table(("event", "from", "to", "reason from", "needs", "effect"), events),
    ]


def tracks_page() -> str:
    """docs/reference/tracks.md as the tables give it."""
    with translation.override("en"):
        return _page()


def _page() -> str:
    parts = [_HEAD.format(days=APPEAL_DAYS)]
    for name in TRACKS:
        parts += _track_tables(name)
    parts.append("## Reasons\n")
    parts.append(
        "Cancellation and non-attendance codes are mapped to those of the NHS e-Referral Service.\n"
    )
    reasons: list[tuple[str, ...]] = [
        (f"`{name}`", f"`{r.code}`", str(PHRASES[f"cases.reason.{name}.{r.code}"]),
         f"`{r.ers}`" if r.ers else "-", "yes" if r.text_needed else "")
        for name, entries in REASONS.items()
        for r in entries
    ]  # fmt: skip
    parts.append(_table(("list", "code", "meaning", "e-RS", "words needed"), reasons))
    parts.append("## Clocks\n")
    clocks: list[tuple[str, ...]] = [
        (f"`{t.code}`", t.track, ", ".join(f"`{s}`" for s in sorted(t.states)),
         f"{t.hours} h" if t.hours else f"{t.working_days} working days",
         f"{t.child_hours} h" if t.child_hours else "-", t.side,
         f"{t.source.title} ({t.source.mark})")
        for t in TARGETS
    ]  # fmt: skip
    parts.append(
        _table(("clock", "track", "runs in", "time", "child", "calendar of", "source"), clocks)
    )
    return "\n".join(parts)


@click.group()
def cases() -> None:
    """Cases: reference."""


@cases.command()
def tracks() -> None:
    """Print docs/reference/tracks.md."""
    click.echo(tracks_page(), nl=False)
