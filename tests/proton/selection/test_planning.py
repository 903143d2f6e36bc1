"""The automatic proton plan: its question, its process, its judgement; the real package."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import sparse

from sapar.kernel.jobs.progress import Report, reporting
from sapar.proton import proton_doses
from sapar.proton.adapters.planning import environment
from sapar.proton.adapters.planning.exchange import (
    Limits,
    read_answer,
    read_question,
    write_answer,
    write_question,
)
from sapar.proton.adapters.planning.package import Matrix, some_rows
from sapar.proton.adapters.planning.plan import (
    Asked,
    PlannedProton,
    answered,
    ask,
    plan_protons,
    plan_volumes,
)
from sapar.proton.adapters.planning.process import PlanningError, run
from sapar.proton.adapters.planning.worker import _optimised, _without
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.engine.selection.estimate.optimise import Scenario, Term
from sapar.proton.engine.selection.estimate.volumes import Region
from sapar.proton.engine.selection.estimate.wish import Wish
from sapar.proton.engine.selection.plan import DoseType, Modality
from sapar.proton.jobs.planning import planning_watch
from sapar.values.marks import Mark
from tests.proton.selection import dose_phantoms as phantom

if TYPE_CHECKING:
    from pathlib import Path

WISH = Wish("prostate", 50.0, 25, ((90.0, 0.0),))


@cache
def asked() -> Asked:
    volumes = phantom.water(half=40, step=3.0, target=12)
    organ = Region("Rectum", np.roll(volumes.targets[0].share, 8, axis=1))
    data = phantom.data()
    return ask(
        replace(volumes, organs=(organ,)), data.rule("prostate"), WISH, data.uncertain,
        limits=Limits(spots=600, rounds=60), dose_mm=5.0,
    )  # fmt: skip


def even_doses(level: float = 50 / 1.1, **other: float) -> dict[str, np.ndarray]:
    """The absorbed dose of each scenario: a level in the target, another where it is given."""
    made = {}
    for shift in asked().question.shifts:
        dose = np.zeros(asked().question.dose.shape, dtype=np.float32)
        dose[asked().targets[0].share >= 0.5] = other.get(shift.name, level)
        made[shift.name] = dose
    return made


def judged(doses: dict[str, np.ndarray]) -> PlannedProton:
    return answered(asked(), doses, {"seconds": {"all": 1.0}}, phantom.data().uncertain)


def test_a_question_comes_back_as_it_was_written(tmp_path: Path) -> None:
    question = asked().question
    write_question(question, tmp_path)
    again = read_question(tmp_path)
    assert np.array_equal(again.power, question.power)
    assert np.array_equal(again.body, question.body)
    assert np.array_equal(again.spots, question.spots)
    assert again.shifts == question.shifts
    assert again.limits == question.limits
    assert again.enough == question.enough
    assert again.beams == WISH.angles
    for mine, theirs in zip(question.organ_terms, again.organ_terms, strict=True):
        assert (mine.kind, mine.level, mine.priority, mine.name) == (
            theirs.kind, theirs.level, theirs.priority, theirs.name,
        )  # fmt: skip
        assert np.array_equal(mine.rows, theirs.rows)


def test_a_question_of_another_version_is_refused(tmp_path: Path) -> None:
    write_question(asked().question, tmp_path)
    file = tmp_path / "question.json"
    file.write_text(file.read_text().replace("sapar.planning/1", "sapar.planning/9"))
    with pytest.raises(ValueError, match=r"sapar\.planning/9"):
        read_question(tmp_path)


def test_the_question_asks_for_the_absorbed_dose_of_the_prescription() -> None:
    assert asked().question.unit_gy == pytest.approx(50 / 1.1)
    assert all(t.level == pytest.approx(1.0) for t in asked().question.target_terms)


def test_spots_may_lie_beyond_the_target_by_the_set_up_error() -> None:
    spots = asked().question.spots
    volumes = phantom.water(half=40, step=3.0, target=12)
    assert spots.sum() > volumes.target_mask().sum()
    assert not (spots & ~asked().question.body).any()


def test_the_answers_dose_becomes_gy_rbe_once() -> None:
    planned = judged(even_doses())
    assert planned.nominal.dose_type is DoseType.EFFECTIVE
    assert planned.nominal.modality is Modality.PROTON
    assert planned.nominal.gy.max() == pytest.approx(50, rel=1e-5)
    assert len(planned.scenarios) == 8
    assert all(dose.gy.max() == pytest.approx(50, rel=1e-5) for _, dose in planned.scenarios)


def test_the_dose_lies_on_the_whole_patients_grid() -> None:
    planned = judged(even_doses())
    assert planned.nominal.gy.shape == planned.nominal.grid.shape
    z, y, x = (int(i) for i in np.array(np.nonzero(planned.nominal.gy)).mean(axis=1).round())
    grid = planned.nominal.grid
    assert abs(grid.z[z]) <= 3
    assert abs(grid.y[y]) <= 3
    assert abs(grid.x[x]) <= 3


def test_a_plan_that_covers_everywhere_is_acceptable_and_still_unverified() -> None:
    planned = judged(even_doses())
    assert planned.acceptable
    assert planned.mark is Mark.UNVERIFIED
    assert len(planned.coverage) == 9
    assert not planned.reasons


@pytest.mark.parametrize("name", ["x-3mm", "range+3.5%"])
def test_a_plan_that_misses_the_target_in_one_scenario_is_not_compared(name: str) -> None:
    planned = judged(even_doses(**{name: 0.9 * 50 / 1.1}))
    assert not planned.acceptable
    (reason,) = planned.reasons
    assert reason.code == "proton.dose.target_missed"
    assert reason.params["scenario"] == name
    assert reason.where == "CTV"


def test_too_hot_a_plan_is_not_acceptable() -> None:
    doses = even_doses()
    hot = np.flatnonzero(asked().targets[0].share.ravel() >= 0.5)[::20]
    doses["nominal"].ravel()[hot] = 1.2 * 50 / 1.1
    assert not judged(doses).acceptable


def test_the_same_answer_has_the_same_digest_and_another_has_not() -> None:
    first, again = judged(even_doses()), judged(even_doses())
    assert first.versions["answer"] == again.versions["answer"]
    assert judged(even_doses(level=46.0)).versions["answer"] != first.versions["answer"]


def test_an_answer_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_answer(tmp_path, even_doses(), {"seconds": {"a": 1}})
    doses, words = read_answer(tmp_path)
    assert words == {"seconds": {"a": 1}}
    assert all(np.array_equal(doses[n], d) for n, d in even_doses().items())


def test_rows_of_a_sparse_matrix_are_picked_as_of_a_full_one() -> None:
    full = np.random.default_rng(2).random((40, 9)) * (
        np.random.default_rng(3).random((40, 9)) > 0.6
    )
    rows = np.array([1, 5, 6, 22, 39])
    place = np.full(40, -1, dtype=np.int32)
    place[rows] = np.arange(5)
    found = some_rows(sparse.csc_array(full), place, 5)
    assert found.toarray() == pytest.approx(full[rows].astype(np.float32))
    operator = Matrix(found)
    ones = np.ones(5, dtype=np.float32)
    assert operator.backward(ones) == pytest.approx(full[rows].sum(axis=0), rel=1e-5)


def test_scenarios_in_which_the_target_stays_cold_get_more_weight() -> None:
    """Sparing the organ is worth more than the target, until the target's scenario counts more."""
    target = np.eye(4, dtype=np.float32)
    organ = np.full((1, 4), 1.0, dtype=np.float32)
    terms = (Term("deviation", np.arange(4), 1.0, 1.0, None, "CTV"),)
    spare = (Term("mean", np.arange(1), 0.0, 0.1, None, "Heart"),)
    scenarios = [
        Scenario(Matrix(sparse.csc_array(target)), terms, 1.0),
        Scenario(Matrix(sparse.csc_array(organ)), spare, 1.0),
    ]
    limits = Limits(rounds=50, again=4)
    question = replace(asked().question, unit_gy=1.0, limits=limits)
    dose = _optimised(question, scenarios, 4).weights
    once = _optimised(replace(question, limits=replace(limits, again=0)), scenarios, 4).weights
    assert once.min() < 0.95
    assert dose.min() >= 0.95


