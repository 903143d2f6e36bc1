"""`sapar proton registry-export` and `sapar proton calibration`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from uuid import UUID


def add_to(group: click.Group) -> None:
    """Add the commands of this file to a group."""
    group.add_command(registry_export)
    group.add_command(calibration)


def _centre(code: str) -> UUID:
    from sapar.kernel.accounts.models import Organisation
    from sapar.kernel.errors import NotFoundError
    from sapar.values.statements import Problem

    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise NotFoundError(Problem.of("proton.outcome.no_centre", where="--centre", value=code))
    return found.pk


@click.command("registry-export")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="An empty folder, or one that is not there yet.",
)
@click.option("--centre", default="proton-astana", show_default=True, help="Code of the centre.")
@click.option(
    "--smallest",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="How many patients must look alike to be told apart.",
)
def registry_export(out: Path, centre: str, smallest: int) -> None:
    """Give the registry out as CodeX RT (FHIR R4), one Bundle a course, and nobody's name.

    Only with a consent to research. The export stands in the trail as one of the system itself.
    """
    import json

    from sapar.kernel.actors import Actor
    from sapar.kernel.errors import RefusedError
    from sapar.proton.actions.outcome_export import MANIFEST, export_outcomes
    from sapar.values.statements import Problem

    if out.exists() and any(out.iterdir()):
        raise RefusedError(Problem.of("proton.outcome.folder_full", where="--out", value=out))
    made = export_outcomes(by=Actor.machine("cli"), centre=_centre(centre), smallest=smallest)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in made.files.items():
        (out / name).write_bytes(content)
    click.echo(json.dumps({**json.loads(made.files[MANIFEST]), "sha256": made.sha256}, indent=1))


@click.command("calibration")
@click.option("--centre", default="", help="Code of a centre; all where it is not given.")
@click.option("--group", default="", help="A group of sites: head-neck, cns, breast, …")
@click.option("--shared", is_flag=True, help="Join small cells, as for readers outside.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; else a table.")
def calibration(centre: str, group: str, *, shared: bool, as_json: bool) -> None:
    """Foretold against observed complications, with 95 % intervals.

    Who had the complication before treatment is left out where the models do not know of it, and
    kept where they take it into account.
    """
    import json

    from sapar.proton.queries.predictions import compared, foretold

    found = compared(foretold(_centre(centre) if centre else None), shared=shared, group=group)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], indent=1))
        return
    click.echo("endpoint\tn\tevents\texpected\tin the large\tslope\tleft out\tkept")
    for each in found:
        fit = each.calibration
        if fit.suppressed:
            click.echo(f"{each.endpoint.id}\ttoo few")
            continue
        numbers = (fit.count, fit.events, f"{fit.expected:.1f}")
        ends = (_shown(fit.in_the_large), _shown(fit.slope))
        before = ("-", "-")
        if each.at_baseline is not None:
            before = (str(each.at_baseline.left_out.count), str(each.at_baseline.kept.count))
        click.echo("\t".join(map(str, (each.endpoint.id, *numbers, *ends, *before))))


def _shown(interval: Any) -> str:
    if interval is None:
        return "-"
    return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def _plain(each: Any) -> dict[str, Any]:
    return {
        "endpoint": each.endpoint.id,
        "term": each.endpoint.term,
        "grade": each.endpoint.grade,
        "months": each.endpoint.months,
        "group": each.group,
        "models": list(each.models),
        "unknown": each.unknown,
        "models_ask_for_baseline": each.asks,
        "at_baseline": None if each.at_baseline is None else asdict(each.at_baseline),
        **each.calibration.as_json(),
    }
