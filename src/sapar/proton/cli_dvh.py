"""`sapar proton dvh`: the dose-volume histograms of a folder of DICOM files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sapar.proton.cli_select import dump, problems_as_json, take, told

if TYPE_CHECKING:
    from sapar.proton.cli_select import Taken
    from sapar.proton.engine.selection.plan import DoseGrid, Study

SHARES = (0.98, 0.95, 0.50, 0.02)
"""Of these shares of the volume the dose is printed: D98, D95, D50, D2 (ICRU 83)."""


def add_to(group: click.Group) -> None:
    """Put the command into `sapar proton`."""
    group.add_command(dvh)


def _curves(taken: Taken, dose: DoseGrid) -> list[dict[str, Any]]:
    from sapar.proton.engine.selection.dvh.compute import histograms

    study = taken.study
    structures = [each for each in study.structures if each.contours]
    planes = study.image.grid.z if study.image is not None else None
    found = histograms(structures, dose, planes=planes)
    return [
        {**each.as_json(), "tg263": taken.names.get(structure.name, ""), "roi": structure.number}
        for structure, each in zip(structures, found, strict=True)
    ]


def _doses(study: Study) -> list[DoseGrid]:
    from sapar.proton.engine.selection.plan import Summation

    sums = [d for d in study.doses if d.summation in (Summation.PLAN, Summation.MULTI_PLAN)]
    return sums or list(study.doses)


def _table(rows: list[dict[str, Any]]) -> None:
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume

    table = Table()
    table.add_column(_("Structure"), no_wrap=True, max_width=24)
    table.add_column("TG-263", no_wrap=True)
    for heading in (_("Volume, cm³"), _("Mean, Gy"), _("Largest, Gy")):
        table.add_column(heading, justify="right")
    for share in SHARES:
        table.add_column(f"D{100 * share:.0f}%", justify="right")
    for row in rows:
        curve = DoseVolume.from_json(row)
        said = [f"{curve.total_cc:.2f}", f"{curve.mean_gy:.2f}", f"{curve.maximum_gy:.2f}"]
        doses = [f"{curve.dose_at(s):.2f}" if curve.measured_cc > 0 else "–" for s in SHARES]
        table.add_row(row["name"], row["tg263"] or "?", *said, *doses)
    Console().print(table)


@click.command()
@click.argument("study_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A JSON object: name as sent to TG-263 name.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Histograms in full, as JSON.")
def dvh(*, study_dir: Path, names: Path | None, as_json: bool) -> None:
    """Dose-volume histograms of every structure of a study, for each plan sum it has."""
    taken = take(study_dir, names, only_dose=True)
    found: list[dict[str, Any]] = [
        {
            "dose": dose.uid,
            "dose_type": dose.dose_type.value,
            "summation": dose.summation.value,
            "modality": dose.modality.value,
            "structures": _curves(taken, dose),
        }
        for dose in _doses(taken.study)
    ]
    if as_json:
        dump(
            {
                "schema": "sapar.dvh/1",
                "doses": found,
                "findings": problems_as_json(taken.read.findings),
            }
        )
        return
    told(taken.read.findings)
    for each in found:
        click.echo(f"{each['modality']} {each['dose_type']} {each['summation']} {each['dose']}")
        _table(each["structures"])
