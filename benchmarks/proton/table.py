"""The public benchmark of the proton engines, by one command.

    python -m benchmarks.proton.table                     every row with full budgets (hours)
    python -m benchmarks.proton.table --quick             small budgets (minutes)
    python -m benchmarks.proton.table --only day-reference
    python -m benchmarks.proton.table --write FOLDER      the documents as JSON files
    python -m benchmarks.proton.hour    gaps of full bookings after 5 and 60 minutes

Each row is solved by our engine and, in the same run and with the same seconds, by its peers: first
come first served, the usual fixed slots, a plain CP-SAT model, an annealer. Every plan, ours and
theirs, is judged by the independent checker. Ours is ahead, or the row says why it is not.
`best_known.json` keeps the best value and the best certified bound ever found, and by whom; a run
with `--keep` improves it, never worsens it.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.proton.instances import Instance, all_instances
from benchmarks.proton.rows import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Sequence

BEST = Path(__file__).with_name("best_known.json")


@dataclass(slots=True)
class Row:
    """What one instance gave. Values are tuples compared from the left; smaller is better."""

    name: str
    ours: tuple[float, ...] | None
    bound: float | None
    seconds: float
    peers: dict[str, tuple[float, ...] | None]
    said: str
    extra: dict[str, Any] = field(default_factory=dict)


def shown(value: tuple[float, ...] | None) -> str:
    """A value as the table has it."""
    return "none" if value is None else " / ".join(f"{part:.10g}" for part in value)


def verdict(row: Row) -> str:
    """Ahead of whom, equal to whom and why, behind whom."""
    if row.ours is None:
        found = [name for name, value in row.peers.items() if value is not None]
        return "no plan; neither has any peer" if not found else f"BEHIND {', '.join(found)}"
    behind = [n for n, v in row.peers.items() if v is not None and v < row.ours]
    equal = [n for n, v in row.peers.items() if v == row.ours]
    if behind:
        return f"BEHIND {', '.join(behind)}"
    if equal:
        proven = row.bound is not None and row.ours[0] <= row.bound + 1e-9
        proven = proven or bool(row.extra.get("proven"))
        why = "the value is proven best" if proven else "no better plan found"
        return f"equal to {', '.join(equal)}: {why}"
    return "ahead of all"


def run(instance: Instance, *, quick: bool) -> Row:
    """Solve one instance by our engine and by the peers of its family."""
    family = FAMILIES[instance.family]
    document = instance.make()
    seconds = family.quick_seconds if quick else family.seconds
    began = time.perf_counter()
    ours, bound, said, extra = family.ours(document, seconds, quick=quick)
    spent = time.perf_counter() - began
    # The peers get the seconds that ours took, and not less than one.
    peers = {name: peer(document, max(1.0, spent)) for name, peer in family.peers.items()}
    return Row(instance.name, ours, bound, spent, peers, said, extra)


def keep(rows: Sequence[Row]) -> None:
    """Improve the best known values; a worse one changes nothing."""
    known: dict[str, dict[str, Any]] = json.loads(BEST.read_text()) if BEST.exists() else {}
    for row in rows:
        entry = known.setdefault(row.name, {})
        for who, value in [("ours", row.ours), *row.peers.items()]:
            if value is not None and ("best" not in entry or list(value) < entry["best"]):
                entry["best"], entry["by"] = list(value), who
        if row.bound is not None and row.bound > entry.get("bound", float("-inf")):
            entry["bound"], entry["bound_by"] = row.bound, row.said
    BEST.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


def _print(row: Row, known: dict[str, Any], widest: int) -> None:
    best = known.get(row.name, {})
    peers = "  ".join(f"{name} {shown(value)}" for name, value in row.peers.items())
    print(
        f"{row.name:<{widest}}  ours {shown(row.ours)}  bound {row.bound}  {row.said}  "
        f"{row.seconds:.1f} s  |  {peers}  |  best known "
        f"{shown(tuple(best['best'])) if 'best' in best else '-'}  |  {verdict(row)}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit code 1 if a peer is ahead on a row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args(arguments)
    instances = [each for each in all_instances() if chosen.only in each.name]
    if chosen.write:
        chosen.write.mkdir(parents=True, exist_ok=True)
        for each in instances:
            (chosen.write / f"{each.name}.json").write_text(json.dumps(each.make(), indent=1))
        print(f"{len(instances)} documents in {chosen.write}")
        return 0
    known = json.loads(BEST.read_text()) if BEST.exists() else {}
    widest = max((len(each.name) for each in instances), default=0)
    rows = []
    for each in instances:
        rows.append(run(each, quick=chosen.quick))
        _print(rows[-1], known, widest)
        if chosen.keep:
            keep(rows[-1:])
    behind = [row.name for row in rows if "BEHIND" in verdict(row)]
    for family, summary in ((name, FAMILIES[name].summary) for name in FAMILIES):
        mine = [row for row in rows if row.name.startswith(family)]
        if mine:
            print(
                f"{family}: {len(mine)} rows. {summary([(r.ours, r.bound, r.extra) for r in mine])}"
            )
    print(
        f"{len(rows)} rows, a peer is ahead on {len(behind)}" + "".join(f"\n  {n}" for n in behind)
    )
    return 1 if behind else 0


if __name__ == "__main__":
    raise SystemExit(main())
