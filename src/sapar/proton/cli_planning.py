"""`sapar proton plan`, `planning-reference`, `planning-calibrate`: proton doses from the shell."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.proton.adapters.planning.plan import PlannedProton
    from sapar.proton.engine.scheduling.watch import Watch
    from sapar.proton.engine.selection.estimate.wish import Wish
    from sapar.proton.engine.selection.plan import Study

NOT_NEEDED = {"proton.study.no_dose", "proton.study.no_course_dose", "proton.study.several_doses",
              "proton.study.all_outside_dose", "proton.study.no_plan"}  # fmt: skip
"""Findings against the photon plan, which a proton plan does not need."""


def add_to(group: click.Group) -> None:
    """Add the commands of this file to a group."""
    group.add_command(plan)
    group.add_command(planning_reference)
    group.add_command(planning_calibrate)


def _watch(seconds: float | None) -> Watch:
    from sapar.proton.engine.scheduling.watch import Watch

    ends = None if seconds is None else time.monotonic() + seconds

    def tell(_best: float | None, _bound: float | None, done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done}/{total}  ", err=True, nl=False)

    return Watch(expired=lambda: ends is not None and time.monotonic() > ends, tell=tell)


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """What stands in the way of a plan is said as any other wrong input."""
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton.adapters.planning.process import PlanningError

    try:
        yield
    except PlanningError as error:
        raise InvalidInputError(error.problem) from error


def _study(folder: Path) -> Study:
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton.adapters.dicom.reading import read_study

    read = read_study(folder)
    wrong = [[p for p in s.findings if p.fatal and p.code not in NOT_NEEDED] for s in read.studies]
    good = [s.study for s, against in zip(read.studies, wrong, strict=True) if not against]
    if not good:
        raise InvalidInputError([p for against in wrong for p in against] or list(read.findings))
    return good[0]


def _names(study: Study) -> dict[str, str]:
    """TG-263 names as the table proposes them; nobody has confirmed them."""
    from sapar.proton.data_files import text_of
    from sapar.proton.engine.selection.names.match import match
    from sapar.proton.engine.selection.names.read import read_names

    table = read_names(text_of("names"))
    found = match([s.name for s in study.structures], table, {})
    return {each.sent: each.name for each in found if each.name and each.name != "-"}


def _angles(given: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    found = []
    for text in given:
        gantry, _, couch = text.partition("/")
        try:
            found.append((float(gantry), float(couch or 0)))
        except ValueError as error:
            message = f"“{text}” is no direction: write gantry or gantry/couch in degrees"
            raise click.BadParameter(message, param_hint="--beam") from error
    return tuple(found)


def _document(planned: PlannedProton) -> dict[str, Any]:
    return {
        "acceptable": planned.acceptable,
        "mark": str(planned.mark),
        "beams": [[b.gantry, b.couch] for b in planned.beams],
        "coverage": [
            {"scenario": c.scenario, "target": c.target, "wanted_gy": c.wanted_gy,
             "d98_gy": round(c.d98_gy, 2), "d95_gy": round(c.d95_gy, 2),
             "d2_gy": round(c.d2_gy, 2), "acceptable": c.acceptable}
            for c in planned.coverage
        ],
        "reasons": [
            {"code": p.code, "where": p.where, "value": p.value, "params": dict(p.params)}
            for p in planned.reasons
        ],
        "versions": planned.versions,
        "told": planned.told,
    }  # fmt: skip


def _planned_study(study: Study, planned: PlannedProton, wish: Wish) -> Study:
    """The study with the proton plan and its dose in place of what was sent."""
    from dataclasses import replace

    from sapar.proton.adapters.dicom.uids import uid
    from sapar.proton.engine.selection.plan import Modality, Plan

    number = uid(study.frame, "planned", planned.versions["answer"])
    beams = tuple(
        (n, f"G{b.gantry:g}" + (f"C{b.couch:g}" if b.couch else ""), b.gantry)
        for n, b in enumerate(planned.beams, start=1)
    )
    made = Plan(
        number, "automatic", Modality.PROTON, wish.fractions, wish.prescription_gy,
        beams=beams, structures_uid=study.structures_uid, approved="UNAPPROVED",
    )  # fmt: skip
    dose = replace(planned.nominal, uid=uid(number, "dose"), plan_uid=number)
    return replace(study, doses=(dose,), plans=(made,))


@click.command("plan")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--site", default="other", show_default=True, help="As the protocols name it.")
@click.option(
    "--prescription",
    type=click.FloatRange(min=0.5),
    required=True,
    help="Dose of the course to the highest target level, Gy(RBE).",
)
@click.option("--fractions", type=click.IntRange(min=1), required=True)
@click.option(
    "--beam",
    "beams",
    multiple=True,
    metavar="GANTRY[/COUCH]",
    help="A direction in degrees; may be given several times. None: the site's rule.",
)
@click.option("--clock", type=click.FloatRange(min=1), help="Give up after so many seconds.")
def plan(
    *, folder: Path, out: Path, site: str, prescription: float, fractions: int,
    beams: tuple[str, ...], clock: float | None,
) -> None:  # fmt: skip
    """Make an automatic proton plan of the DICOM study in FOLDER.

    The dose is written to OUT as RTDOSE, Gy(RBE); what was found comes as JSON. The plan is
    unverified: it shows what protons could do, and treats nobody. Names of structures are as the
    table proposes them.

    Exit code 1: the plan misses a target in some scenario and must not be compared.
    """
    from sapar.proton.adapters.dicom.writing import Tags, write_study
    from sapar.proton.adapters.planning.plan import plan_protons
    from sapar.proton.engine.selection.estimate.wish import Wish
    from sapar.proton.proton_doses import planning_data

    study = _study(folder)
    wish = Wish(site, prescription, fractions, _angles(beams))
    with tempfile.TemporaryDirectory(prefix="sapar-plan-") as workdir, _said():
        planned = plan_protons(
            study, _names(study), wish, workdir=Path(workdir), watch=_watch(clock),
            data=planning_data(),
        )  # fmt: skip
    write_study(
        _planned_study(study, planned, wish), out, Tags(parts=frozenset({"doses", "plans"}))
    )
    click.echo(json.dumps(_document(planned), ensure_ascii=False, indent=1))
    if not planned.acceptable:
        sys.exit(1)


@click.command("planning-reference")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def planning_reference(file: Path) -> None:
    """Plan the phantom TG119 plainly and robustly and write its histograms to FILE (minutes)."""
    from sapar.proton.adapters.planning import tg119
    from sapar.proton.proton_doses import planning_data

    with tempfile.TemporaryDirectory(prefix="sapar-plan-") as workdir, _said():
        document = tg119.record(Path(workdir), planning_data(), _watch(None))
    tg119.write(document, file)


@click.command("planning-calibrate")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", "seeds", type=int, multiple=True, default=(1, 2, 3), show_default=True)
def planning_calibrate(file: Path, seeds: tuple[int, ...]) -> None:
    """Compare the estimate with automatic plans of our phantoms; write calibration.yaml (long)."""
    from sapar.proton.adapters.planning.calibrating import pairs_of, text_of
    from sapar.proton.proton_doses import planning_data

    def tell(said: str) -> None:
        click.echo(said, err=True)

    with tempfile.TemporaryDirectory(prefix="sapar-plan-") as workdir, _said():
        found = list(pairs_of(seeds, Path(workdir), _watch(None), planning_data(), tell))
    file.write_text(text_of([p for pairs in found for p in pairs], seeds), encoding="utf-8")