class Spot:
    def __init__(self, number: int) -> None:
        self.number = number


class Holder:
    """A beam or a ray of the package, as far as pruning looks at it."""

    def __init__(self, **parts: list) -> None:
        self.__dict__.update(parts)


def test_spots_that_are_left_out_take_empty_rays_with_them() -> None:
    rays = [
        Holder(beamlets=[Spot(0), Spot(1)]),
        Holder(beamlets=[Spot(2)]),
        Holder(beamlets=[Spot(3)]),
    ]
    plan = Holder(beams=[Holder(rays=rays[:2]), Holder(rays=rays[2:])])
    _without(plan, np.array([False, True, False, True]))
    left = [[[s.number for s in r.beamlets] for r in b.rays] for b in plan.beams]
    assert left == [[[1]], [[3]]]


def fake(folder: Path, script: str) -> None:
    """An environment whose interpreter is a shell script."""
    program = folder / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / ".ready").write_text("packages")


def test_without_the_environment_nothing_is_planned_and_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "none"))
    with pytest.raises(PlanningError) as told:
        plan_protons(
            phantom.study(),
            {"CTV": "CTV"},
            WISH,
            workdir=tmp_path,
            watch=Watch(),
            data=phantom.data(),
        )
    assert told.value.problem.code == "proton.dose.no_environment"
    assert environment.lock_digest() == ""


