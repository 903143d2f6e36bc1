"""Models as they are kept: versions that never change, runs by jobs, answers by digests."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sapar.hta import actions, queries
from sapar.hta.models import ModelRun, ModelVersion
from sapar.hta.models.base import ChangedForGoodError
from sapar.kernel import context
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError
from sapar.kernel.jobs import worker
from sapar.kernel.rerun.canonical import digest, numbers, plain
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db
SICK = (Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml").read_text("utf-8")


def test_a_document_is_kept_letter_for_letter_under_its_digest() -> None:
    dana = world.actor("dana")
    first = actions.save_version(by=dana, document=SICK)
    seen = queries.version_of(dana, first)
    assert (seen.number, seen.code, seen.label) == (1, "sick-sicker", "1")
    assert seen.document == SICK
    assert seen.digest == hashlib.sha256(SICK.encode()).hexdigest()
    assert (
        actions.save_version(by=dana, document=SICK) == first
    )  # the same text is the same version
    other = SICK.replace("value: 0.6,", "value: 0.65,")
    second = actions.save_version(by=dana, document=other, model=seen.model, why="a new trial")
    assert [each.number for each in queries.versions_of(dana, seen.model)] == [2, 1]
    assert [each.latest for each in queries.models_of(dana)] == [second]


def test_a_version_is_never_changed() -> None:
    version = actions.save_version(by=world.actor("dana"), document=SICK)
    row = ModelVersion.objects.get(pk=version)
    row.document = "other"
    with context.writing_as("fixture"), pytest.raises(ChangedForGoodError):
        row.save()


def test_a_document_with_mistakes_is_refused_with_their_lines_and_nothing_is_kept() -> None:
    with pytest.raises(InvalidInputError) as caught:
        actions.save_version(by=world.actor("dana"), document=SICK.replace("p_HS1,", "p_HS9,"))
    assert [p.code for p in caught.value.problems] == ["hta.input.unknown"]
    assert caught.value.problems[0].where.endswith(":86")
    assert not ModelVersion.objects.exists()


def test_a_run_is_worked_out_by_a_job_and_bound_to_engine_and_libraries() -> None:
    dana = world.actor("dana")
    version = actions.save_version(by=dana, document=SICK)
    run = actions.ask_run(by=dana, version=version, kind="base")
    assert queries.run_of(dana, run).state == "queued"
    worker.drain()
    seen = queries.run_of(dana, run)
    assert (seen.state, seen.progress) == ("done", 1.0)
    assert seen.result is not None
    cost = numbers(dict(seen.result))["strategies[0].cost"]
    assert cost == pytest.approx(151_579.865957, rel=1e-11)
    assert seen.result_digest == digest(dict(seen.result))
    assert len(seen.engine) == 64
    assert {"numpy", "scipy", "python"} <= set(seen.lock)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("psa", {"draws": 60, "thresholds": [100_000]}),
        ("voi", {"draws": 200, "threshold": 100_000, "sets": [["u_S1", "c_A"]]}),
        ("sensitivity", {"threshold": 100_000}),
    ],
)
def test_the_same_question_with_the_same_seed_has_the_same_digest(
    kind: str, options: dict[str, object]
) -> None:
    dana = world.actor("dana")
    version = actions.save_version(by=dana, document=SICK)
    runs = [
        actions.ask_run(by=dana, version=version, kind=kind, options=options, seed=seed)
        for seed in (4, 4, 5)
    ]
    worker.drain()
    first, again, other = (queries.run_of(dana, each) for each in runs)
    assert first.state == "done", first.problems
    assert first.result_digest == again.result_digest
    if kind != "sensitivity":
        assert first.result_digest != other.result_digest


@pytest.mark.parametrize(
    ("kind", "options", "seed", "where"),
    [
        ("tea-leaves", {}, 0, "hta.ask.kind"),
        ("psa", {"draws": 1}, 0, "hta.ask.draws"),
        ("psa", {}, -1, "hta.ask.seed"),
        ("psa", {}, 1 << 60, "hta.ask.seed"),
        ("voi", {}, 0, "hta.ask.threshold"),
        ("sensitivity", {"threshold": -1}, 0, "hta.ask.threshold"),
    ],
)
def test_a_question_out_of_range_is_refused_before_a_job_is_made(
    kind: str, options: dict[str, object], seed: int, where: str
) -> None:
    dana = world.actor("dana")
    version = actions.save_version(by=dana, document=SICK)
    with pytest.raises(InvalidInputError) as caught:
        actions.ask_run(by=dana, version=version, kind=kind, options=options, seed=seed)
    assert [p.code for p in caught.value.problems] == [where]
    assert not ModelRun.objects.exists()


def test_only_the_analysts_of_a_body_save_and_run_its_models() -> None:
    version = actions.save_version(by=world.actor("dana"), document=SICK)
    for name in ("bauyrzhan", "kyrgyz", "marat"):
        with pytest.raises(NotAllowedError):
            actions.ask_run(by=world.actor(name), version=version, kind="base")
    assert queries.version_of(world.actor("bauyrzhan"), version).number == 1
    with pytest.raises(NotFoundError):
        queries.version_of(world.actor("kyrgyz"), version)


def test_what_json_cannot_keep_is_kept_as_words_and_compares_the_same() -> None:
    kept = plain({"a": float("inf"), "b": [-0.0, 1 << 60, True, None]})
    assert kept == {"a": "inf", "b": [0.0, float(1 << 60), True, None]}
    assert digest({"x": 1}) == digest({"x": 1.0})
    assert digest({"x": 0.1}) != digest({"x": 0.1 + 2**-55})
