"""How a centre plans: versions with a source, wrong ones refused whole, the mark decides."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from sapar.cases.engine.referral import ReferralFacts
from sapar.kernel import context
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.kernel.languages import phrases
from sapar.people.engine.facts import PersonFacts
from sapar.proton import actions, demonstration
from sapar.proton.forms import ConfigurationForm
from sapar.proton.models import Configuration
from sapar.proton.queries import asking
from sapar.proton.queries.configuration import current, history, planning
from sapar.values.marks import Mark, Source
from tests import cast
from tests.proton import worlds

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_shipped_configurations_are_right_and_say_where_they_come_from() -> None:
    files = demonstration.shipped()
    assert [each.code for each in files] == ["proton-astana"]
    for each in files:
        assert actions.problems_of(each.data) == ()
        assert each.source.mark is Mark.DEMONSTRATION
        assert {note["mark"] for note in each.notes} <= set(Mark)
        fractions = next(n for n in each.notes if n["about"] == "protocols.fractions")
        assert fractions["mark"] == "unverified"


def test_a_second_load_changes_nothing() -> None:
    pk = worlds.centre()
    demonstration.load_centre()
    assert [view.number for view in history(pk)] == [1]


def test_a_new_version_counts_from_its_day_and_the_old_one_stays() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = copy.deepcopy(dict(current(pk, today).data))  # type: ignore[union-attr]
    for part, key in (("rooms", "id"), ("recurring", "resource")):
        data["centre"][part] = [e for e in data["centre"][part] if e[key] != "G3"]
    number = actions.configure(
        by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today + 10 * DAY,
        source=Source("The board's decision", today, Mark.VERIFIED), why="G3 is closed",
    )  # fmt: skip
    assert number == 2
    before, after = planning(pk, today + 9 * DAY), planning(pk, today + 10 * DAY)
    assert before is not None
    assert after is not None
    assert len(before.calendar.centre.rooms) == 3
    assert len(after.calendar.centre.rooms) == 2
    assert after.view.why == "G3 is closed"
    assert [view.number for view in history(pk)] == [2, 1]


def test_every_mistake_is_named_at_its_place_and_nothing_is_kept() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = copy.deepcopy(dict(current(pk, today).data))  # type: ignore[union-attr]
    data["centre"]["rooms"][0]["beam"] = "moonbeam"
    data["protocols"][1]["phases"][0]["setup_min"] = -3
    data["choices"]["indications"]["meningioma"] = "magic"
    data["choices"]["protection"] = {"kind": "learned"}
    data["colour"] = "blue"
    with pytest.raises(InvalidInputError) as refused:
        actions.configure(
            by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today, source=worlds.SOURCE
        )
    places = {problem.where for problem in refused.value.problems}
    assert {"centre.rooms[0].beam", "protocols[1].phases[0].setup_min", "colour"} <= places
    del data["colour"]
    data["centre"]["rooms"][0]["beam"] = "beam"
    data["protocols"][1]["phases"][0]["setup_min"] = 3
    places = {p.where for p in actions.problems_of(data)}
    assert {"choices.indications.meningioma", "choices.protection.levels"} == places
    assert Configuration.objects.count() == 1


def test_only_its_owners_change_how_a_centre_plans() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    view = current(pk, today)
    assert view is not None
    for name in ("marat", "dinara", "almaty", "aigul", "saule"):
        with pytest.raises(NotAllowedError):
            actions.configure(
                by=cast.actor(name), centre=pk, data=view.data, valid_from=today,
                source=worlds.SOURCE,
            )  # fmt: skip


def test_holidays_of_the_country_are_closed() -> None:
    pk = worlds.centre(with_network=True)
    known = planning(pk, timezone.localdate())
    assert known is not None
    year = timezone.localdate().year + 1
    assert f"{year}-12-16" in known.document["holidays"]
    assert not known.calendar.working(timezone.localdate().replace(year, 12, 16))


def asked(**facts: object) -> asking.Asked:
    known = planning(cast.organisation("proton-astana").pk, timezone.localdate())
    assert known is not None
    found = asking.asked_for(
        known, ReferralFacts(programme="protons", urgency="urgent", **facts), "low-grade-glioma",
        referred=timezone.localdate(),
    )  # fmt: skip
    assert found is not None
    return found


def test_the_protocol_and_the_anaesthesia_follow_the_choices_of_the_centre() -> None:
    worlds.centre()
    today = timezone.localdate()
    small = PersonFacts(birth_date=today - 5 * 366 * DAY, residence="KG")
    big = PersonFacts(birth_date=today - 12 * 366 * DAY, citizenship="UZ")
    grown = PersonFacts(birth_date=today - 40 * 366 * DAY)
    assert (asked(person=small).protocol, asked(person=small).anaesthesia) == ("brain-child", True)
    assert (asked(person=big).protocol, asked(person=big).anaesthesia) == ("brain-child", False)
    needs = frozenset({"paediatric-anaesthesia"})
    assert asked(person=big, needs=needs).anaesthesia
    assert asked(person=grown).protocol == "brain-adult"
    assert (asked(person=small).country, asked(person=big).country) == ("KG", "UZ")


def test_demonstration_data_decides_only_in_a_demonstration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    wanted = worlds.offer([today + 20 * DAY]).asked
    assert asking.offer_of(pk, wanted, today=today).promises
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    offer = asking.offer_of(pk, wanted, today=today)
    assert offer.promises == ()
    assert [each.code for each in offer.why] == ["proton.why.unverified"]


WRONG: list[tuple[str, Any, str]] = [
    ("choices.window_min", "sixty", "choices.window_min"),
    ("choices.programmes", 5, "choices.programmes"),
    ("choices.anaesthesia_under_age", "x", "choices.anaesthesia_under_age"),
    ("choices.indications", [1], "choices.indications"),
    ("choices.otherwise", [1], "choices.otherwise"),
    ("choices.protection", "x", "choices.protection"),
    ("choices", [1], "choices"),
    ("uptime", {"beam": 0.9}, "uptime.beam"),
    ("demand", "x", "demand"),
    ("demand.origin", [{"share": 1, "visa_days": "long"}], "demand.origin[0].visa_days"),
    ("means", "x", "means"),
    ("demand.courses_per_year", float("nan"), ""),
    ("centre.time_zone", "Europe/Vienna", "centre.time_zone"),
]


@pytest.mark.parametrize(("place", "value", "named"), WRONG)
def test_a_slip_in_any_part_is_named_and_never_kept(place: str, value: Any, named: str) -> None:
    (shipped,) = demonstration.shipped()
    data = copy.deepcopy(dict(shipped.data))
    *above, key = place.split(".")
    inside = data
    for each in above:
        inside = inside[each]
    inside[key] = value
    problems = actions.problems_of(data)
    assert named in {problem.where for problem in problems}
    for problem in problems:
        assert phrases.text(problem)
        assert phrases.remedy(problem)


def test_what_says_nothing_is_not_kept_and_is_the_same_as_missing() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = copy.deepcopy(dict(current(pk, today).data))  # type: ignore[union-attr]
    data |= {"quotas": None, "demand": None}
    data["choices"]["window_min"] = None
    actions.configure(
        by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today, source=worlds.SOURCE
    )
    kept = current(pk, today)
    assert kept is not None
    assert not {"quotas", "demand"} & set(kept.data)
    assert asking.offer_of(pk, worlds.offer([today + 20 * DAY]).asked, today=today).promises


def test_a_number_that_is_none_is_no_json() -> None:
    form = ConfigurationForm({"document": '{"centre": {}, "demand": {"courses_per_year": NaN}}'})
    assert "document" in form.errors
    assert "NaN" in str(form.errors["document"])


def test_a_centre_in_another_time_zone_is_refused_with_the_remedy() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = current(pk, today).data  # type: ignore[union-attr]
    with context.writing_as("fixture"):
        Organisation.objects.filter(pk=pk).update(time_zone="Europe/Vienna")
    with pytest.raises(InvalidInputError) as refused:
        actions.configure(
            by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today, source=worlds.SOURCE
        )
    (problem,) = refused.value.problems
    assert problem.code == "proton.zone_other"
    assert settings.TIME_ZONE in phrases.remedy(problem)


def test_of_the_versions_that_are_valid_the_highest_number_counts() -> None:
    pk = worlds.centre()
    today = timezone.localdate()
    data = current(pk, today).data  # type: ignore[union-attr]
    for after in (30, 10):  # the second is the correction of the first
        actions.configure(
            by=cast.actor("yerlan"), centre=pk, data=data, valid_from=today + after * DAY,
            source=worlds.SOURCE,
        )  # fmt: skip
    found = current(pk, today + 40 * DAY)
    assert found is not None
    assert found.number == 3
