"""How a centre plans: versions with a source, wrong ones refused whole, the mark decides."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from sapar.cases.engine.referral import ReferralFacts
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.people.engine.facts import PersonFacts
from sapar.proton import actions, demonstration
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
        assert actions.problems_of(each.data, each.valid_from, each.source) == ()
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
    places = {p.where for p in actions.problems_of(data, today)}
    assert {"choices.indications.meningioma", "protection.levels"} == places
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