def test_a_study_without_a_target_is_not_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "env", "exit 0")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    study = phantom.study()
    bare = replace(study, structures=study.structures[:1])
    with pytest.raises(PlanningError) as told:
        plan_protons(bare, {}, WISH, workdir=tmp_path, watch=Watch(), data=phantom.data())
    assert told.value.problem.code == "proton.dose.no_target"


def test_what_the_package_says_last_is_told_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "env", 'echo "it began" >&2; echo "GeometryError: no target" >&2; exit 1')
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    with pytest.raises(PlanningError) as told:
        run(tmp_path, Watch())
    assert told.value.problem.code == "proton.dose.planner_failed"
    assert told.value.problem.value == "GeometryError: no target"


def test_an_old_answer_is_not_taken_for_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "env", "exit 0")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    (tmp_path / "answer.json").write_text("{}")
    with pytest.raises(PlanningError):
        run(tmp_path, Watch())


@pytest.mark.parametrize("how", ["stop", "clock"])
def test_a_plan_ends_at_once_when_asked_or_out_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    fake(tmp_path / "env", f"echo $$ > {tmp_path}/number; sleep 60")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    number = tmp_path / "number"
    ready = number.exists
    watch = Watch(asked_to_stop=ready) if how == "stop" else Watch(expired=ready)
    with pytest.raises(PlanningError) as told:
        run(tmp_path, watch)
    assert told.value.problem.code == "proton.dose.stopped"
    assert told.value.problem.value == how
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def test_a_cancelled_job_takes_its_process_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = '{"phase": "influence", "done": 1, "total": 2}'
    fake(tmp_path / "env", f"echo $$ > {tmp_path}/number; echo '{said}'; sleep 60")
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    seen = []

    def tell(value: float | None, bound: float | None, done: int, total: int) -> None:
        seen.append((done, total))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(tmp_path, Watch(tell=tell))
    assert seen == [(230, 1000)]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "number").read_text()), 0)


def test_a_comparison_goes_on_without_a_plan_that_failed_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "env", 'echo "MemoryError" >&2; exit 1')
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "env"))
    document = {"site": "prostate", "prescription_gy": 50.0, "fractions": 25}
    found = proton_doses.planned(phantom.study(), {"CTV": "CTV"}, document, tmp_path / "work")
    assert found.proton is None
    assert [(r.code, r.value) for r in found.reasons] == [
        ("proton.dose.planner_failed", "MemoryError")
    ]


def test_a_job_shows_how_far_a_plan_is_and_hands_its_stop_on() -> None:
    report = Report()
    with reporting(report):
        watch = planning_watch()
        watch.tell(None, None, 230, 1000)
        assert (report.done, report.total) == (230, 1000)
        assert not watch.stop()
        report.stop = True
        assert watch.stop()
    with reporting(Report()):
        assert planning_watch(longest_s=-1.0).stop()


# What follows runs the package itself, where `make planning` has built its environment.


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PlannedProton:
    return plan_volumes(
        asked(), phantom.data().uncertain, workdir=tmp_path_factory.mktemp("plan"), watch=Watch()
    )


needs_package = pytest.mark.skipif(
    not environment.available(), reason="`make planning` was not run"
)


def _middle(dose: np.ndarray, axis: np.ndarray, along: int) -> float:
    """The middle of what gets more than 25 Gy along an axis (0: z, 1: y, 2: x), mm."""
    profile = dose.max(axis=tuple(k for k in range(3) if k != along))
    weight = np.clip(profile - 25, 0, None)
    return float((axis * weight).sum() / weight.sum())


@pytest.mark.slow
@needs_package
@pytest.mark.xdist_group("planning")
def test_the_package_plans_a_small_phantom_robustly(real: PlannedProton) -> None:
    assert real.acceptable, real.reasons
    assert real.nominal.gy[asked().volumes.targets[0].mask].mean() == pytest.approx(50, rel=0.03)
    assert real.versions["pyRadPlan"] == "0.5.0"
    assert real.told["memory_bytes"] < 2e9
    scenarios = dict(real.scenarios)
    grid, nominal = real.nominal.grid, real.nominal.gy
    # The beam comes from the side: in a patient that moves the dose lies the other way.
    for name, axis, along, expected in (
        ("z+3mm", grid.z, 0, -3.0), ("z-3mm", grid.z, 0, 3.0), ("y+3mm", grid.y, 1, -3.0),
    ):  # fmt: skip
        moved = _middle(scenarios[name].gy, axis, along) - _middle(nominal, axis, along)
        assert moved == pytest.approx(expected, abs=1.0)
    total = {name: float(dose.gy.sum(dtype=np.float64)) for name, dose in scenarios.items()}
    assert total["range+3.5%"] > total["range-3.5%"]
