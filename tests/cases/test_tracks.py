"""The tables of the tracks, and the reference page that is generated from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.cases.actions.offers import OFFERS
from sapar.cases.cli import tracks_page
from sapar.cases.engine.guards import NEEDS, unmet
from sapar.cases.engine.reasons import REASONS
from sapar.cases.engine.waiting import AWAITED, TARGETS, due
from sapar.cases.phrases import PHRASES
from sapar.cases.states import LANES, TRACKS, States, ended, request_status, stage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TASK_STATUS = {
    *("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled"),
    *("in-progress", "on-hold", "failed", "completed", "entered-in-error"),
}
REQUEST_STATUS = {
    *("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"),
}
STATES = st.builds(
    States,
    **{track.name: st.sampled_from([s.code for s in track.states]) for track in TRACKS.values()},
)


def test_the_five_tracks_have_exactly_the_states_of_the_architecture():
    assert {track.name: " ".join(s.code for s in track.states) for track in LANES} == {
        "review": "draft discarded submitted received info-requested lapsed in-triage in-panel "
        "accepted declined advice-given referred-onward",
        "funding": "not-started held pending approved refused released",
        "visa": "not-started not-needed pending issued refused expired",
        "booking": "none waitlisted held confirmed rescheduling no-show released",
        "journey": "not-started travelling arrived admitted in-treatment interrupted treated "
        "in-rehab discharged loop-closed",
    }


@pytest.mark.parametrize("track", TRACKS.values(), ids=lambda t: t.name)
def test_every_state_has_legal_fhir_codes_and_can_be_reached(track):
    reached = {track.start}
    while True:
        more = {t.target for t in track.transitions if t.sources & reached} - reached
        if not more:
            break
        reached |= more
    assert reached == {state.code for state in track.states}
    for state in track.states:
        assert state.task_status in TASK_STATUS
        assert state.request_status in {"", *REQUEST_STATUS}
        assert state.meaning in {"done", "waiting", "act", "stopped"}


def test_every_transition_has_exactly_one_offer():
    offered = [(offer.track, offer.event) for offer in OFFERS if offer.track]
    table = {(t.name, x.event) for t in TRACKS.values() for x in t.transitions}
    assert sorted(offered) == sorted(table)


def test_every_reason_list_named_by_a_transition_exists_and_ends_with_other():
    named = {x.reason for t in TRACKS.values() for x in t.transitions if x.reason}
    assert named <= REASONS.keys()
    for entries in REASONS.values():
        assert entries[-1].code == "other"
        assert entries[-1].text_needed
        assert len({entry.code for entry in entries}) == len(entries)


def test_everything_that_is_said_has_a_phrase():
    wanted = {need.code for need in NEEDS} | {"cases.needs.open"}
    wanted |= {f"cases.target.{target.code}" for target in TARGETS}
    wanted |= {f"cases.awaited.{what}" for what, _role in AWAITED.values()}
    wanted |= {f"cases.event.{t.name}.{x.event}" for t in TRACKS.values() for x in t.transitions}
    assert wanted <= PHRASES.keys()
    problems = {code.removesuffix(".remedy") for code in PHRASES if code.endswith(".remedy")}
    assert {need.code for need in NEEDS} <= problems


def test_a_declined_request_stays_active_until_its_appeal_period_has_ended():
    declined = States(review="declined")
    until = NOW + timedelta(days=14)
    assert request_status(declined, at=NOW, appeal_until=until) == "active"
    assert request_status(declined, at=until, appeal_until=until) == "revoked"


def test_a_request_referred_onward_has_the_status_of_the_one_that_took_its_place():
    states = States(review="referred-onward")
    assert request_status(states, at=NOW) == "active"
    assert request_status(states, at=NOW, onward="completed") == "completed"


@given(STATES)
def test_any_states_give_a_legal_request_status_and_a_stage(states):
    assert request_status(states, at=NOW) in REQUEST_STATUS
    track, state = stage(states)
    assert TRACKS[track].state(state)
    if states.whole in {"cancelled", "died"}:
        assert request_status(states, at=NOW) == "revoked"
        assert ended(states)


@given(STATES)
def test_nothing_moves_a_lane_of_a_case_that_was_stopped(states):
    if states.whole in {"cancelled", "died", "entered-in-error"}:
        for track in LANES:
            for transition in track.transitions:
                assert unmet(track.name, transition.event, states._asdict())


def test_a_working_day_skips_the_weekend_and_days_off():
    triage = next(t for t in TARGETS if t.code == "triage")
    friday = datetime(2026, 3, 20, 17, 0, tzinfo=UTC)
    nauryz = frozenset({datetime(2026, 3, 23, tzinfo=UTC).date()})
    assert due(triage, friday, child=False, days_off=nauryz) == friday + timedelta(days=4)


def test_a_decision_about_a_child_is_due_within_48_hours():
    decide = next(t for t in TARGETS if t.code == "decide")
    assert due(decide, NOW, child=True, days_off=frozenset()) == NOW + timedelta(hours=48)
    assert due(decide, NOW, child=False, days_off=frozenset()) == NOW + timedelta(days=7)


def test_the_reference_page_is_what_the_tables_say():
    page = Path(__file__).parents[2] / "docs" / "reference" / "tracks.md"
    assert page.read_text(encoding="utf-8") == tracks_page(), (
        "the tables have changed: sapar cases tracks > docs/reference/tracks.md"
    )
