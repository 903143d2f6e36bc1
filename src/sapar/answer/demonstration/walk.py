"""Walking one case of the demonstration along its road: every step is a real action of a real user.

The moment of each step stands in for the present (`kernel.demonstration.at`); nothing else is
different from what the pages do, so that the audit trail, clocks and timelines are genuine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sapar.answer import actions as answers
from sapar.answer import queries
from sapar.answer.engine.demonstration.papers import paper
from sapar.booking import actions as booking
from sapar.booking.queries import free_days
from sapar.cases import actions
from sapar.cases.engine import facts_json
from sapar.cases.models import Case
from sapar.cases.states import LANES
from sapar.kernel import context
from sapar.kernel.accounts.demonstration import MOTHER
from sapar.kernel.accounts.models import Organisation, User, actor_for
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import at
from sapar.kernel.errors import RefusedError
from sapar.kernel.roles import Role
from sapar.network.queries import snapshot
from sapar.people import actions as people
from sapar.proton import actions as proton
from sapar.proton.queries import has_course

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sapar.answer.engine.demonstration.demand import Words
    from sapar.answer.engine.demonstration.plan import Planned
    from sapar.answer.engine.demonstration.roads import Step

HOLD_DAYS = 14
STRANGERS = ("infectious-diseases-almaty", "adult-oncology-almaty")
"""Whose clinicians break the glass: the first that is not the case's own centre."""
ROLES = {
    "clinician": Role.CLINICIAN,
    "scheduler": Role.SCHEDULER,
    "desk": Role.TRAVEL_DESK,
}
ONWARD = ("adult-oncology-almaty", "onco-haematology-astana")


@dataclass(frozen=True)
class Cast:
    """The demonstration's people: who acts for which organisation in which role."""

    actors: dict[tuple[str, str], Actor]
    organisations: dict[str, UUID]
    codes: dict[UUID, str]
    mother: UUID

    @classmethod
    def find(cls) -> Cast:
        """Read them once; each acts with the rights of today."""
        organisations = dict(Organisation.objects.values_list("code", "pk"))
        actors: dict[tuple[str, str], Actor] = {}
        users = User.objects.filter(is_demonstration=True).order_by("created_at")
        codes = {pk: code for code, pk in organisations.items()}
        for user in users:
            actor = actor_for(user)
            for role in actor.roles:
                if actor.organisation_id is not None:
                    actors.setdefault((codes[actor.organisation_id], role.value), actor)
        mother = User.objects.get(email=MOTHER).pk
        return cls(actors, organisations, codes, mother)

    def one(self, organisation: str, role: Role) -> Actor:
        """Who acts there in this role.

        Raises:
            KeyError: nobody does; the loader of logins and the plan do not fit.
        """
        return self.actors[organisation, role.value]


