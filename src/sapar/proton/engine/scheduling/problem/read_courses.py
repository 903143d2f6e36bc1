"""Reading protocols and courses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.course import (
    Begun,
    Course,
    Dose,
    Phase,
    Protocol,
    Step,
    Urgency,
)
from sapar.proton.engine.scheduling.problem.reading import Reader, unique

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.centre import Centre, Room

MARKS = ("verified", "demonstration", "unverified")


def _rooms_of(reader: Reader, centre: Centre) -> tuple[str, ...]:
    by_id = {room.id: room for room in centre.rooms}
    kinds = {room.kind for room in centre.rooms}
    named, wanted = reader.words("rooms"), reader.words("kinds")
    for key in ("rooms", "kinds"):
        if reader.value.get(key) == []:
            reader.note("no_room_fits", at=key)  # an empty list would mean none, or all
    for name in named:
        if name not in by_id:
            reader.note("unknown_room", at="rooms", value=name, known=", ".join(sorted(by_id)))
    for kind in wanted:
        if kind not in kinds:
            reader.note("unknown_kind", at="kinds", value=kind, known=", ".join(sorted(kinds)))

    def fits(room: Room) -> bool:
        return (not named or room.id in named) and (not wanted or room.kind in wanted)

    found = tuple(room.id for room in centre.rooms if fits(room))
    if not found and all(name in by_id for name in named) and set(wanted) <= kinds:
        reader.note("no_room_fits", value=", ".join((*named, *wanted)))
    return found


def _phases(reader: Reader, centre: Centre) -> tuple[Phase, ...]:
    found: list[Phase] = []
    for each in reader.items("phases"):
        if not each.is_object():
            continue
        rooms = _rooms_of(each, centre)
        preferred = each.words("preferred")
        for name in preferred:
            if rooms and name not in rooms:
                each.note("unknown_room", at="preferred", value=name, known=", ".join(rooms))
        made = Phase(
            id=each.text("id", f"p{len(found) + 1}"),
            fractions=each.whole("fractions", least=1, most=60),
            rooms=rooms,
            preferred=preferred,
            setup_min=each.whole("setup_min", most=600),
            beam_min=each.whole("beam_min", most=600),
            leaving_min=each.whole("leaving_min", most=600),
            first_extra_min=each.whole("first_extra_min", 0, most=600),
            per_day=each.whole("per_day", 1, least=1, most=2),
        )
        if made.room_min == 0 and {"setup_min", "beam_min", "leaving_min"} <= set(each.value):
            each.note("no_duration", value=0)
        each.done()
        found.append(made)
    if not found and "phases" in reader:
        reader.note("no_phase", at="phases")
    return tuple(found)


def _steps(reader: Reader, key: str, centre: Centre, *, during: bool = False) -> tuple[Step, ...]:
    known = {device.id for device in centre.devices} | {shift.role for shift in centre.staff}
    found = []
    for each in reader.items(key, optional=True):
        if not each.is_object():
            continue
        device, role = each.text("device", None), each.text("role", None)
        if device is not None and device not in known:
            each.note("unknown_device", at="device", value=device, known=", ".join(sorted(known)))
        if device is not None and role is not None:
            each.note("two_uses", at="role", value=f"{device}, {role}")
        found.append(
            Step(
                step=each.text("step"),
                use=device or role,
                duration_min=each.whole("duration_min", most=1440),
                lead_days=0 if during else each.whole("lead_days", most=200),
                every_fractions=each.whole("every_fractions", least=1, most=60) if during else 0,
            )
        )
        each.done()
    return tuple(found)


def _dose(reader: Reader | None) -> Dose | None:
    if reader is None:
        return None
    made = Dose(
        per_fraction_gy=reader.number("per_fraction_gy", least=0.1, most=60),
        alpha_beta_tumour_gy=reader.number("alpha_beta_tumour_gy", least=0.1, most=60),
        alpha_beta_late_gy=reader.number("alpha_beta_late_gy", least=0.1, most=60),
        k_gy_per_day=reader.number("k_gy_per_day", 0.0, most=10),
        kick_off_day=reader.whole("kick_off_day", 28, most=365),
        mark=reader.choice("mark", MARKS, "unverified"),
    )
    reader.done()
    return made


def read_protocols(reader: Reader, centre: Centre) -> dict[str, Protocol]:
    """Read `protocols`, sorted by id."""
    found = []
    for each in reader.items("protocols"):
        if not each.is_object():
            continue
        replanning = each.inside("replanning")
        by_week: tuple[float, ...] = ()
        steps: tuple[Step, ...] = ()
        if replanning is not None:
            by_week = tuple(
                Reader({"share": week.value}, week.where, week.problems, set()).number(
                    "share", most=1
                )
                for week in replanning.items("by_week", optional=True)
            )
            steps = _steps(replanning, "steps", centre)
            replanning.done()
        least = each.whole("min_per_week", least=1, most=7)
        most = each.whole("max_per_week", least=1, most=7)
        if least > most and "max_per_week" in each:
            each.note("order", at="min_per_week", value=f"{least} … {most}")
        found.append(
            Protocol(
                id=each.text("id"),
                name=each.text("name", ""),
                category=each.whole("category", least=1, most=3),
                phases=_phases(each, centre),
                min_per_week=least,
                max_per_week=most,
                max_gap_days=each.whole("max_gap_days", least=1, most=60),
                no_start=each.weekdays("no_start"),
                min_between_min=each.whole("min_between_min", 360, least=1, most=1440),
                same_time_min=each.whole("same_time_min", None, most=1440),
                preparation=_steps(each, "preparation", centre),
                during=_steps(each, "during", centre, during=True),
                replan_by_week=by_week,
                replan_steps=steps,
                dose=_dose(each.inside("dose")),
            )
        )
        each.done()
    return {p.id: p for p in unique(found, lambda p: p.id, reader, "protocols")}


def _begun(reader: Reader | None, rooms: frozenset[str]) -> Begun | None:
    if reader is None:
        return None
    room = reader.text("room", None)
    if room is not None and room not in rooms:
        reader.note("unknown_room", at="room", value=room, known=", ".join(sorted(rooms)))
    made = Begun(
        delivered=reader.whole("delivered", most=100),
        last=reader.day("last"),
        room=room,
        started=reader.day("started", None),
        days=tuple(
            Reader({"day": each.value}, each.where, each.problems, set()).day("day")
            for each in reader.items("days", optional=True)
        ),
    )
    reader.done()
    return made


def read_course(
    each: Reader, centre: Centre, protocols: dict[str, Protocol], urgencies: dict[str, Urgency]
) -> Course:
    """Read one course where the reader stands."""
    protocol, urgency = each.text("protocol"), each.text("urgency")
    known = protocols.get(protocol)
    if protocol and known is None:
        each.note("unknown_protocol", at="protocol", value=protocol)
    if urgency and urgency not in urgencies:
        known_ones = ", ".join(sorted(urgencies))
        each.note("unknown_urgency", at="urgency", value=urgency, known=known_ones)
    numbers = each.wholes("fractions", least=0, most=60)
    usual = tuple(phase.fractions for phase in known.phases) if known else ()
    if numbers and known is not None and len(numbers) != len(usual):
        each.note("phases_differ", at="fractions", value=list(numbers), wanted=len(usual))
        numbers = ()
    if numbers and not any(numbers):
        each.note("no_fraction", at="fractions", value=list(numbers))
    rooms = frozenset(room.id for room in centre.rooms)
    made = Course(
        id=each.text("id"),
        protocol=protocol,
        fractions=numbers or usual,
        urgency=urgency,
        referred=each.day("referred"),
        ready=each.day("ready", None),
        arrival=each.day("arrival", None),
        deadline=each.day("deadline", None),
        age=each.whole("age", None, most=130),
        anaesthesia=each.yes("anaesthesia"),
        country=each.text("country", None),
        payer=each.text("payer", None),
        photon=each.yes("photon"),
        begun=_begun(each.inside("begun"), rooms),
    )
    if made.anaesthesia and centre.anaesthesia is None:
        each.note("no_anaesthesia", at="anaesthesia", value="true")
    each.done()
    return made


def read_courses(
    reader: Reader, centre: Centre, protocols: dict[str, Protocol], urgencies: dict[str, Urgency]
) -> tuple[Course, ...]:
    """Read `courses`, sorted by id."""
    found = [
        read_course(each, centre, protocols, urgencies)
        for each in reader.items("courses")
        if each.is_object()
    ]
    return unique(found, lambda course: course.id, reader, "courses")
