"""`sapar refer`: a referral in, a complete and explained answer out, on a terminal or as JSON."""

from __future__ import annotations

import itertools
import json
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import click

if TYPE_CHECKING:
    from datetime import date, datetime

    from rich.table import Table

    from sapar.answer.engine.problem import Answer
    from sapar.answer.fhir import Reading
    from sapar.kernel.actors import Actor
    from sapar.values.statements import Problem

SCHEMA = "sapar.answer/1"
"""Version of the JSON document; docs/reference/answer.schema.json describes it."""


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Answer as on this day; the network of that day is used.",
)
@click.option("--answer-only", is_flag=True, help="Answer without keeping a case.")
@click.option(
    "--by", "email", help="E-mail of the referring doctor in whose name the case is kept."
)
def refer(
    file: BinaryIO, as_of: datetime | None, email: str | None, *, as_json: bool, answer_only: bool
) -> None:
    """Take the referral in FILE (FHIR R4 JSON, "-" is standard input) and answer it.

    The file is kept unchanged, the case is made in the name of a referring doctor (--by), and a
    complete referral is sent to its centre. The same file sent twice is the same case.

    \b
    Examples:
      sapar refer referral.json --by doctor@example.org
      sapar refer - --json < referral.json | jq .proposal
      sapar refer summary.json --answer-only --as-of 2027-01-15

    \b
    Exit codes: 0 answered ("sent" says whether the case went to the centre), 2 wrong use,
    3 the file is wrong, 4 the doctor may not refer, 6 somebody changed the draft meanwhile,
    8 a rule refused it, 9 the installation lacks something. With --json every one of them but 2
    comes with a JSON document on standard output.
    """  # noqa: D301 - click reads the sign itself
    from sapar.kernel.errors import SaparError

    try:
        document, reading = _answered(
            file.read(),
            name=getattr(file, "name", ""),
            as_of=as_of.date() if as_of else None,
            email=email,
            answer_only=answer_only,
        )
    except SaparError as error:
        if not as_json:
            raise
        click.echo(_dumps({"schema": SCHEMA, "problems": _problems(error.problems)}))
        sys.exit(error.exit_code)
    if as_json:
        click.echo(_dumps(document))
    else:
        _print(document, reading)


def _answered(
    content: bytes, *, name: str, as_of: date | None, email: str | None, answer_only: bool
) -> tuple[dict[str, Any], Reading]:
    """The document of an answer, and what was read of the file.

    Raises:
        InvalidInputError: nothing of the file could be read; where a doctor is known, the bytes
            are kept all the same.
    """
    from django.utils import timezone

    from sapar.answer import actions, queries
    from sapar.kernel.errors import ConfigurationError, InvalidInputError

    day = as_of or timezone.localdate()
    if answer_only:
        reading = actions.examine(content, name=name)
        if reading.refused:
            raise InvalidInputError([p for p in reading.problems if p.fatal])
        given = queries.answer_to(reading.facts, as_of=day)
        return {"schema": SCHEMA, **_document(reading, given)}, reading
    try:
        doctor = _doctor(email)
    except ConfigurationError:
        # A broken file is the first thing to mend, whoever sends it.
        problems = [p for p in actions.examine(content, name=name).problems if p.fatal]
        if problems:
            raise InvalidInputError(problems) from None
        raise
    taken = actions.take(by=doctor, content=content, name=name)
    view = queries.latest(taken.kept.case)
    given = (
        view.answer
        if view is not None and as_of is None
        else queries.answer_to(taken.reading.facts, as_of=day)
    )
    kept = {
        "case": str(taken.kept.case),
        "number": taken.kept.number,
        "repeated": taken.kept.repeated,
        "sent": taken.sent,
    }
    return {"schema": SCHEMA, **kept, **_document(taken.reading, given)}, taken.reading


def _doctor(email: str | None) -> Actor:
    """The referrer in whose name the case is kept; in a demonstration one of its own."""
    from django.conf import settings

    from sapar.kernel.accounts.models import User, actor_for
    from sapar.kernel.errors import ConfigurationError
    from sapar.kernel.roles import Role
    from sapar.values.statements import Problem

    users = User.objects.filter(is_active=True)
    if email:
        user = users.filter(email=email).first()
    elif settings.DEMONSTRATION:
        user = (
            users.filter(
                is_demonstration=True,
                memberships__role=Role.REFERRER,
                memberships__state="approved",
            )
            .order_by("created_at")
            .first()
        )
    else:
        user = None
    if user is None:
        code = "answer.unknown_doctor" if email else "answer.no_doctor"
        raise ConfigurationError(Problem.of(code, where="--by", value=email or ""))
    return actor_for(user)


