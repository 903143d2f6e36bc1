"""The demonstration's assessments: made by the real actions, once."""

from __future__ import annotations

import pytest

from sapar.hta import demonstration, queries
from sapar.hta.models import ModelRun, Topic
from sapar.hta.replay import replay
from sapar.kernel.accounts import demonstration as logins
from sapar.kernel.jobs import worker
from tests import cast

pytestmark = pytest.mark.django_db


def silent(done: int, total: int) -> None:
    """Nobody watches."""


def test_one_topic_is_published_and_one_in_work_however_often_it_is_loaded() -> None:
    for code in cast.ORGANISATIONS:
        cast.organisation(code)
    logins.load(silent)
    demonstration.load(silent)
    demonstration.load(silent)
    states = dict(Topic.objects.values_list("title", "state"))
    assert states == {demonstration.PUBLISHED: "published", demonstration.IN_WORK: "assessing"}
    [seen] = queries.register_of_decisions()
    assert seen.votes["recommended"] == 2
    assert seen.recused == 1
    record = queries.published_record(seen.number)
    assert record is not None
    assert replay(record).same
    before = dict(ModelRun.objects.values_list("pk", "result_digest"))
    worker.drain()  # the jobs that were asked for come too late
    assert dict(ModelRun.objects.values_list("pk", "result_digest")) == before
    assert set(ModelRun.objects.values_list("state", flat=True)) == {"done"}
