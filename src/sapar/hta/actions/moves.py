"""What several actions do: move a topic by an event, keep its steps dated, note it in its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.hta.models import Step, Topic
from sapar.hta.processes import process_named, working_in
from sapar.hta.states import ASSESSMENT
from sapar.kernel import policy
from sapar.kernel.actions import note
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sapar.hta.engine.clocks.due import Due
    from sapar.kernel.actors import Actor


def claim(by: Actor, permission: str, topic: UUID, version: int | None = None) -> Topic:
    """A topic, locked, for somebody who may do this with it."""
    row = Topic.objects.claim(topic, version)
    policy.require(by, permission, row)
    return row


def noted(
    topic: Topic,
    about: tuple[str, UUID] | None = None,
    what: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """An audit row in the topic's own chain."""
    said = {"state": topic.state, **(what or {})}
    note(root=("topic", topic.pk), about=about or ("hta.topic", topic.pk), what=said)


def happened(topic: Topic, done: Mapping[str, date]) -> tuple[Due, ...]:
    """When every step of a topic is due, with what is done."""
    from sapar.hta.engine.clocks.due import Happened, Stop, schedule  # noqa: PLC0415 - as below

    process = process_named(topic.process)
    stops = [Stop(each.begins, each.ends) for each in topic.stops.order_by("begins")]
    known = Happened(
        topic.submitted_on, done, stops, topic.variant or process.variants[0], topic.regulator_stop
    )
    return schedule(process, known, working_in(process.country))


def redate(topic: Topic) -> None:
    """Compute every date of a topic's clock again, and keep it."""
    rows = {each.code: each for each in topic.steps.all()}
    done = {code: row.done_on for code, row in rows.items() if row.done_on is not None}
    for place, each in enumerate(happened(topic, done)):
        row = rows.get(each.name)
        if row is None:
            row = Step(organisation_id=topic.organisation_id, topic=topic, code=each.name)
        elif (row.place, row.due) == (place, each.due):
            continue
        row.place, row.due = place, each.due
        row.save()


def finish(topic: Topic, *codes: str) -> None:
    """Mark steps as done today, if they are open, and compute the dates that follow."""
    today = timezone.localdate()
    for row in topic.steps.filter(code__in=codes, done_on__isnull=True):
        row.done_on = today
        row.save()
    redate(topic)


def move(topic: Topic, event: str) -> None:
    """Let an event move a topic; steps of its process that it ends are done.

    Raises:
        IllegalTransitionError: the event may not happen in this state.
    """
    topic.state = ASSESSMENT.step(topic.state, event).target
    topic.save()
    steps = [each.name for each in process_named(topic.process).steps if each.event == event]
    finish(topic, *steps)


def body_of(by: Actor) -> UUID:
    """The organisation for which somebody acts.

    Raises:
        NotAllowedError: they act for none.
    """
    if by.organisation_id is None:
        raise NotAllowedError(Problem.of("kernel.not_allowed", where="organisation"))
    return by.organisation_id


def wanted(field: str, value: str, most: int) -> str:
    """A text that must be there.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    text = value.strip()
    if not text:
        raise InvalidInputError(Problem.of("hta.process.empty", where=field))
    if len(text) > most:
        raise InvalidInputError(
            Problem.of("hta.process.long", where=field, value=len(text), most=most)
        )
    return text
