"""A year through the offer engine: patients are booked by the minute, days are lived through."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.offer import Prepared, offer_for
from sapar.proton.engine.scheduling.offer.kept import Protection, protection_of
from sapar.proton.engine.scheduling.problem.course import Course, Use
from sapar.proton.engine.scheduling.scenario import arrivals, open_minutes, outages
from sapar.proton.engine.scheduling.year.emergency import Treated, repaired
from sapar.proton.engine.scheduling.year.indicators import Outcome, Tally, summary
from sapar.proton.engine.scheduling.year.repair import one_more, run_day

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.course import Booking
    from sapar.proton.engine.scheduling.problem.year import YearProblem
    from sapar.proton.engine.scheduling.scenario import Arrival
    from sapar.proton.engine.scheduling.watch import Watch

RETRY_DAYS = 5
"""Working days until somebody for whom the books had no place is tried again."""


def working_days_a_year(prepared: Prepared, first: date) -> int:
    """Working days of the 365 days from a first one; the demand of a year is spread over them."""
    return len(prepared.working_days(first, first + timedelta(days=364)))


def course_of(arrival: Arrival) -> Course:
    """The course of a patient who is referred."""
    return Course(
        id=arrival.id,
        protocol=arrival.protocol,
        fractions=arrival.fractions,
        urgency=arrival.urgency,
        referred=arrival.referred,
        arrival=arrival.arrival,
        age=arrival.age,
        anaesthesia=arrival.anaesthesia,
        country=arrival.country,
        payer=arrival.payer,
    )


@dataclass(slots=True)
class _Patient:
    outcome: Outcome
    course: Course
    booked: list[Booking] = field(default_factory=list)
    given: list[Booking] = field(default_factory=list)
    moved: bool = False
    replanned: bool = False


class Centre:
    """The centre as it lives through a year.

    Args:
        problem: the year; its `mode` is not looked at.
    """

    def __init__(self, problem: YearProblem) -> None:
        self.problem = problem
        self.prepared = Prepared(problem.books())
        self.protection: Protection = protection_of(problem.policy.protection)
        self.days = self.prepared.working_days(problem.begin, problem.end)
        per_year = working_days_a_year(self.prepared, problem.first)
        self.coming: dict[date, list[Arrival]] = {}
        for each in arrivals(problem.demand, problem.protocols, self.days, per_year, problem.seed):
            self.coming.setdefault(each.referred, []).append(each)
        self.outages = outages(problem.uptime, self.prepared.calendar, self.days, problem.seed)
        self.patients: dict[str, _Patient] = {}
        self.without_date: list[tuple[int, str]] = []
        self.tally = Tally(0, 0, 0, 0, 0, 0, 0, {}, {}, {})
        self.quotas = list(problem.quotas)
        self.worked = 0
        # Repairs look at one day of empty books with the same centre.
        self._empty = replace(self.prepared.books, bookings=(), uses=())

    def live(self, number: int) -> None:
        """One working day: referrals, then treatment."""
        day = self.days[number]
        if number:
            # A repair may have opened a weekend.
            later = self.days[number - 1] + timedelta(days=1)
            while later < day:
                if self.prepared.bookings_on(later):
                    self.treat(later)
                later += timedelta(days=1)
        self._today(day)
        retry = [name for due, name in self.without_date if due == number]
        self.without_date = [each for each in self.without_date if each[0] > number]
        for name in retry:
            self._offer(self.patients[name], number)
        for arrival in self.coming.get(day, ()):
            patient = _Patient(Outcome(arrival), course_of(arrival))
            self.patients[arrival.id] = patient
            self._offer(patient, number)
            self._today(day)
        self.treat(day)
        self.prepared.forget(day)
        self.worked += 1

    def _today(self, day: date) -> None:
        quotas = tuple(self.quotas)
        self.prepared.books = replace(self.prepared.books, today=day, quotas=quotas)

    def _offer(self, patient: _Patient, number: int) -> None:
        policy, outcome = self.problem.policy, patient.outcome
        found = offer_for(
            self.prepared,
            patient.course,
            self.protection,
            window_min=policy.window_min,
            explain=False,
        )
        if not found.offers:
            self.without_date.append((number + RETRY_DAYS, patient.course.id))
            return
        best = found.offers[0]
        waits = (best.first - patient.course.referred).days
        if policy.patience_days is not None and waits > policy.patience_days:
            outcome.status = "withdrawn"
            return
        patient.booked = list(best.bookings())
        self.prepared.add(patient.booked, best.uses())
        outcome.status, outcome.first, outcome.delay = "promised", best.first, best.delay
        outcome.planned_last = outcome.last = best.fractions[-1].date
        for index, quota in enumerate(self.quotas):
            if quota.counts(patient.course) and quota.begin <= best.first <= quota.end:
                self.quotas[index] = replace(quota, courses=quota.courses - 1)

    def treat(self, day: date) -> None:
        """Give the fractions of a day, around its outages."""
        problem, counted = self.problem, day >= self.problem.first
        if self._long_outage(day):
            self._replan_day(day)
        booked = self.prepared.bookings_on(day)
        share = problem.policy.no_show_share
        absent = [each for each in booked if self._stays_away(each, share)]
        here = tuple(each for each in booked if each not in absent) if absent else booked
        lost = self.outages.get(day, {})
        ran = run_day(self._empty, day, here, lost, problem.policy.overtime_min)
        if counted:
            self._count(day, ran.done, lost)
            self.tally.no_shows += len(absent)
            self.tally.lost += len(ran.lost)
            self.tally.late_same_day += ran.late
            self.tally.overtime_min += ran.overtime_min
        for booking in (*absent, *ran.lost):
            self._give_another_day(self.patients[booking.course], booking, day)
        for booking in ran.done:
            self._given(self.patients[booking.course], booking, day, counted=counted)

    def _long_outage(self, day: date) -> bool:
        least = self.problem.policy.replan_from_min
        away = max((mask.bit_count() for mask in self.outages.get(day, {}).values()), default=0)
        return least is not None and away >= least

    def _replan_day(self, day: date) -> None:
        """Move what the outages of a day meet by the engine of `replan`."""
        treated = [
            Treated(patient.course, tuple(patient.given), booked)
            for patient in self.patients.values()
            if (booked := tuple(each for each in patient.booked if each.date >= day))
        ]
        counted = day >= self.problem.first
        means = self.problem.policy.means
        for old, new in repaired(self._empty, treated, day, self.outages[day], means):
            patient = self.patients[old.course]
            self.prepared.move(old, new)
            patient.booked.remove(old)
            if new is None:
                self._give_another_day(patient, old, day)
            else:
                patient.booked.append(new)
                self._dates(patient, day)
            if new is None or new.date != old.date:
                self._moved(patient, day)
                self.tally.lost += counted
            elif new.window == (new.start, new.start):
                self.tally.late_same_day += counted

    def _dates(self, patient: _Patient, day: date) -> None:
        """First and last day of a patient after bookings from `day` on have changed."""
        outcome = patient.outcome
        ahead = [each.date for each in patient.booked if each.date >= day]
        if not ahead:
            return
        outcome.last = max(ahead)
        if outcome.delivered == 0 and outcome.first is not None:
            new, old = min(ahead), outcome.first
            more = self.prepared.working_days(old + timedelta(days=1), new)
            less = self.prepared.working_days(new + timedelta(days=1), old)
            outcome.first, outcome.delay = new, outcome.delay + len(more) - len(less)

    def _moved(self, patient: _Patient, day: date) -> None:
        if day >= self.problem.first and not patient.moved:
            patient.moved = True
            self.tally.moved += 1

    def _stays_away(self, booking: Booking, share: float) -> bool:
        patient = self.patients[booking.course]
        number = next(n for n, each in enumerate(patient.booked) if each is booking)
        return bool(patient.outcome.arrival.comes[min(number, 129)] < share)

    def _give_another_day(self, patient: _Patient, booking: Booking, day: date) -> None:
        self._moved(patient, day)
        found = one_more(self.prepared, patient.course, patient.booked or [booking])
        if found is not None:
            patient.booked.append(found)
            self.prepared.add((found,))
        later = booking.date + timedelta(days=1) if booking in patient.booked else day
        self._dates(patient, later)

    def _given(self, patient: _Patient, booking: Booking, day: date, *, counted: bool) -> None:
        outcome = patient.outcome
        patient.given.append(booking)
        if outcome.delivered == 0:
            outcome.first = day
        outcome.delivered += 1
        outcome.status = "started"
        if outcome.delivered >= sum(patient.course.fractions):
            outcome.status, outcome.last = "completed", day
            return
        week, first = outcome.arrival.replan_week, outcome.first or day
        if week and not patient.replanned and (day - first).days >= 7 * (week - 1):
            patient.replanned = True
            self.tally.replans += counted
            self._replan(patient, day)

    def _replan(self, patient: _Patient, day: date) -> None:
        """The chain of a new plan takes its minutes; treatment goes on meanwhile."""
        prepared = self.prepared
        uses = []
        for step in prepared.books.protocols[patient.course.protocol].replan_steps:
            left = step.lead_days
            for later in prepared.working_days(day, day + timedelta(days=60)):
                if left > 0 and later > day:
                    left -= 1
                room = prepared.left_of(step.use, later)
                fits = room is None or room >= step.duration_min
                if left <= 0 and later >= day and fits and prepared.possible(step, later):
                    day = later
                    break
            if step.use is not None:
                uses.append(Use(step.use, day, step.duration_min, None, patient.course.id))
        prepared.add((), uses)

    def _count(self, day: date, done: tuple[Booking, ...], lost: dict[str, int]) -> None:
        """Minutes used, open and lost of each resource."""
        tally, prepared = self.tally, self.prepared
        calendar, centre = prepared.calendar, prepared.centre
        tally.fractions += len(done)
        team = centre.anaesthesia
        for booking in done:
            room = f"room:{booking.room}"
            tally.used[room] = tally.used.get(room, 0.0) + booking.end - booking.start
            beam = centre.room(booking.room).beam
            if beam is not None:
                tally.used[f"beam:{beam}"] = tally.used.get(f"beam:{beam}", 0.0) + booking.beam_min
            if booking.anaesthesia and team is not None:
                held = booking.end - booking.start + team.induction_min + team.recovery_min
                tally.used["anaesthesia"] = tally.used.get("anaesthesia", 0.0) + held
        for kind, names in (
            ("room", [room.id for room in centre.rooms]),
            ("beam", [beam.id for beam in centre.beams]),
        ):
            for name in names:
                minutes = open_minutes(calendar, name, day).bit_count()
                tally.open[f"{kind}:{name}"] = tally.open.get(f"{kind}:{name}", 0.0) + minutes
        if team is not None:
            minutes = sum(mask.bit_count() * number for mask, number in calendar.teams(day))
            tally.open["anaesthesia"] = tally.open.get("anaesthesia", 0.0) + minutes
        for device in centre.devices:
            whole = calendar.minutes_of(device.id, day) or 0
            left = prepared.left_of(device.id, day) or 0
            tally.open[device.id] = tally.open.get(device.id, 0.0) + whole
            tally.used[device.id] = tally.used.get(device.id, 0.0) + whole - left
        for name, mask in lost.items():
            tally.down[name] = tally.down.get(name, 0.0) + mask.bit_count()


def full_year(problem: YearProblem, watch: Watch) -> tuple[dict[str, Any], int, int]:
    """Simulate a year by the minute.

    Returns:
        The indicators (see `indicators.summary`), working days done and working days in all.
    """
    centre = Centre(problem)
    for number in range(len(centre.days)):
        if watch.stop():
            break
        centre.live(number)
        watch.tell(None, None, number + 1, len(centre.days))
    outcomes = [centre.patients[name].outcome for name in sorted(centre.patients)]
    return summary(problem, outcomes, centre.tally), centre.worked, len(centre.days)
