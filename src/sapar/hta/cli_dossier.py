"""`sapar hta dossier` and `sapar hta replay`: what a model says of itself, and a decision again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sapar.hta.cli_input import answered, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

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


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--psa", type=click.IntRange(2, 1_000_000), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threshold", type=click.FloatRange(min=0), help="What one unit of effect is worth.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def dossier(*, file: BinaryIO, psa: int, seed: int, threshold: float | None, as_json: bool) -> None:
    """The reporting items and the nine domains as far as a model fills them itself."""
    from django.utils.translation import gettext as _

    from sapar.hta.engine.dossier.cheers import items
    from sapar.hta.engine.dossier.domains import outlines
    from sapar.hta.engine.model.read import read_model
    from sapar.kernel.languages import phrases

    document = text_of(file)
    with answered():
        model = read_model(document)
        answers = _answers(document, psa, seed, threshold)
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
    """Work a decision out again from its RECORD, and compare every number bit for bit.

    Exit code 8 if a number differs.
    """
    from dataclasses import asdict

    from django.utils.translation import gettext as _

    from sapar.hta.replay import replay
    from sapar.kernel.errors import InvalidInputError, RefusedError
    from sapar.values.statements import Problem

    try:
        kept = json.loads(text_of(file))
    except ValueError as error:
        raise InvalidInputError(
            Problem.of("hta.record.schema", value=error, wanted="sapar.hta.record/1")
        ) from error
    with answered():
        found = replay(kept if isinstance(kept, dict) else {})
    if as_json:
        click.echo(json.dumps({**asdict(found), "same": found.same}, ensure_ascii=False, indent=1))
    else:
        click.echo(_("{count} numbers were compared.").format(count=found.compared))
        if not found.same_engine:
            click.echo(_("The engine is another one than at the decision."), err=True)
        if not found.same_lock:
            click.echo(_("Libraries or machine are others than at the decision."), err=True)
    if found.differences:
        raise RefusedError(
            [
                Problem.of("hta.record.differs", where=each.where, value=each.now,
                           published=str(each.published))
                for each in found.differences[:20]
            ]
        )  # fmt: skip