class Walk:
    """One case on its road."""

    def __init__(self, planned: Planned, cast: Cast, words: Words) -> None:
        """Begin at the beginning: there is no case yet.

        Args:
            planned: the case as it shall be.
            cast: who acts.
            words: what they write.
        """
        self.planned = planned
        self.cast = cast
        self.words = words
        self.number = int(planned.key.rpartition("|")[2])
        self.case: Case = Case()

    def go(self) -> None:
        """Take every step in its moment."""
        for step in self.planned.steps:
            with at(step.at):
                self._take(step)
        self._date_lanes(Case.objects.get(pk=self.case.pk))
        for new in Case.objects.filter(replaces_id=self.case.pk):
            self._date_lanes(new)

    def _date_lanes(self, case: Case) -> None:
        # Lanes that never moved are as old as the case: their default was bound to the real clock.
        since: dict[str, Any] = {
            f"{track.name}_since": case.created_at
            for track in LANES
            if case.states.of(track.name) == track.start
        }
        if case.whole == "open":
            since["whole_since"] = case.created_at
        with context.writing_as("demo"):
            Case.objects.filter(pk=case.pk).update(**since)

    def _take(self, step: Step) -> None:
        by = self._actor(step.who)
        special: Callable[[Actor, Step], None] | None = getattr(self, f"_do_{step.verb}", None)
        if special is not None:
            special(by, step)
        else:
            self._plain(by, step)
        self.case.refresh_from_db()

    def _actor(self, who: str) -> Actor:
        centre = self.cast.codes.get(self.case.centre_id) if self.case.centre_id else None
        if who == "tick":
            return Actor.machine("tick")
        if who == "referrer":
            return self.cast.one(self.planned.organisation, Role.REFERRER)
        if who == "stranger":
            there = next(code for code in STRANGERS if code != centre)
            return self.cast.one(there, Role.CLINICIAN)
        if who == "sanatorium" and self.case.sanatorium_id:
            return self.cast.one(self.cast.codes[self.case.sanatorium_id], Role.SANATORIUM)
        if who == "payer" and self.case.payer_id:
            return self.cast.one(self.cast.codes[self.case.payer_id], Role.FUNDING_OFFICER)
        here = centre or "proton-astana"
        role = ROLES.get(who, Role.COORDINATOR)
        # Not every centre has a scheduler or a travel desk: its coordinator does their work.
        return self.cast.actors.get((here, role.value)) or self.cast.one(here, Role.COORDINATOR)

    def _plain(self, by: Actor, step: Step) -> None:
        given: dict[str, Any] = {k: v for k, v in step.given.items() if k in {"reason", "text"}}
        if "text" not in given and step.verb in self.words.decisions:
            given["text"] = self.words.decisions[step.verb]
        if step.verb in {"accept", "decline", "give_advice"}:
            given["answer"] = self._answer()
        getattr(actions, step.verb)(by=by, case=self.case.pk, version=self.case.version, **given)

    def _answer(self) -> UUID | None:
        view = queries.latest(self.case.pk)
        return view.id if view else None

    # The referral.

    def _do_keep(self, by: Actor, step: Step) -> None:
        kept = answers.keep(by=by, facts=self.planned.facts)
        self.case = Case.objects.get(pk=kept.case)

    def _do_attach(self, by: Actor, step: Step) -> None:
        kind = str(step.given.get("kind", self.planned.attached))
        name, content = paper(kind, self.planned.key, self.number)
        answers.attach(
            by=by, case=self.case.pk, version=self.case.version, kind=kind,
            file=io.BytesIO(content), title=name,
        )  # fmt: skip

    def _do_send(self, by: Actor, step: Step) -> None:
        answers.send(by=by, case=self.case.pk, version=self.case.version)

    def _do_register(self, by: Actor, step: Step) -> None:
        facts = facts_json.from_json(self.case.facts)
        known = people.register(by=by, facts=facts.person)
        actions.save_draft(
            by=by, case=self.case.pk, version=self.case.version, facts=facts,
            person=known.person_id,
        )  # fmt: skip

    def _do_access(self, by: Actor, step: Step) -> None:
        if self.case.person_id is not None:
            people.give_access(
                by=by, person=self.case.person_id, user=self.cast.mother, relation="guardian"
            )

    def _do_consents(self, by: Actor, step: Step) -> None:
        facts = self.planned.facts
        signer = next((g.name for g in facts.person.guardians), None)
        for purpose in sorted(facts.consents):
            if self.case.person_id is not None:
                people.record_consent(
                    by=by, person=self.case.person_id, purpose=purpose, how="signed-paper",
                    given_by=f"{signer.family} {signer.given}" if signer else "",
                )  # fmt: skip

    def _do_say(self, by: Actor, step: Step) -> None:
        lines = self.words.referrer if step.who == "referrer" else self.words.coordinator
        body = str(step.given.get("text") or lines[self.number % len(lines)])
        actions.send_message(by=by, case=self.case.pk, body=body)

    def _do_break_glass(self, by: Actor, step: Step) -> None:
        reason = str(step.given.get("text") or self.words.glass)
        actions.break_glass(by=by, case=self.case.pk, reason=reason)

    def _do_give(self, by: Actor, step: Step) -> None:
        answers.give(by=by, case=self.case.pk)

    # Decisions, money, visa, place, journey.

    def _do_refer_onward(self, by: Actor, step: Step) -> None:
        own = self.cast.codes.get(self.case.centre_id) if self.case.centre_id else ""
        centre = next(code for code in ONWARD if code != own)
        actions.refer_onward(
            by=by, case=self.case.pk, version=self.case.version,
            centre=self.cast.organisations[centre], reason=str(step.given["reason"]),
            answer=self._answer(),
        )  # fmt: skip

    def _do_hold_funding(self, by: Actor, step: Step) -> None:
        try:
            answers.hold_funding(by=by, case=self.case.pk, version=self.case.version)
        except RefusedError:
            # No agreement reaches the case, or its quota is used up: the family pays.
            actions.hold_funding(by=by, case=self.case.pk, version=self.case.version)

    def _do_apply_for_funding(self, by: Actor, step: Step) -> None:
        actions.apply_for_funding(
            by=by, case=self.case.pk, version=self.case.version, payer=self.case.payer_id
        )  # fmt: skip

    def _do_hold_place(self, by: Actor, step: Step) -> None:
        view = queries.latest(self.case.pk)
        offer = view.answer.course if view is not None else None
        if offer is not None and offer.best is not None:
            # The answer of an earlier day may name minutes that others hold by now.
            answers.give(by=by, case=self.case.pk)
            answers.hold_place(by=by, case=self.case.pk, version=self.case.version)
            return
        wanted = step.at.date() + timedelta(days=int(step.given["days"]))
        free = free_days((self.case.programme,), wanted).get(self.case.programme, ())
        day = next(entry.day for entry in free if entry.free)
        booking.hold(
            by=by, case=self.case.pk, version=self.case.version, day=day,
            until=step.at + timedelta(days=HOLD_DAYS),
        )  # fmt: skip

    def _do_confirm_place(self, by: Actor, step: Step) -> None:
        if has_course(self.case.pk, held_only=True):
            proton.confirm(by=by, case=self.case.pk, version=self.case.version)
            return
        booking.confirm(by=by, case=self.case.pk, version=self.case.version)

    def _do_start_rehabilitation(self, by: Actor, step: Step) -> None:
        network = snapshot(step.at.date())
        wanted = network.programmes.get(network.programmes[self.case.programme].rehabilitation)
        code = str(step.given.get("sanatorium") or (wanted.centre if wanted else "mankent"))
        actions.start_rehabilitation(
            by=by, case=self.case.pk, version=self.case.version,
            sanatorium=self.cast.organisations[code],
        )  # fmt: skip
