"""`sapar proton phantom`: a made patient's planning study as DICOM files."""

from __future__ import annotations

from pathlib import Path

import click

SITES = ("head-and-neck", "breast", "brain-child", "concave-core")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--site", type=click.Choice(SITES), default=SITES[0], show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
@click.option("--proton", is_flag=True, help="A proton plan instead of photons.")
@click.option("--size", type=click.Choice(["small", "full"]), default="small", show_default=True)
@click.option(
    "--names",
    type=click.Choice(["tg263", "english", "russian", "kazakh"]),
    default="tg263",
    show_default=True,
    help="In whose manner the structures are named.",
)
def phantom(folder: Path, site: str, seed: int, size: str, names: str, *, proton: bool) -> None:
    """Write a made patient's study (CT, structures, plan, doses) into FOLDER.

    The same options give the same bytes. Nobody's data are in it, and no licence binds it.
    """
    from sapar.proton import phantoms
    from sapar.proton.adapters.dicom.writing import PatientTags, Tags, write_study
    from sapar.proton.engine.selection.plan import Modality

    modality = Modality.PROTON if proton else Modality.PHOTON
    study = phantoms.MAKERS[site](seed, size=size, modality=modality, naming=names)
    patient = PatientTags(f"PHANTOM-{site}-{seed}"[:64], f"Phantom^{site} {seed}")
    written = write_study(study, folder, Tags(patient=patient))
    click.echo(f"{len(written)} {folder}")


def add_to(group: click.Group) -> None:
    """Add the command to a group."""
    group.add_command(phantom)
