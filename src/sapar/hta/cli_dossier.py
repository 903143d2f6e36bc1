"""`sapar hta dossier` and `sapar hta replay`: what a model says of itself, and a decision again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import FiniteFloat, answered, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from sapar.hta.dossier.wanted import Wanted
    from sapar.hta.replay import Replayed
    from sapar.values.statements import Statement


def _answers(document: str, draws: int, seed: int, threshold: float | None) -> dict[str, Any]:
    """The runs that the dossier takes its numbers from."""
    from sapar.hta.work import answer

    thresholds = [] if threshold is None else [threshold]
    found = {
        "base": answer(document, "base", {}, seed),
        "psa": answer(document, "psa", {"draws": draws, "thresholds": thresholds}, seed),
    }
    if threshold is not None:
        found["sensitivity"] = answer(document, "sensitivity", {"threshold": threshold}, seed)
    return found


def _sentences(said: Iterable[Statement]) -> list[str]:
    from sapar.kernel.languages import phrases

    return [phrases.text(each) for each in said]


MOST_SAID = 20
"""So many differences are printed; `--json` has all."""
FORMS = ("json", "html", "pdf", "xlsx")
LANGUAGES = ("kk", "ky", "uz", "ru", "en")


def _form(path: str) -> str:
    """The form of a file, from the end of its name."""
    form = path.rpartition(".")[2].casefold()
    if form not in FORMS:
        wanted = ", ".join(f".{each}" for each in FORMS)
        said = f"{path}: {wanted}"
        raise click.BadParameter(said, param_hint="--out")
    return form


def _written(document: str, wanted: Wanted, form: str) -> bytes:
    """The whole dossier in a form, in the active language."""
    from sapar.hta.dossier.asked import worked_out
    from sapar.hta.dossier.compose import compose
    from sapar.hta.dossier.files import written

    with answered():
        asked = worked_out(document, wanted)
    return written(compose(asked), form)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 1_000_000), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threshold", type=FiniteFloat(min=0), help="What one unit of effect is worth.")
@click.option("--budget", is_flag=True, help="Draws of the budget impact too, with --out.")
@click.option("--slow", is_flag=True, help="Also what takes minutes, with --out.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the file; else that of sapar.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True),
    help="Write the whole dossier: .json, .html, .pdf or .xlsx.",
)
@click.option("--json", "as_json", is_flag=True, help="Print items and domains as JSON.")
def dossier(
    *,
    file: BinaryIO,
    psa: int,
    seed: int,
    threshold: float | None,
    budget: bool,
    slow: bool,
    language: str | None,
    out: str | None,
    as_json: bool,
) -> None:
    """Everything that a model says of itself.

    Without --out the reporting items and the nine domains are printed; with it the whole dossier is
    written, with inputs, sources, results, uncertainty and the tests of the model.
    """
    from django.utils import translation

    from sapar.hta.dossier.wanted import Wanted

    document = text_of(file)
    with translation.override(language or translation.get_language()):
        if out is None:
            _printed(document, Wanted(psa, seed, threshold), as_json=as_json)
            return
        content = _written(document, Wanted(psa, seed, threshold, budget, slow), _form(out))
    with click.open_file(out, "wb") as target:
        target.write(content)


def _printed(document: str, wanted: Wanted, *, as_json: bool) -> None:
    """The reporting items and the nine domains as far as a model fills them itself."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine.dossier.cheers import items
    from sapar.hta.engine.dossier.domains import outlines
    from sapar.hta.engine.model.read import read_model
    from sapar.kernel.languages import phrases

    with answered():
        model = read_model(document)
        answers = _answers(document, wanted.draws, wanted.seed, wanted.threshold)
        found = items(model, answers)
        domains = outlines(model, answers)
    if as_json:
        said = {
            "items": [{"number": i.number, "said": _sentences(i.said)} for i in found],
            "domains": [
                {"domain": d.domain, "said": _sentences(d.said),
                 "asks": [phrases.word(each) for each in d.asks]}
                for d in domains
            ],
        }  # fmt: skip
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    for item in found:
        click.echo(f"{item.number}. {phrases.word(f'hta.cheers.{item.number}')}")
        for sentence in _sentences(item.said) or [_("To be written.")]:
            click.echo(f"   {sentence}")
    for each in domains:
        click.echo(f"\n{each.domain}: {phrases.word(f'hta.domain.{each.domain}')}")
        for sentence in _sentences(each.said):
            click.echo(f"   {sentence}")
        for ask in each.asks:
            click.echo(f"   … {phrases.word(ask)}")
    filled = sum(item.filled for item in found)
    said_of = _("{filled} of {count} reporting items come from the model itself.")
    click.echo("\n" + said_of.format(filled=filled, count=len(found)))


@click.command("replay")
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def replay_record(*, file: BinaryIO, as_json: bool) -> None:
    """Work a decision out again from its RECORD, and compare every published number.

    \b
    Exit codes: 0 every number is as published, 1 at least one is not, 3 it is no record.
    """  # noqa: D301 - click reads the sign itself
    from dataclasses import asdict

    from django.utils.translation import gettext as _

    from sapar.hta.replay import replay

    with answered():
        found = replay(_record(text_of(file)))
    if as_json:
        said = {**asdict(found), "same": found.same, "as_published": found.as_published}
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        click.echo(_("{count} numbers were compared.").format(count=found.compared))
    _told(found)
    if not found.as_published:
        raise SystemExit(1)


def _record(text: str) -> dict[str, Any]:
    """The record in a text.

    Raises:
        InvalidInputError: it is no JSON object.
    """
    from sapar.hta.replay import SCHEMA
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    try:
        kept = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = Problem.of("hta.record.schema", value=error, wanted=SCHEMA)
        raise InvalidInputError(problem) from error
    return kept if isinstance(kept, dict) else {}


def _told(found: Replayed) -> None:
    """What differs, on the error stream: numbers with their place, the last digits as a count."""
    from django.utils.translation import gettext as _
    from django.utils.translation import ngettext

    from sapar.kernel.commands import say
    from sapar.values.statements import Problem

    if not found.same_engine:
        click.echo(_("The engine is another one than at the decision."), err=True)
    if not found.same_lock:
        click.echo(_("Libraries or machine are others than at the decision."), err=True)
    if last := len(found.differences) - len(found.visible):
        text = ngettext(
            "{count} number differs in its last digits only: it is as published.",
            "{count} numbers differ in their last digits only: they are as published.",
            last,
        )
        click.echo(text.format(count=last), err=True)
    say(
        Problem.of(
            "hta.record.differs", where=each.where, value=each.now, published=str(each.published)
        )
        for each in found.visible[:MOST_SAID]
    )
    if (more := len(found.visible) - MOST_SAID) > 0:
        click.echo(_("{count} more differ.").format(count=more), err=True)
