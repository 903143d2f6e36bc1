"""The repair as a constraint program: options as optional intervals in rooms, beams and teams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from sapar.proton.engine.scheduling.problem.minutes import intervals
from sapar.proton.engine.scheduling.replan.options import BROKEN_GAP, GIVEN_UP, PERSON, PROLONGED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.proton.engine.scheduling.replan.options import Option
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Key, Task, Work

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Taken:
    """An option in the model: its literal and its start."""

    task: Task
    option: Option
    yes: Any
    start: Any


@dataclass(frozen=True, slots=True)
class Result:
    """What the solver found: the decision, whether it is proven the best among the options."""

    chosen: Chosen | None
    proven: bool
    bound: float
    used: float


def _beam_and(gap: int, taken: Taken) -> int:
    """Minutes of the beam and of switching to another room; within one room others lie between."""
    return taken.task.piece.booking.beam_min + gap


class Model:
    """The program of one state of the work."""

    def __init__(self, work: Work) -> None:
        self.work, self.ground = work, work.ground
        self.model = cp_model.CpModel()
        self.taken: list[Taken] = []
        self.of_task: dict[Key, list[Taken]] = {}
        self.given_up: dict[Key, Any] = {}
        self.objective: list[Any] = []
        for task in work.tasks:
            self._task(task)
        self._rooms()
        self._beams()
        self._teams()
        self._photon()
        self._courses()
        self._people()
        self.model.minimize(sum(self.objective))

    def _task(self, task: Task) -> None:
        model, made = self.model, []
        for option in task.options:
            yes = model.new_bool_var("")
            spans = [(low, high - 1) for low, high in intervals(option.mask)]
            start = model.new_int_var_from_domain(cp_model.Domain.from_intervals(spans), "")
            made.append(Taken(task, option, yes, start))
            price = self.work.price(task, option)
            if price:
                self.objective.append(price * yes)
        literals = [each.yes for each in made]
        if task.must:
            none = model.new_bool_var("")
            self.given_up[task.piece.key] = none
            weight = self.ground.weight(task.piece.course)
            self.objective.append((GIVEN_UP[0] + GIVEN_UP[1] * weight) * none)
            literals.append(none)
        model.add_exactly_one(literals)
        self.taken += made
        self.of_task[task.piece.key] = made

    def _groups(self, key: Callable[[Taken], Any]) -> dict[Any, list[Taken]]:
        found: dict[Any, list[Taken]] = {}
        for each in self.taken:
            at = key(each)
            if at is not None:
                found.setdefault(at, []).append(each)
        return found

    def _apart(
        self, here: list[Taken], before: Callable[[Taken], int], size: Callable[[Taken], int]
    ) -> None:
        """No two of these overlap: each lasts `size` from `before` minutes after its start."""
        if len({each.task.piece.key for each in here}) < 2:
            return
        self.model.add_no_overlap(
            [
                self.model.new_optional_fixed_size_interval_var(
                    each.start + before(each), size(each), each.yes, ""
                )
                for each in here
            ]
        )

    def _rooms(self) -> None:
        for (day, room, photon), here in self._groups(
            lambda t: (t.option.day, t.option.room, t.option.photon)
        ).items():
            self._apart(here, lambda _: 0, lambda t: t.option.length)
            if photon:
                continue
            left = self.work.days.of(day).left[room]
            if sum(each.option.length for each in here) > left:
                self.model.add(sum(each.option.length * each.yes for each in here) <= left)

    def _beams(self) -> None:
        def at(taken: Taken) -> tuple[date, str] | None:
            beam = self.ground.beam_of.get(taken.option.room)
            used = taken.task.piece.booking.beam_min > 0 and not taken.option.photon
            return (taken.option.day, beam) if used and beam is not None else None

        for (_, beam), here in self._groups(at).items():
            gap = self.ground.switch[beam]
            self._apart(
                here,
                lambda t: t.task.piece.booking.setup_min,
                partial(_beam_and, gap),
            )

    def _teams(self) -> None:
        team = self.ground.centre.anaesthesia
        if team is None:
            return
        around = team.induction_min, team.recovery_min
        for here in self._groups(lambda t: t.option.day if t.task.piece.asleep else None).values():
            # One after the other even where there are two teams: safe, and rarely worse.
            self._apart(here, lambda _: -around[0], lambda t: t.option.length + sum(around))
            for one, two in combinations(here, 2):
                ranks = one.task.piece.rank, two.task.piece.rank
                if None in ranks or ranks[0] == ranks[1]:
                    continue
                first, second = (one, two) if ranks[0] < ranks[1] else (two, one)  # type: ignore[operator]
                self.model.add(first.start < second.start).only_enforce_if([one.yes, two.yes])

    def _photon(self) -> None:
        for day, here in self._groups(lambda t: t.option.day if t.option.photon else None).items():
            left = self.work.days.photon_left(day)
            self.model.add(sum(each.option.length * each.yes for each in here) <= left)

    def _courses(self) -> None:
        by_course: dict[str, list[Task]] = {}
        for task in self.work.tasks:
            by_course.setdefault(task.piece.course, []).append(task)
        for name, tasks in by_course.items():
            by_day: dict[date, list[Taken]] = {}
            for task in tasks:
                for each in self.of_task[task.piece.key]:
                    by_day.setdefault(each.option.day, []).append(each)
            self._sessions(name, tasks, by_day)
            self._phases(tasks)
            self._gaps(name, by_day)
            self._end(name, tasks)

    def _sessions(self, name: str, tasks: list[Task], by_day: dict[date, list[Taken]]) -> None:
        between = self.ground.protocols[name].min_between_min
        kept: dict[date, int] = {}
        for piece in self.ground.future[name]:
            if piece.key in self.work.staying:
                kept[piece.booking.date] = kept.get(piece.booking.date, 0) + 1
        for day, _ in self.ground.past_sessions[name]:
            kept[day] = kept.get(day, 0) + 1
        for day, here in by_day.items():
            room = min(each.task.limit for each in here) - kept.get(day, 0)
            if room >= 2 and len({t.task.piece.key for t in here}) > 1:
                self.model.add(sum(each.yes for each in here) <= room)
                # As long as `between` each, one after the other.
                self._apart(here, lambda _: 0, lambda _: between)
            else:
                self.model.add_at_most_one([each.yes for each in here])

    def _phases(self, tasks: list[Task]) -> None:
        if len({task.piece.phase for task in tasks}) < 2:
            return
        base = min(o.day for task in tasks for o in task.options) if tasks else None
        at: dict[Key, Any] = {}
        for task in tasks:
            position = self.model.new_int_var(-1, 2000 * DAY_MIN, "")
            at[task.piece.key] = position
            for each in self.of_task[task.piece.key]:
                offset = (each.option.day - base).days * DAY_MIN if base is not None else 0
                self.model.add(position == each.start + offset).only_enforce_if(each.yes)
        for one, two in combinations(tasks, 2):
            if one.piece.phase == two.piece.phase:
                continue
            first, second = (one, two) if one.piece.phase < two.piece.phase else (two, one)
            there = [~self.given_up[t.piece.key] for t in (one, two) if t.must]
            self.model.add(at[first.piece.key] < at[second.piece.key]).only_enforce_if(there)

    def _gaps(self, name: str, by_day: dict[date, list[Taken]]) -> None:
        """Every treatment day has one before it that is near enough, or the course's gap breaks."""
        model, kept = self.model, self.work.kept_days(name)
        old, ground = self.work.old_pairs(name), self.ground
        treated: dict[date, Any] = {}
        for day in sorted(by_day):
            if day in kept:
                continue
            there = model.new_bool_var("")
            model.add_max_equality(there, [each.yes for each in by_day[day]])
            treated[day] = there
        broken = model.new_bool_var("")
        weight = ground.weight(name)
        if name in self.work.hit:
            self.objective.append((BROKEN_GAP[0] + BROKEN_GAP[1] * weight) * broken)
        else:
            model.add(broken == 0)
        latest = {day: ground.latest_next(name, day) for day in (*kept, *treated)}
        before = set(ground.past[name])
        for day in sorted({*kept, *treated}):
            if day in before:
                continue
            earlier = max((k for k in kept if k < day), default=None)
            if earlier is not None and (latest[earlier] >= day or (earlier, day) in old):
                continue
            near = [
                there
                for other, there in treated.items()
                if other < day
                and (earlier is None or other > earlier)
                and (latest[other] >= day or (other, day) in old)
            ]
            clause = [*near, broken] + ([~treated[day]] if day in treated else [])
            if earlier is not None:
                model.add_bool_or(clause)
                continue
            for other, there in treated.items():
                if other < day and latest[other] < day:
                    model.add_bool_or([*clause, ~there])

    def _end(self, name: str, tasks: list[Task]) -> None:
        """The days by which a course ends later, counted once."""
        late = [t for task in tasks for t in self.of_task[task.piece.key] if t.option.late]
        if not late:
            return
        days = self.model.new_int_var(0, max(each.option.late for each in late), "")
        for each in late:
            self.model.add(days >= each.option.late).only_enforce_if(each.yes)
        self.objective.append(PROLONGED * self.ground.weight(name) * days)

    def _people(self) -> None:
        """A person who was not hit counts once, however many fractions move."""
        moved: dict[str, list[Any]] = {}
        for each in self.taken:
            name = each.task.piece.course
            if name not in self.work.hit and not each.option.stays:
                moved.setdefault(name, []).append(each.yes)
        for literals in moved.values():
            person = self.model.new_bool_var("")
            for literal in literals:
                self.model.add_implication(literal, person)
            self.objective.append(PERSON * person)

    def hint(self, chosen: Chosen) -> None:
        """Begin from a decision."""
        for key, options in self.of_task.items():
            taken = chosen.get(key)
            fitting = [
                each
                for each in options
                if taken is not None
                and (each.option.day, each.option.room) == (taken[0].day, taken[0].room)
                and each.option.mask >> taken[1] & 1
            ]
            for each in options:
                same = bool(fitting) and each is fitting[0]
                self.model.add_hint(each.yes, same)
                if taken is not None and same:
                    self.model.add_hint(each.start, taken[1])
            if key in self.given_up:
                self.model.add_hint(self.given_up[key], taken is None)

    def solve(self, work: float, seed: int, stop: Callable[[], bool]) -> Result:
        """Search for `work` units of deterministic time, by one worker, so that a seed decides all.

        A stop is heard at each better decision and each better bound.
        """
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = work

        class Progress(cp_model.CpSolverSolutionCallback):
            def on_solution_callback(self) -> None:
                if stop():
                    self.stop_search()

        def on_bound(_: float) -> None:
            if stop():
                solver.stop_search()

        solver.best_bound_callback = on_bound
        status = solver.solve(self.model, Progress())
        used = float(solver.response_proto.deterministic_time)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Result(None, proven=False, bound=0.0, used=used)
        chosen: Chosen = {}
        for key, options in self.of_task.items():
            chosen[key] = None
            for each in options:
                if solver.boolean_value(each.yes):
                    chosen[key] = (each.option, int(solver.value(each.start)))
        proven = status == cp_model.OPTIMAL
        return Result(chosen, proven, float(solver.best_objective_bound), used)
