"""`sapar proton select` and `sapar proton dvh`: a folder of DICOM files in, an answer out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sapar.proton.adapters.dicom.reading import ReadStudy
    from sapar.proton.engine.selection.names.match import Match
    from sapar.proton.engine.selection.plan import DoseGrid, Study
    from sapar.proton.proton_doses import ProtonSide
    from sapar.values.statements import Problem

WRONG = 3
"""Exit code of an input with mistakes."""
STAGES = ("zero", "estimate", "plan")
SHARES = (0.98, 0.95, 0.50, 0.02)
"""Of these shares of the volume the dose is printed: D98, D95, D50, D2 (ICRU 83)."""
ENOUGH = {"never-qualifies", "not-by-this-rule"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A study that was read from a folder, its names matched.

    Attributes:
        read: as it was read, with findings.
        names: TG-263 name by name as sent, of those that are clear or were given.
        matches: all names, the unclear ones among them.
    """

    read: ReadStudy
    names: dict[str, str]
    matches: tuple[Match, ...]

    @property
    def study(self) -> Study:
        """The study itself."""
        return self.read.study


def _given_names(file: Path | None) -> dict[str, str]:
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    if file is None:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            Problem.of("proton.input.json", where=str(file), what=str(error)[:200])
        ) from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise InvalidInputError(
            Problem.of("proton.input.json", where=str(file), what="an object of names is needed")
        )
    return found


def _usable(read: ReadStudy, *, only_dose: bool) -> bool:
    """Whether it may be compared; for histograms structures and a dose are enough."""
    if not only_dose:
        return not read.fatal
    return bool(read.study.doses) and any(each.contours for each in read.study.structures)


def take(folder: Path, names_file: Path | None, *, only_dose: bool = False) -> Taken:
    """The study of a folder, named.

    Args:
        folder: of DICOM files.
        names_file: a JSON object of names, or None.
        only_dose: take a study without CT or plan, too; its findings are told.

    Raises:
        InvalidInputError: nothing of it can be used; each reason is named.
    """
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton import selecting
    from sapar.proton.adapters.dicom.reading import read_study
    from sapar.proton.engine.selection.names.match import match
    from sapar.proton.engine.selection.names.read import read_names
    from sapar.proton.engine.selection.names.words import tidy
    from sapar.values.statements import Problem

    read = read_study(folder)
    chosen = next((each for each in read.studies if _usable(each, only_dose=only_dose)), None)
    if chosen is None:
        said = [p for p in read.findings if p.fatal]
        said += [p for each in read.studies for p in each.findings if p.fatal]
        raise InvalidInputError(
            said or Problem.of("proton.study.no_study", where=str(folder), value=read.files)
        )
    table = read_names(selecting.text_of("names"))
    given = {tidy(sent): name for sent, name in _given_names(names_file).items()}
    matches = match([each.name for each in chosen.study.structures], table, given)
    return Taken(chosen, {m.sent: m.name for m in matches if m.name}, tuple(matches))


def _patient(pairs: Sequence[str]) -> dict[str, Any]:
    """`name=value` pairs; numbers and true/false are read as such."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise click.BadParameter(pair, param_hint="--patient")
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found


def _told(problems: Iterable[Problem]) -> None:
    from sapar.kernel.commands import say

    say(list(problems))


def _as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    from sapar.kernel.languages import phrases

    return [
        {
            "code": p.code,
            "where": p.where,
            "value": p.value,
            "fatal": p.fatal,
            "what": phrases.text(p),
        }
        for p in problems
    ]


def _dump(document: Mapping[str, Any]) -> None:
    from sapar.proton.selecting import plain

    click.echo(json.dumps(plain(dict(document)), indent=2, ensure_ascii=False))


# --- dvh -----------------------------------------------------------------------------------------


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
        _dump({"schema": "sapar.dvh/1", "doses": found, "findings": _as_json(taken.read.findings)})
        return
    _told(taken.read.findings)
    for each in found:
        click.echo(f"{each['modality']} {each['dose_type']} {each['summation']} {each['dose']}")
        _table(each["structures"])


# --- select --------------------------------------------------------------------------------------


def _other_plan(photon: Taken, folder: Path, names_file: Path | None) -> tuple[dict[str, Any], Any]:
    """The proton plan of another folder, on the photon plan's contours where the frame is one."""
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton import selecting
    from sapar.proton.engine.selection.plan import Modality
    from sapar.values.statements import Problem

    other = take(folder, names_file)
    whose = (photon.read.identity.patient_hash, other.read.identity.patient_hash)
    if all(whose) and whose[0] != whose[1]:
        raise InvalidInputError(Problem.of("proton.selection.two_patients", where=str(folder)))
    sent = other.study.course_dose(Modality.PROTON)
    if sent is None:
        raise InvalidInputError(Problem.of("proton.selection.no_proton", where=str(folder)))
    same = photon.study.frame and photon.study.frame == other.study.frame
    outlined = photon if same and photon.study.structures else other
    proton, _dose = selecting.submitted_part(outlined.study, outlined.names, sent)
    return proton, other.read.findings


def _with_protons(
    document: dict[str, Any], taken: Taken, stage: str, workdir: Path
) -> tuple[dict[str, Any], ProtonSide]:
    """The question with an estimated or a planned proton dose, where there is one; the side."""
    from sapar.proton import proton_doses

    if stage == "estimate":
        found = proton_doses.estimated(taken.study, taken.names, document)
    else:
        found = proton_doses.planned(taken.study, taken.names, document, workdir)
    if found.proton is None:
        return document, found
    return {**document, "stage": stage, "proton": dict(found.proton)}, found


