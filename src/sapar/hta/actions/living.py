"""What happens by itself: replays kept, reference cases changed, decisions watched and reopened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from sapar.hta.actions.moves import body_of, noted, redate, wanted
from sapar.hta.actions.topics import next_number
from sapar.hta.models import (
    Decision,
    Observation,
    ReferenceCase,
    ReferenceCheck,
    Replay,
    Topic,
    Watch,
)
from sapar.hta.policy import Permission
from sapar.hta.reading import read
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError
from sapar.kernel.jobs.queue import enqueue
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sapar.kernel.actors import Actor

IN_FORCE = ("published", "under-appeal")
KINDS = ("threshold", "discount", "price", "life-table")
MARKS = ("verified", "demonstration", "unverified")
OBSERVED = {
    "share": ("events", "people"),
    "rate": ("events", "years"),
    "mean": ("people", "sum", "squares"),
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(key: str, value: Mapping[str, Any]) -> bool:
    """Whether a value has the form of its key."""
    if key.startswith("life-table."):
        rows = value.get("rows")
        if not isinstance(rows, list) or not rows or not all(len(row) == 2 for row in rows):
            return False
        ages = [row[0] for row in rows]
        return ages == sorted(set(ages)) and all(_is_number(row[1]) for row in rows)
    if key == "threshold" and {"low", "high"} <= set(value):
        both = value["low"], value["high"]
        return all(map(_is_number, both)) and 0 <= both[0] <= both[1]
    return _is_number(value.get("value")) and value["value"] >= 0


def _check_reference(key: str, value: Mapping[str, Any], mark: str) -> None:
    found = []
    if key.partition(".")[0] not in KINDS or (key != "threshold" and "." not in key):
        known = ", ".join(KINDS)
        found.append(Problem.of("hta.process.reference_key", where="key", value=key, known=known))
    elif not _fits(key, value):
        found.append(Problem.of("hta.process.reference_value", where="value", value=str(value)))
    if mark not in MARKS:
        found.append(Problem.of("hta.process.mark", where="mark", value=mark))
    if found:
        raise InvalidInputError(found)


@action("hta.set_reference")
def set_reference(
    *,
    by: Actor,
    key: str,
    value: Mapping[str, Any],
    valid_from: date,
    source: str,
    mark: str,
    unit: str = "",
    read_on: date | None = None,
    why: str = "",
) -> UUID:
    """Add an entry to the dated reference case; decisions that stand on the former one are checked.

    Args:
        by: of the body whose reference case it is.
        key: "threshold", "discount.<which>", "price.<parameter>" or "life-table.<table>".
        value: {"value": number}, {"low": …, "high": …} or {"rows": [[age, rate], …]}.
        valid_from: from which day.
        source: where it stands.
        mark: whether it was checked.
        read_on: when the source was read.
        unit: of the value.
        why: what has changed.

    Returns:
        The entry's id; its checks are jobs.

    Raises:
        InvalidInputError: an unknown key, a value of another form, or the same day again.
    """
    body = Organisation.objects.get(pk=body_of(by))
    row = ReferenceCase(
        organisation=body, country=body.country, key=key, value=dict(value), unit=unit[:30],
        valid_from=valid_from, source=wanted("source", source, 500), read_on=read_on, mark=mark,
        why=why.strip()[:500], made_by=by.user_id,
    )  # fmt: skip
    policy.require(by, Permission.REFERENCE, row)
    _check_reference(key, value, mark)
    same = ReferenceCase.objects.filter(
        organisation=body, country=body.country, key=key, valid_from=valid_from
    )
    if same.exists():
        raise InvalidInputError(
            Problem.of("hta.process.reference_day", where="valid_from", value=valid_from)
        )
    row.save()
    standing = Decision.objects.filter(
        organisation=body, state__in=IN_FORCE, reference__has_key=key
    )
    for decision in standing.order_by("number"):
        check = ReferenceCheck(organisation=body, case=row, decision=decision)
        check.job = enqueue("hta.check_reference", by=by, check=check.pk)
        check.save()
    note(
        root=("organisation", body.pk),
        about=("hta.referencecase", row.pk),
        what={"key": key, "valid_from": valid_from.isoformat(), "mark": mark},
    )
    return row.pk


@action("hta.keep_check")
def keep_check(*, by: Actor, check: UUID, found: Mapping[str, Any]) -> None:
    """Keep what a new entry of the reference case does to a past decision; a job calls this."""
    policy.require(by, Permission.WORK)
    row = ReferenceCheck.objects.claim(check)
    row.done_at = timezone.now()
    row.flips, row.problem = found.get("flips"), str(found.get("problem", ""))[:200]
    row.before, row.after = str(found.get("before", "")), str(found.get("after", ""))
    row.numbers = dict(found.get("numbers", {}))
    row.save()
    noted(row.decision.topic, ("hta.referencecheck", row.pk), {"flips": row.flips})


@action("hta.ask_replay")
def ask_replay(*, by: Actor, decision: UUID) -> UUID:
    """Let a decision be worked out again from its record. Returns the job's id."""
    found = Decision.objects.get(pk=decision)
    policy.require(by, Permission.VIEW, found)
    job = enqueue("hta.replay", by=by, decision=decision)
    noted(found.topic, ("hta.decision", found.pk), {"replay": str(job)})
    return job


