"""A published decision feeds the indication list, and the answer of a referral leads back to it."""

from __future__ import annotations

import pytest

from sapar.answer import panels
from sapar.answer.engine.problem import LineState
from sapar.answer.queries import answer_to
from sapar.hta import actions
from sapar.hta.actions.feeding import FUNDED
from sapar.hta.models import Decision
from sapar.kernel.errors import RefusedError
from sapar.network.models import Entry, EntryVersion
from tests.answer.worlds import aizada
from tests.hta import process_world as world
from tests.network.conftest import loaded

__all__ = ["loaded"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]
CODE = "medulloblastoma"


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("recommended", "answer.indication.funded"),
        ("research", "answer.indication.funding_undecided"),
        ("not-recommended", "answer.indication.not_funded"),
    ],
)
def test_the_answers_line_says_what_was_decided_and_leads_to_the_decision(
    verdict: str, said: str
) -> None:
    topic = world.voted(verdict=verdict)
    pk = world.ready(topic=topic, verdict=verdict, indications=[CODE],
                     funded="b" if verdict == "recommended" else "")  # fmt: skip
    before = answer_to(aizada()).line("indication")
    assert not any(each.source and each.source.url for each in before.reasons)
    actions.publish(by=world.actor("kanat"), decision=pk)
    decision = Decision.objects.get(pk=pk)
    entry = Entry.objects.get(kind="indications", code=CODE)
    assert entry.data.get("funded") is FUNDED[verdict]
    line = answer_to(aizada()).line("indication")
    assert line.state is LineState.KNOWN
    reason = next(each for each in line.reasons if each.rule == "indication.funded")
    assert reason.statement.code == said
    assert reason.source is not None
    assert reason.source.url == f"/hta/decisions/{decision.number}/"
    shown = panels._reason(reason)
    assert shown.url == reason.source.url
    assert decision.number in shown.source
    assert decision.topic.title in shown.source


def test_the_entry_keeps_its_former_versions_and_says_which_decision_changed_it() -> None:
    world.published(indications=[CODE])
    last = EntryVersion.objects.filter(entry__code=CODE).order_by("-number").first()
    assert last is not None
    assert last.comment.startswith("decision KZ-")
    assert last.by == "system:hta"
    assert EntryVersion.objects.filter(entry__code=CODE).count() == 2


def test_a_decision_on_unverified_inputs_does_not_decide_in_the_answer() -> None:
    doubtful = world.DOCUMENT.replace("mark: verified}", "mark: unverified}", 1)
    world.published(doubtful, topic=world.voted(doubtful), indications=[CODE])
    line = answer_to(aizada()).line("indication")
    assert line.state is LineState.TO_DECIDE


def test_an_indication_that_the_list_does_not_have_keeps_the_decision_back() -> None:
    decision = world.ready(indications=[CODE, "sadness"])
    with pytest.raises(RefusedError) as caught:
        actions.publish(by=world.actor("kanat"), decision=decision)
    assert [(p.code, p.value) for p in caught.value.problems] == [
        ("hta.gate.no_indication", "sadness")
    ]
    assert Decision.objects.get(pk=decision).state == "decided"
    assert Entry.objects.get(code=CODE, kind="indications").version == 1