def _dumps(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _problems(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    from sapar.kernel.languages import phrases

    return [
        {
            "code": p.code,
            "fatal": p.fatal,
            "what": phrases.text(p),
            "where": p.where,
            "value": p.value,
            "remedy": phrases.remedy(p),
        }
        for p in problems
    ]


def _document(reading: Reading, given: Answer) -> dict[str, Any]:
    """The answer as data: codes for machines, sentences in the language for people."""
    from django.utils.translation import get_language

    from sapar.answer import panels
    from sapar.kernel.languages import phrases
    from sapar.values.plain import to_plain

    return {
        "language": get_language() or "en",
        "as_of": given.as_of.isoformat(),
        "received": {
            "version": reading.version,
            "kind": reading.kind,
            "sha256": reading.sha256,
            "referral": reading.is_referral,
            "sections": dict(reading.counts),
            "not_imported": [
                {"type": n.kind, "where": n.where, "reason": phrases.word(n.reason)}
                for n in reading.not_imported
            ],
        },
        "problems": _problems(reading.problems),
        "lines": [
            {
                "question": line.key,
                "state": line.state.value,
                "code": line.statement.code,
                "text": phrases.text(line.statement),
                "demonstration": line.demonstration,
                "reasons": [
                    {
                        "rule": r.rule,
                        "text": phrases.text(r.statement),
                        "source": to_plain(r.source) if r.source else None,
                    }
                    for r in line.reasons
                ],
                "would_change": [phrases.text(c) for c in line.changes],
            }
            for line in given.lines
        ],
        "options": [
            {
                "kind": o.kind,
                "title": phrases.text(o.title),
                "points": [phrases.text(p) for p in o.points],
                "decides": phrases.text(o.decides),
            }
            for o in given.options
        ],
        "unknowns": [
            {
                "question": u.line,
                "text": phrases.text(u.statement),
                "who_can_tell": panels.who(u.who),
            }
            for u in given.unknowns
        ],
        "proposal": {
            "programme": given.programme,
            "indication": given.indication,
            "centre": given.centre,
            "agreement": given.agreement,
            "quota": given.quota,
            "start": given.start.isoformat() if given.start else None,
            "latest_start": given.latest_start.isoformat() if given.latest_start else None,
            "apply_for_visa_by": given.apply_by.isoformat() if given.apply_by else None,
            "network": given.fingerprint,
        },
    }


_MARKS = {
    "known": ("✓", "green"),
    "to-decide": ("?", "yellow"),
    "missing": ("…", "cyan"),
    "impossible": ("✗", "red"),
}


def _print(document: dict[str, Any], reading: Reading) -> None:
    """The answer as a table: the question, its mark, the statement, and why."""
    from django.utils.translation import gettext as _
    from rich.console import Console
    from rich.text import Text

    from sapar.kernel.languages import phrases

    console = Console()
    if document.get("number"):
        said = _outcome(document)
        console.print(said.format(number=document["number"]), style="bold")
    console.print(_table(document["lines"]))
    for option in document["options"]:
        console.print(Text(f"⇄ {option['title']}", style="bold"))
        for point in option["points"]:
            console.print(Text(f"   {point}"))
        console.print(Text(f"   {option['decides']}", style="dim"))
    if document["unknowns"]:
        console.print(Text(_("Still unknown"), style="bold"))
        for unknown in document["unknowns"]:
            console.print(Text(f"· {unknown['text']} ({unknown['who_can_tell']})"))
    for problem in reading.problems:
        said = " ".join(filter(None, (phrases.text(problem), problem.where, problem.value)))
        console.print(Text(f"! {said}", style="dim"))
        console.print(Text(f"  → {phrases.remedy(problem)}", style="dim"))


def _outcome(document: dict[str, Any]) -> str:
    from django.utils.translation import gettext as _

    if document["repeated"]:
        return _("This referral was sent before: case {number}.")
    if document["sent"]:
        return _("Case {number}, sent to the centre.")
    return _("Case {number}, a draft: it waits for what is missing.")


def _table(lines: list[dict[str, Any]]) -> Table:
    """The eleven lines; a source stands once under the reasons that rest on it."""
    from rich.table import Table
    from rich.text import Text

    from sapar.kernel.languages import phrases

    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), show_header=False)
    table.add_column(style="bold", min_width=14)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        sign, colour = _MARKS[line["state"]]
        word = phrases.word(f"linestate.{line['state']}")
        said = Text(line["text"])
        for reason, following in itertools.zip_longest(line["reasons"], line["reasons"][1:]):
            said.append(f"\n{reason['text']}", style="dim")
            source = reason["source"]
            if source and (following is None or following["source"] != source):
                dated = source.get("dated") or "–"
                said.append(f"\n[{source['title']}, {dated}, {source['mark']}]", style="dim italic")
        question = phrases.word(f"line.{line['question']}")
        table.add_row(question, Text(f"{sign} {word}", style=colour), said)
    return table