def _work(
    taken: Taken, given: Mapping[str, Any], proton: Path | None, stage: str, *, names: Path | None
) -> tuple[dict[str, Any], list[Problem]]:
    """The record of a comparison, what was met; the independent checker has agreed."""
    import tempfile

    from sapar.proton import proton_doses, selecting

    met = list(taken.read.findings)
    data, lock = selecting.data_digests(), selecting.lock()
    document = selecting.question_of(taken.study, taken.names, given, seed=given["seed"])
    if proton is not None:
        submitted, findings = _other_plan(taken, proton, names)
        met += findings
        document = {**document, "stage": "submitted", "proton": submitted}
    elif selecting.doses_of(taken.study).submitted is not None and stage != "zero":
        document, _dose = selecting.with_submitted(document, taken.study, taken.names)
    if document["proton"] is not None:
        document, told = proton_doses.doubted(document)
        met += told
    answer = selecting.checked(document, selecting.answer_to(document))
    if document["stage"] == "zero" and stage != "zero" and answer["verdict"] not in ENOUGH:
        with tempfile.TemporaryDirectory(prefix="sapar-plan-") as folder:
            document, side = _with_protons(document, taken, stage, Path(folder))
        met += side.reasons
        data, lock = data | side.data, lock | side.lock
        answer = selecting.answer_to(document)
    found = {
        "question": document, "answer": selecting.checked(document, answer),
        "engine": selecting.engine_digest(), "data": data, "lock": lock,
    }  # fmt: skip
    return found, met


def _said(answer: Mapping[str, Any]) -> None:
    """The verdict and the differences, in words."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.kernel.languages import phrases
    from sapar.values.statements import Statement

    click.echo(_("Decision support: it says who should be planned. It is no treatment plan."))
    click.echo(phrases.text(Statement(f"proton.selection.verdict.{answer['verdict']}")))
    if answer["confidence"] is not None:
        share = f"{100 * answer['confidence']:.0f}"
        click.echo(_("Confidence of this verdict: {share} %.").format(share=share))
    for reason in answer["reasons"]:
        click.echo("- " + phrases.text(Statement(reason["code"], reason["params"])))
    table = Table()
    table.add_column(_("Complication"))
    for heading in (_("Photons, %"), _("Protons, %"), _("Difference, points"), "95 %"):
        table.add_column(heading, justify="right")
    for row in answer["endpoints"]:
        values = [row["photon"], row["proton"], row["difference"]]
        shown = ["–" if v is None else f"{100 * v:.1f}" for v in values]
        ends = row["interval_95"]
        interval = "–" if ends is None else f"{100 * ends[0]:.1f} … {100 * ends[1]:.1f}"
        name = phrases.text(Statement(f"proton.selection.endpoint.{row['id']}"))
        table.add_row(name, *shown, interval)
    Console().print(table)


@click.command()
@click.argument("study_dir", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--proton", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A study with a proton plan of the same patient.")  # fmt: skip
@click.option("--site", required=True, help="Where the tumour is, such as oropharynx.")
@click.option("--protocol", default="", help="An indication protocol; none: the site's first.")
@click.option("--stage", type=click.Choice(STAGES), default="estimate", show_default=True,
              help="Without --proton: how far to go.")  # fmt: skip
@click.option("--age", type=click.IntRange(0, 130), help="Years; the study's own where not given.")
@click.option("--child", is_flag=True, help="Adult models never decide for a child.")
@click.option("--patient", multiple=True, metavar="NAME=VALUE",
              help="A fact of the protocol, such as baseline_xerostomia=none.")  # fmt: skip
@click.option("--prescription", type=float, help="Gy over the course, where no plan says.")
@click.option("--fractions", type=click.IntRange(1, 100), help="Where no plan says.")
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A JSON object: name as sent to TG-263 name.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, (1 << 53) - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Question, answer and findings as JSON.")
@click.pass_context
def select(ctx: click.Context, /, *, study_dir: Path, proton: Path | None, **options: Any) -> None:
    """Protons or photons: what the rule says of a photon plan, and how sure that is.

    Decision support. Structures whose names are not clear are left out and named; --names says
    what they are. Exit codes: 0 answered, 3 the study or the question has mistakes.
    """
    from sapar.proton.engine.scheduling.problem.reading import BadProblemError
    from sapar.proton.selecting import CannotCompareError

    taken = take(study_dir, options["names"])
    age = options["age"] if options["age"] is not None else taken.read.identity.age
    given = {
        "site": options["site"],
        "protocol": options["protocol"],
        "child": options["child"],
        "age": age,
        "patient": _patient(options["patient"]),
        "prescription_gy": options["prescription"],
        "fractions": options["fractions"],
        "seed": options["seed"],
    }
    try:
        found, met = _work(taken, given, proton, options["stage"], names=options["names"])
    except (CannotCompareError, BadProblemError) as error:
        _told([*taken.read.findings, *error.problems])
        ctx.exit(WRONG)
    unclear = [m.sent for m in taken.matches if m.asks]
    if options["as_json"]:
        _dump({**found, "unclear_names": unclear, "findings": _as_json(met)})
        return
    _told(met)
    if unclear:
        from django.utils.translation import gettext as _

        click.echo(_("Names that are not clear, left out: {names}").format(
            names=", ".join(unclear)))  # fmt: skip
    _said(found["answer"])


def add_to(group: click.Group) -> None:
    """Put the commands into `sapar proton`."""
    group.add_command(select)
    group.add_command(dvh)
