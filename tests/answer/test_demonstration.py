"""The demonstration: its plan is seeded, its cases are walked through the real actions."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from sapar.answer import demonstration
from sapar.answer.demonstration import walk
from sapar.answer.engine.completeness import missing_items
from sapar.answer.engine.demonstration import made_up, papers, roads
from sapar.answer.engine.demonstration.draws import Draws
from sapar.answer.engine.demonstration.plan import Planned, plan
from sapar.answer.models import GivenAnswer
from sapar.booking.models import Hold, Place
from sapar.cases.engine.referral import Attachment
from sapar.cases.models import BreakGlass, Case, CaseEvent, Message, SentReferral
from sapar.cases.states import TRACKS
from sapar.kernel.accounts import demonstration as logins
from sapar.kernel.accounts.models import Membership, User
from sapar.kernel.audit import chain
from sapar.kernel.demonstration import PASSWORD, at
from sapar.kernel.documents.models import Document
from sapar.kernel.errors import ConfigurationError
from sapar.kernel.roles import Role
from sapar.network import demonstration as network_demonstration
from sapar.network.queries import snapshot
from sapar.people.models import DuplicateQuestion, PatientAccess, PersonIdentifier
from sapar.proton import demonstration as proton_demonstration
from sapar.values import identifiers
from sapar.values.marks import Mark
from sapar.values.plain import to_plain
from tests.network import loading

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ENDS = len(roads.ROADS)

PRINT_PLAN = """
import hashlib, json, sys
from datetime import UTC, datetime
import django
django.setup()
from sapar.answer.demonstration import parameters
from sapar.answer.engine.demonstration.plan import plan
from sapar.network.engine.snapshot import Snapshot
from sapar.values.plain import from_plain, to_plain
network = from_plain(Snapshot, json.load(sys.stdin))
now = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
cases = plan(parameters(), network, seed=7, count=80, now=now)
said = repr([(c.key, c.end, c.steps, to_plain(c.facts)) for c in cases])
print(hashlib.sha256(said.encode()).hexdigest())
"""


def silent(done: int, total: int) -> None:
    """Say nothing."""


@pytest.fixture
def world(db):
    """The network, the logins and the calendars of the demonstration."""
    loading.load()
    logins.load(silent)
    demonstration.load_calendars(silent)
    proton_demonstration.load_centre(silent)


@pytest.fixture(scope="module")
def network(django_db_setup, django_db_blocker):
    """The shipped network as it is on the day; nothing stays in the database."""
    with django_db_blocker.unblock(), transaction.atomic():
        network_demonstration.load(silent)
        found = snapshot(NOW.date())
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def planned(network) -> tuple[Planned, ...]:
    """A plan of 500 cases."""
    return plan(demonstration.parameters(), network, seed=7, count=500, now=NOW)


# The plan.


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    first = [Draws(1, "case", 2).number() for _ in range(2)]
    assert first[0] == first[1]
    assert Draws(2, "case", 2).number() != first[0]
    draws = Draws(3)
    numbers = [draws.number() for _ in range(2000)]
    assert all(0 <= n < 1 for n in numbers)
    assert 0.47 < sum(numbers) / len(numbers) < 0.53
    assert Draws(4).weighted({"never": 0, "always": 1}) == "always"
    with pytest.raises(ValueError, match="no weights"):
        Draws(5).weighted({})


def test_the_plan_does_not_depend_on_the_hash_seed(network):
    sent = json.dumps(to_plain(network))
    found = set()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SAPAR_MODE": "test"}
        run = subprocess.run(
            [sys.executable, "-c", PRINT_PLAN],
            env=environment, input=sent, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.add(run.stdout.strip())
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_every_parameter_has_a_source_and_no_assumption_claims_to_be_verified():
    known = demonstration.parameters()
    assert len(known.sources) >= 10
    for source in known.sources:
        assert source.title
        if "assumption" in source.title:
            assert source.mark is not Mark.VERIFIED
    assert set(known.ends) == set(roads.ROADS)
    assert all(sum(p.indications.values()) > 0 or p.children == 1 for p in known.programmes)


def test_the_mix_follows_the_parameters(planned):
    cases = planned
    known = demonstration.parameters()
    shares = Counter(c.facts.programme for c in cases)
    for programme in known.programmes:
        share = shares[programme.programme] / len(cases)
        assert programme.weight - 0.07 < share < programme.weight + 0.07, programme.programme
    protons = [c for c in cases if c.facts.programme == "protons"]
    children = [
        c for c in protons if (NOW.date() - c.facts.person.birth_date).days < 18 * made_up.YEAR
    ]
    assert 0.1 < len(children) / len(protons) < 0.27
    origins = Counter(c.organisation for c in cases)
    assert len(origins) == len(known.origins)
    assert min(origins.values()) > 10
    assert {c.facts.person.language for c in cases} == {"kk", "ky", "uz", "ru", "tg"}
    scripts = Counter(n.script for c in cases for n in c.facts.person.names)
    assert scripts["Cyrl"] > 100
    assert scripts["Latn"] > 100


def test_sent_referrals_are_complete_and_incomplete_drafts_are_not(planned, network):
    for case in planned:
        stored = case.attached and any(step.verb == "attach" for step in case.steps)
        attached = (Attachment(case.attached),) if stored else ()
        facts = dataclasses.replace(case.facts, attachments=(*case.facts.attachments, *attached))
        missing = missing_items(facts, network.programmes[facts.programme], NOW.date())
        if case.end == "incomplete":
            assert missing, case.key
        elif not case.key.endswith("|0001"):
            assert not missing, (case.key, missing)


def test_made_up_numbers_are_right_and_no_two_people_share_one(planned):
    seen: set[str] = set()
    for case in planned:
        said = case.facts.person
        for number in said.identifiers:
            checked = identifiers.check(
                number.kind, number.value, country=number.country,
                birth=said.birth_date, gender=said.gender,
            )  # fmt: skip
            assert checked.problems == (), (case.key, number)
            assert checked.key not in seen
            seen.add(checked.key)


def test_steps_follow_each_other_and_none_lies_in_the_future(planned):
    for case in planned:
        moments = [step.at for step in case.steps]
        assert moments == sorted(moments), case.key
        assert moments[-1] <= NOW, case.key
        assert moments[0] > NOW - demonstration.BEHIND, case.key


def test_papers_are_what_they_say():
    name, content = papers.paper("pathology", "urn:x|1", 1)
    assert name == "pathology.pdf"
    assert content.startswith(b"%PDF-1.4")
    assert content.rstrip().endswith(b"%%EOF")
    start = int(content.split(b"startxref\n")[1].split()[0])
    assert content[start:].startswith(b"xref")
    name, content = papers.paper("mri", "urn:x|1", 1)
    assert name == "mri.png"
    assert content.startswith(b"\x89PNG\r\n\x1a\n")


# The cases.


@pytest.mark.django_db
@pytest.mark.slow
def test_every_state_of_every_track_is_there_with_its_past(world):
    now = timezone.now()
    demonstration.load(silent, count=ENDS + 16, now=now)
    assert SentReferral.objects.filter(identifier__startswith="urn:sapar:demonstration").count()
    for track in TRACKS.values():
        found = set(Case.objects.values_list(track.name, flat=True))
        assert found == {state.code for state in track.states}, track.name
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    assert CaseEvent.objects.filter(at__lt=now - timedelta(days=60)).exists()
    for case in Case.objects.all():
        assert case.review_since <= now
        assert case.created_at <= case.review_since
        assert case.whole_since <= now
    _check_what_stands_beside()
    _check_aizada()
    # Loaded again, nothing happens; and the trail, with its moments of the past, verifies.
    before = (Case.objects.count(), chain.AuditEvent.objects.count())
    demonstration.load(silent, count=ENDS + 16, now=now + timedelta(hours=3))
    assert (Case.objects.count(), chain.AuditEvent.objects.count()) == before
    report = chain.verify()
    assert report.breaks == []
    assert report.rows == before[1]


def _check_what_stands_beside() -> None:
    assert Document.objects.count() >= Case.objects.count() // 10
    assert not Document.objects.filter(state="refused").exists()
    assert Message.objects.exists()
    assert BreakGlass.objects.exists()
    assert DuplicateQuestion.objects.filter(state="open").exists()
    assert not PersonIdentifier.objects.filter(valid=False).exists()
    assert Hold.objects.filter(state="confirmed").exists()
    assert Case.objects.filter(next_due_at__lt=timezone.now()).exists()
    sent = Case.objects.exclude(review__in=["draft", "discarded"]).filter(replaces=None)
    assert GivenAnswer.objects.filter(case__in=sent).values("case").distinct().count() == (
        sent.count()
    )


def _check_aizada() -> None:
    first = Case.objects.order_by("created_at").first()
    assert first is not None
    assert first.number.endswith("-000001")
    assert first.programme == "protons"
    assert first.icd10 == "C71.6"
    assert first.journey == "discharged"
    assert first.payer is not None
    assert first.payer.code == "payer-kz"
    assert first.sanatorium is not None
    assert Document.objects.filter(root_id=first.pk).count() == 6
    assert PatientAccess.objects.filter(person=first.person, user__email=logins.MOTHER).exists()
    answer = GivenAnswer.objects.filter(case=first).first()
    assert answer is not None
    assert all(line["state"] == "known" for line in answer.answer["lines"])
    mother = Client()
    mother.force_login(User.objects.get(email=logins.MOTHER))
    assert mother.get("/").status_code in {200, 302}


@pytest.mark.django_db
def test_a_run_that_was_broken_off_is_completed_by_the_next(world, monkeypatch):
    now = timezone.now()
    taken = walk.Walk._take
    steps = Counter()

    def breaks(self, step):
        steps["taken"] += 1
        if steps["taken"] == 60:
            raise KeyboardInterrupt
        return taken(self, step)

    monkeypatch.setattr(walk.Walk, "_take", breaks)
    with pytest.raises(KeyboardInterrupt):
        demonstration.load(silent, count=12, now=now)
    half = SentReferral.objects.count()
    assert 0 < half < 12
    monkeypatch.undo()
    assert timezone.now() - now < timedelta(minutes=5)  # the present is back
    demonstration.load(silent, count=12, now=now)
    keys = SentReferral.objects.values_list("identifier", flat=True)
    assert len(set(keys)) == 12
    assert chain.verify().breaks == []


@pytest.mark.django_db
def test_calendars_reach_26_weeks_ahead_on_working_days_only(world):
    today = timezone.localdate()
    assert Place.objects.filter(day__gt=today + timedelta(weeks=25)).exists()
    assert not Place.objects.filter(day__week_day__in=[1, 7]).exists()
    programmes = set(Place.objects.values_list("programme", flat=True))
    known = snapshot(today).programmes.values()
    assert programmes == {p.code for p in known if p.scheduler == "intake-places"}
    assert {p.code for p in known} - programmes == {"protons"}
    before = Place.objects.count()
    demonstration.load_calendars(silent)
    assert Place.objects.count() == before


# The logins.


@pytest.mark.django_db
def test_there_is_a_login_for_each_role_and_it_opens_the_door(world):
    held = {Role(role) for role in Membership.objects.values_list("role", flat=True)}
    assert held == set(Role) - {Role.PATIENT}
    assert User.objects.filter(email=logins.MOTHER, memberships=None).exists()
    assert not User.objects.filter(is_demonstration=False).exists()
    for referrer in Membership.objects.filter(role=Role.REFERRER.value):
        assert referrer.valid_on(timezone.localdate())
        assert referrer.approved_by is not None
    client = Client()
    assert client.login(username=f"coordinator@{logins.DOMAIN}", password=PASSWORD)
    count = (User.objects.count(), Membership.objects.count())
    logins.load(silent)
    assert (User.objects.count(), Membership.objects.count()) == count


@pytest.mark.django_db
def test_nothing_of_the_demonstration_is_loaded_or_let_in_in_production(world, monkeypatch):
    monkeypatch.setattr(settings, "DEMONSTRATION", False)
    for load in (logins.load, demonstration.load, demonstration.load_calendars):
        with pytest.raises(ConfigurationError):
            load(silent)
    with pytest.raises(ConfigurationError), at(NOW):
        pass
    assert not Client().login(username=f"coordinator@{logins.DOMAIN}", password=PASSWORD)


def test_the_present_comes_back_after_an_error():
    with pytest.raises(RuntimeError), at(NOW):
        _fail_then(NOW)
    assert timezone.now() != NOW


def _fail_then(moment: datetime) -> None:
    assert timezone.now() == moment
    raise RuntimeError
