"""`sapar proton select`: a folder of DICOM files in, an answer out."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sapar.proton.adapters.dicom.reading import ReadStudy
    from sapar.proton.engine.selection.names.match import Match
    from sapar.proton.engine.selection.plan import Study
    from sapar.values.statements import Problem

WRONG = 3
"""Exit code of an input with mistakes."""
STAGES = ("zero", "estimate", "plan")


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
    from sapar.proton.adapters.dicom.reading import read_study
    from sapar.proton.data_files import text_of
    from sapar.proton.engine.selection.names.match import match
    from sapar.proton.engine.selection.names.read import read_names
    from sapar.proton.engine.selection.names.words import tidy
    from sapar.values.statements import Problem

    read = read_study(folder)
    usable = [each for each in read.studies if _usable(each, only_dose=only_dose)]
    if len(usable) > 1:  # which of them is meant is not guessed
        raise InvalidInputError(
            Problem.of("proton.study.several_studies", where=str(folder), count=len(usable))
        )
    if not usable:
        said = [p for p in read.findings if p.fatal]
        said += [p for each in read.studies for p in each.findings if p.fatal]
        raise InvalidInputError(
            said or Problem.of("proton.study.no_study", where=str(folder), value=read.files)
        )
    chosen = replace(usable[0], findings=(*read.findings, *usable[0].findings))
    table = read_names(text_of("names"))
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


def told(problems: Iterable[Problem]) -> None:
    """Print problems with their remedies."""
    from sapar.kernel.commands import say

    say(list(problems))


def problems_as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems for a document, with their sentence in the active language."""
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


def dump(document: Mapping[str, Any]) -> None:
    """Print a document as JSON."""
    from sapar.kernel.rerun.canonical import plain

    click.echo(json.dumps(plain(dict(document), sort=True), indent=2, ensure_ascii=False))


def _other_plan(
    photon: Taken, folder: Path, names_file: Path | None
) -> tuple[dict[str, Any], int | None, tuple[Problem, ...]]:
    """The proton plan of another folder, on the photon plan's contours where the frame is one.

    With its fractions and what was met.
    """
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton import proton_doses, selecting
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
    outlined, met = photon, other.read.findings
    if not same:
        outlined = other
        told = Problem.of("proton.selection.other_contours", where=str(folder), fatal=False)
        met = (*met, told)
    proton, _dose = selecting.submitted_part(outlined.study, outlined.names, sent)
    return proton, proton_doses.proton_fractions(other.study), met


def _work(
    taken: Taken, given: Mapping[str, Any], proton: Path | None, stage: str, *, names: Path | None
) -> tuple[dict[str, Any], list[Problem]]:
    """The record of a comparison, what was met; the independent checker has agreed.

    It is in the form that `selection-replay` works out again.
    """
    import tempfile

    from sapar.kernel.rerun.canonical import digest
    from sapar.proton.adapters.intake.whose import age_against
    from sapar.proton.comparing import ENOUGH, Comparison
    from sapar.proton.lock import engine_digest
    from sapar.proton.queries.selection import RECORD
    from sapar.proton.selecting import doses_of

    age = taken.read.identity.age
    found = Comparison(taken.study, taken.names, given, seed=given["seed"], age_sent=age)
    met = [*taken.read.findings, *age_against(age, given["age"])]
    if proton is not None:
        submitted, fractions, findings = _other_plan(taken, proton, names)
        met += findings
        found.with_other(submitted, fractions)
    elif doses_of(taken.study).submitted is not None and stage != "zero":
        found.with_submitted()
    answer = found.checked(found.answer())
    if found.stage == "zero" and stage != "zero" and answer["verdict"] not in ENOUGH:
        if stage == "estimate":
            found.with_estimate()
        else:
            with tempfile.TemporaryDirectory(prefix="sapar-plan-") as folder:
                found.with_plan(Path(folder))
        answer = found.checked(found.answer())
    engine = engine_digest()
    digests = {"question": digest(found.document), "answer": digest(answer), "engine": engine}
    record = {
        "schema": RECORD, "stage": found.stage, "seed": given["seed"], "digests": digests,
        "question": found.document, "answer": answer,
        "engine": engine, "data": found.data, "lock": found.lock,
    }  # fmt: skip
    return record, [*met, *found.met]


def _named(matches: Iterable[Match]) -> list[dict[str, Any]]:
    """What each sent name was taken for, and how that came about (`Match.how`)."""
    return [{"sent": m.sent, "name": m.name, "how": m.how, "score": m.score} for m in matches]


def _told_names(matches: Sequence[Match]) -> None:
    """Names that nobody has confirmed: those left out, and those taken by likeness alone."""
    from django.utils.translation import gettext as _

    from sapar.proton.engine.selection.names.match import SPELLING

    unclear = ", ".join(m.sent for m in matches if m.asks)
    alike = ", ".join(f"{m.sent} = {m.name}" for m in matches if m.how == SPELLING and m.name)
    if unclear:
        click.echo(_("Names that are not clear, left out: {names}").format(names=unclear))
    if alike:
        click.echo(_("Names taken for what they are most like: {names}").format(names=alike))


def _said(answer: Mapping[str, Any]) -> None:
    """The verdict and the differences, in words."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.table import Table

    from sapar.kernel.languages import phrases
    from sapar.proton import source_words
    from sapar.values.statements import Statement

    click.echo(_("Decision support: it says who should be planned. It is no treatment plan."))
    if answer["demonstration"]:
        click.echo(_("A demonstration: data that nobody has verified decides here."))
    click.echo(phrases.text(Statement(f"proton.selection.verdict.{answer['verdict']}")))
    for reason in answer["reasons"]:
        click.echo("- " + source_words.said(reason["code"], reason["params"]))
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
        told([*taken.read.findings, *error.problems])
        ctx.exit(WRONG)
    if options["as_json"]:
        unclear = [m.sent for m in taken.matches if m.asks]
        dump({**found, "names": _named(taken.matches), "unclear_names": unclear,
               "findings": problems_as_json(met)})  # fmt: skip
        return
    told(met)
    _told_names(taken.matches)
    _said(found["answer"])


def add_to(group: click.Group) -> None:
    """Put the command into `sapar proton`."""
    group.add_command(select)