@action("hta.keep_replay")
def keep_replay(*, by: Actor, decision: UUID, found: Mapping[str, Any]) -> UUID:
    """Keep what a replay found; the job calls this."""
    policy.require(by, Permission.WORK)
    row = Decision.objects.get(pk=decision)
    made = Replay(organisation_id=row.organisation_id, decision=row, **found)
    made.save()
    noted(row.topic, ("hta.replay", made.pk), {"differences": len(made.differences)})
    return made.pk


def _takes(decision: Decision, parameter: str, kind: str, data: Mapping[str, float]) -> None:
    """Refuse figures that no look at the decision could use."""
    from sapar.hta.engine.living.posterior import Observed, updated  # noqa: PLC0415 - needs arrays
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - the same

    model = read(decision.model_version.document)
    try:
        updated(model, [Observed(parameter, kind, data, timezone.localdate())])
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error


@action("hta.observe")
def observe(
    *,
    by: Actor,
    decision: UUID,
    parameter: str,
    kind: str,
    data: Mapping[str, float],
    period: tuple[date, date],
    came_from: str,
) -> UUID | None:
    """Keep counts or sums of a period for a parameter of a decision; no person is in them.

    Args:
        by: the machine that collects, or an analyst with figures of a register.
        decision: in force.
        parameter: of its model.
        kind: share, rate or mean.
        data: {"events", "people"}, {"events", "years"} or {"people", "sum", "squares"}.
        period: first and last day.
        came_from: what counted: a collector's name, or a register in words.

    Returns:
        The row's id; None where the same period was kept before.

    Raises:
        InvalidInputError: another kind, a number missing, more events than people, or an input
            that such figures cannot update.
    """
    found = Decision.objects.claim(decision)
    policy.require(by, Permission.PREPARE, found)
    keys = OBSERVED.get(kind, ())
    good = bool(keys) and all(_is_number(data.get(key)) and data[key] >= 0 for key in keys)
    if not good or (kind == "share" and data["events"] > data["people"]):
        raise InvalidInputError(Problem.of("hta.process.observed", where="data", value=str(data)))
    _takes(found, parameter, kind, data)
    known = Observation.objects.filter(
        decision=found, parameter=parameter, came_from=came_from, period_from=period[0]
    )
    noted(found.topic, ("hta.decision", found.pk), {"observed": parameter, "kind": kind})
    if known.exists():
        return None
    made = Observation(
        organisation_id=found.organisation_id, decision=found, parameter=parameter, kind=kind,
        data={key: data[key] for key in keys}, period_from=period[0], period_to=period[1],
        came_from=wanted("came_from", came_from, 200), recorded_by=by.user_id,
    )  # fmt: skip
    made.save()
    return made.pk


@action("hta.keep_watch")
def keep_watch(*, by: Actor, decision: UUID, found: Mapping[str, Any]) -> UUID | None:
    """Keep a look at a decision; above its stated chance to be wrong a topic is opened.

    Returns:
        The id of the topic that was opened, or None.
    """
    policy.require(by, Permission.WORK)
    row = Decision.objects.claim(decision)
    made = Watch(organisation_id=row.organisation_id, decision=row, **found)
    made.save()
    noted(row.topic, ("hta.watch", made.pk), {"fired": made.fired})
    if not made.fired:
        return None
    return _reopen(row, {
        "kind": "posterior", "chance_wrong": made.chance_wrong, "stated": row.wrong_chance,
        "best": made.best, "watch": str(made.pk),
    })  # fmt: skip


@action("hta.reopen_due")
def reopen_due(*, by: Actor, decision: UUID) -> UUID | None:
    """Open a topic for a decision whose day of reassessment has come; None where one is open."""
    policy.require(by, Permission.WORK)
    row = Decision.objects.claim(decision)
    noted(row.topic, ("hta.decision", row.pk), {"due": row.reassess_by.isoformat()})
    return _reopen(row, {"kind": "date", "reassess_by": row.reassess_by.isoformat()})


ENDED: Sequence[str] = ("declined", "withdrawn", "replaced")


def _reopen(decision: Decision, trigger: Mapping[str, Any]) -> UUID | None:
    """A topic that looks at a decision again; one at a time."""
    if decision.state not in IN_FORCE or decision.reassessments.exclude(state__in=ENDED).exists():
        return None
    old, today = decision.topic, timezone.localdate()
    body = Organisation.objects.select_for_update().get(pk=decision.organisation_id)
    row = Topic(
        organisation=body, number=next_number(body.pk, today.year), title=old.title,
        technology=old.technology, comparator=old.comparator, condition=old.condition, icd=old.icd,
        population=old.population, why="", programme=old.programme, process=old.process,
        variant=old.variant, submitted_on=today, reassesses=decision, opened_by_machine=True,
        trigger=dict(trigger),
    )  # fmt: skip
    row.save()
    redate(row)
    noted(row, what={"reassesses": str(decision.pk), "trigger": str(trigger["kind"])})
    return row.pk
