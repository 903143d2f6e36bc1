"""`sapar proton`: the planning engines on JSON documents; every answer is checked first.

Commands of the room's other subjects stand in `cli_*.py` beside this file and join at the end.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from sapar.proton.engine.scheduling.watch import Watch

MOST_BYTES = 256 * 1024 * 1024


@click.group()
def proton() -> None:
    """Plan a proton centre: JSON in, JSON out.

    Every answer is checked against its problem by an independent checker before it is printed; one
    that does not pass is printed with what is wrong and exit code 1. FILE "-" is standard input.

    \b
    Exit codes: 0 answered (the answer's "status" says optimal, feasible or infeasible),
    1 the checker refused the answer, 2 wrong use, 3 the document is wrong.
    """  # noqa: D301 - click reads the sign itself


def _document(file: BinaryIO) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        InvalidInputError: it is not JSON, not an object, or larger than 256 MiB.
    """
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    name = getattr(file, "name", "")
    content = file.read(MOST_BYTES + 1)
    try:
        if len(content) > MOST_BYTES:
            message = f"more than {MOST_BYTES} bytes"
            raise ValueError(message)  # noqa: TRY301 - one way to say it
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            Problem.of("proton.input.json", where=name, what=str(error)[:200])
        ) from error
    if not isinstance(found, dict):
        raise InvalidInputError(
            Problem.of(
                "proton.input.kind",
                where=name,
                value=type(found).__name__,
                wanted_phrase="proton.kind.object",
            )
        )
    return found


def _watch(seconds: float | None) -> Watch:
    """A watch that ends after so many seconds and shows progress where somebody looks on."""
    from sapar.proton.engine.scheduling.watch import Watch

    ends = None if seconds is None else time.monotonic() + seconds

    def tell(value: float | None, bound: float | None, done: int, total: int) -> None:
        if sys.stderr.isatty():
            shown = [
                f"{done}/{total}" if total else str(done),
                "-" if value is None else f"{value:g}",
                "-" if bound is None else f"{bound:g}",
            ]
            click.echo("\r" + "  ".join(shown).ljust(60), err=True, nl=False)

    return Watch(expired=lambda: ends is not None and time.monotonic() > ends, tell=tell)


def _answer(
    file: BinaryIO,
    given: dict[str, Any],
    seconds: float | None,
    solve: Callable[[dict[str, Any], Watch], Any],
) -> None:
    """Read, solve, check, print."""
    from sapar.kernel.commands import say
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton.engine.scheduling.problem.reading import BadProblemError
    from sapar.proton.engine.scheduling.verify import check

    document = {**_document(file), **{k: v for k, v in given.items() if v is not None}}
    try:
        answer = solve(document, _watch(seconds or document.get("clock_s"))).as_json()
    except BadProblemError as error:
        raise InvalidInputError(error.problems) from error
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    wrong = check(document, answer)
    if wrong:
        say(wrong[:50])
        sys.exit(1)


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for decorate in (
        click.option("--clock", "seconds", type=click.FloatRange(min=0.1),
                     help="A safety stop after so many seconds; the budget is --work."),
        click.option("--work", type=click.IntRange(min=1),
                     help="Budget in the engine's own units; it decides, not the clock."),
        click.option("--seed", type=click.IntRange(min=0), help="Replaces the document's seed."),
        click.argument("file", type=click.File("rb")),
    ):  # fmt: skip
        function = decorate(function)
    return function


@proton.command()
@_options
def day(file: BinaryIO, seed: int | None, work: int | None, seconds: float | None) -> None:
    """The order of one day: who, where and when, with the bound, the gap and what binds."""
    from sapar.proton.engine.scheduling.day.solve import solve_day
    from sapar.proton.engine.scheduling.problem.day import read_day

    _answer(
        file,
        {"seed": seed, "work": work},
        seconds,
        lambda document, watch: solve_day(read_day(document), watch=watch),
    )


@proton.command()
@_options
def book(file: BinaryIO, seed: int | None, work: int | None, seconds: float | None) -> None:
    """Courses onto days, rooms and times over a horizon, with a bound."""
    from sapar.proton.engine.scheduling.book.solve import solve_book
    from sapar.proton.engine.scheduling.problem.books import read_book

    _answer(
        file,
        {"seed": seed, "work": work},
        seconds,
        lambda document, watch: solve_book(read_book(document), watch=watch),
    )


@proton.command()
@click.argument("file", type=click.File("rb"))
def offer(file: BinaryIO) -> None:
    """The first start and the whole calendar for one new patient; nobody is moved."""
    from sapar.proton.engine.scheduling.offer import make_offer
    from sapar.proton.engine.scheduling.problem.books import read_offer

    _answer(file, {}, None, lambda document, _watch: make_offer(read_offer(document)))


@proton.command()
@_options
def replan(file: BinaryIO, seed: int | None, work: int | None, seconds: float | None) -> None:
    """A new plan after a loss, moving as few people as it can."""
    from sapar.proton.engine.scheduling.problem.books import read_replan
    from sapar.proton.engine.scheduling.replan import solve_replan

    _answer(
        file,
        {"seed": seed, "work": work},
        seconds,
        lambda document, watch: solve_replan(read_replan(document), watch=watch),
    )


@proton.command()
@_options
def capacity(file: BinaryIO, seed: int | None, work: int | None, seconds: float | None) -> None:
    """How many patients a year, what binds, and what one more hour or room would bring."""
    from sapar.proton.engine.scheduling.capacity import capacity_of
    from sapar.proton.engine.scheduling.problem.capacity import read_capacity

    _answer(
        file,
        {"seed": seed, "work": work},
        seconds,
        lambda document, watch: capacity_of(read_capacity(document), watch=watch),
    )


@proton.command()
@click.argument("file", type=click.File("rb"))
@click.option("--seed", type=click.IntRange(min=0), help="Replaces the document's seed.")
@click.option("--mode", type=click.Choice(["full", "fast"]), help="Replaces the document's mode.")
@click.option(
    "--years",
    type=click.IntRange(min=2, max=100_000),
    help="So many years in the fast mode, seeds counted up from the seed; with intervals.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="With --years."
)
@click.option(
    "--compare",
    "pairs",
    type=click.IntRange(min=1, max=1000),
    help="Both modes on so many seeds: the error of the fast mode for each indicator.",
)
def year(  # noqa: PLR0917 - one for each option
    file: BinaryIO,
    seed: int | None,
    mode: str | None,
    years: int | None,
    workers: int,
    pairs: int | None,
) -> None:
    """Simulate a year, or many: waiting, throughput, prolongation, utilisation, overtime."""
    from sapar.kernel.errors import InvalidInputError
    from sapar.proton.engine.scheduling.problem.reading import BadProblemError
    from sapar.proton.engine.scheduling.problem.year import read_year
    from sapar.proton.engine.scheduling.year import compare, many_years, simulate_year

    given = {"seed": seed, "mode": mode}
    if not years and not pairs:
        _answer(file, given, None, lambda d, watch: simulate_year(read_year(d), watch=watch))
        return
    document = {**_document(file), **{k: v for k, v in given.items() if v is not None}}
    try:
        problem = read_year(document)
    except BadProblemError as error:
        raise InvalidInputError(error.problems) from error
    if pairs:
        seeds = range(problem.seed, problem.seed + pairs)
        found: dict[str, Any] = {"seeds": pairs, "indicators": compare(problem, seeds)}
    else:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        assert years is not None  # noqa: S101 - one of the two was given
        seeds = range(problem.seed, problem.seed + years)
        # Workers begin as new processes: a copy of this one would copy Django's connections.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            found = {"years": years, "indicators": many_years(problem, seeds, pool)}
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


@proton.command()
@click.argument(
    "kind", type=click.Choice(["centre", "capacity", "year", "day", "book", "offer", "replan"])
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def example(kind: str, seed: int) -> None:
    """A document of the demonstration's centre to try a command on.

    For instance: sapar proton example day | sapar proton day -
    """
    from django.conf import settings
    from ruamel.yaml import YAML

    from sapar.proton.engine.scheduling.examples import example as made

    found = YAML(typ="safe").load((settings.DATA / "proton" / "proton-astana.yaml").read_text())
    blocks = json.loads(json.dumps(found["data"], default=str))
    click.echo(json.dumps(made(kind, blocks, seed), ensure_ascii=False, indent=1))


@proton.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("answer", type=click.File("rb"))
def check(problem: BinaryIO, answer: BinaryIO) -> None:
    """Check ANSWER against PROBLEM; says what is wrong and where. Exit code 1 if anything is."""
    from django.utils.translation import gettext as _

    from sapar.kernel.commands import say
    from sapar.proton.engine.scheduling import verify

    wrong = verify.check(_document(problem), _document(answer))
    if wrong:
        say(wrong)
        sys.exit(1)
    click.echo(_("The answer is right."))


@proton.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def linac(folder: Path) -> None:
    """Turn a department's tables in FOLDER into a document for `sapar proton book`.

    The tables are semicolon CSV: protocols.csv, arrivals-*.csv (one), booked-at-start.csv.
    """
    from sapar.proton.engine.scheduling.linac import convert

    arrivals = sorted(folder.glob("arrivals*.csv"))
    wanted = [folder / "protocols.csv", *arrivals[:1], folder / "booked-at-start.csv"]
    missing = [str(path) for path in wanted if not path.is_file()]
    if missing or not arrivals:
        raise click.UsageError(", ".join(missing) or "arrivals*.csv")
    texts = [path.read_text(encoding="utf-8-sig") for path in wanted]
    click.echo(json.dumps(convert(*texts), ensure_ascii=False))


def _join() -> None:
    here = str(Path(__file__).parent)
    for found in sorted(each.name for each in pkgutil.iter_modules([here])):
        if found.startswith("cli_"):
            importlib.import_module(f"sapar.proton.{found}").add_to(proton)


_join()
