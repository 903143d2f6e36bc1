"""The committee on a topic: its sittings, members, what binds them, votes, and the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sapar.design.components import Fact
from sapar.hta import actions, queries
from sapar.hta.forms_committee import (
    DecideForm,
    DeclareForm,
    RecuseForm,
    SittingForm,
    VoteForm,
)
from sapar.hta.forms_process import WhyForm
from sapar.hta.policy import Permission
from sapar.hta.queries import pages
from sapar.hta.views import process_words as words
from sapar.hta.views import reading
from sapar.hta.views import words as figures
from sapar.hta.views.acting import for_signed_in
from sapar.hta.views.topic_page import TopicPage, begin, context, decision_rows
from sapar.kernel.languages import formats
from sapar.network.phrases import name_in
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.queries.committee import AppraisalSeen, MemberSeen
    from sapar.kernel.actors import Actor

YEARS = 3
"""After so many years a decision is looked at again, where nobody says otherwise: our default."""


def of_topic(request: HttpRequest, here: TopicPage) -> HttpResponseBase:
    """The sittings and decisions of a topic; calling the committee."""
    by, page = here.actor, here.page
    versions = pages.versions_for(by, here.id)
    sittings = pages.sittings_of(by, here.id)
    waiting = any(not each.closed for each in sittings)
    members = pages.committee_for(by, here.id)
    page.add(
        "call", SittingForm, title=_("Call the committee"), button=_("Call the committee"),
        said=_("The committee sits on this topic."), look="primary",
        now="send_to_committee" in here.possible or (here.state == "appraising" and not waiting),
        may=Permission.CONVENE in here.may, version=here.version,
        opened=here.state in {"reviewing", "appraising"},
        options={"offers": _offers(versions, members)},
        initial={"quorum": len(members) // 2 + 1, "held_on": timezone.localdate(),
                 "members": [str(pk) for pk, _name in members],
                 "runs": [str(pk) for pk, *_more in versions[0].runs] if versions else []},
        act=lambda given: actions.open_appraisal(
            by=by, topic=here.id, model_version=given["model_version"], runs=_ids(given["runs"]),
            members=_ids(given["members"]), quorum=given["quorum"], held_on=given["held_on"],
            version=given["version"],
        ),
        to=lambda made: reverse("hta:sitting", args=[made]),
    )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    found = context(
        here, "committee", sittings=sittings,
        decisions=decision_rows(here),
        call=page.doings.get("call"),
        musts=sum(each.weight == "must" and not each.closed for each in here.whole.reviews),
    )  # fmt: skip
    return render(request, "hta/topic_committee.html", found, status=page.status)


def _ids(given: list[str]) -> list[UUID]:
    return [UUID(each) for each in given]


def _offers(
    versions: list[pages.VersionRow], members: list[tuple[UUID, str]]
) -> dict[str, list[tuple[str, Any]]]:
    def called(version: pages.VersionRow) -> str:
        return _("{title}, version {n}").format(
            title=version.title, n=formats.number(version.number)
        )

    return {
        "model_version": [(str(each.id), called(each)) for each in versions],
        "runs": [
            (str(pk), _("{kind} of version {n}, {at}").format(
                kind=figures.kind(kind), n=formats.number(version.number),
                at=formats.moment(at) if at else "–",
            ))
            for version in versions
            for pk, kind, at in version.runs
        ],
        "members": [(str(pk), name) for pk, name in members],
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def sitting(request: HttpRequest, actor: Actor, sitting: UUID) -> HttpResponseBase:
    """One sitting: members, what binds them, votes once they are closed, the decision."""
    seen = queries.appraisal_of(actor, sitting)
    here = begin(request, actor, seen.topic)
    own = next((each for each in seen.members if each.user == actor.user_id), None)
    _own_seat(here, seen, own)
    for each in seen.members:
        here.page.add(
            f"recuse-{each.id.hex}", RecuseForm, title=_("Recuse"), button=_("They do not vote"),
            said=_("The member is recused."), may=Permission.CONVENE in here.may,
            now=seen.closed_at is None and not each.recused and not each.voted,
            act=lambda given, pk=each.id: actions.recuse(by=actor, member=pk, why=given["why"]),
        )  # fmt: skip
    _decide(here, seen)
    done = here.page.take()
    if done is not None:
        return done
    voted = sum(each.voted for each in seen.members)
    found = context(
        here, "committee", leaf=_("Sitting {n}").format(n=formats.number(seen.number)),
        sitting=seen,
        runs=[(pk, figures.kind(queries.run_of(actor, pk).kind)) for pk in seen.runs],
        criteria=_by_criterion(seen),
        facts=_facts(seen, voted),
        members=[_member(here, each) for each in seen.members],
        counts=[(words.verdict(code), count) for code, count in seen.counts.items() if count],
        own=own,
        mine=here.page.some("declare", "vote"),
        decide=here.page.doings.get("decide"),
        back=here.page.doings.get("send_back"),
        voted=voted,
        close=here.page.doings.get("close_vote"),
        decision=next(
            (row for row in decision_rows(here) if row["row"].appraisal == sitting), None
        ),
    )  # fmt: skip
    return render(request, "hta/sitting.html", found, status=here.page.status)


def _own_seat(here: TopicPage, seen: AppraisalSeen, own: MemberSeen | None) -> None:
    """What a member does: declare, then vote, once."""
    opened = seen.closed_at is None
    may = own is not None and Permission.VOTE in here.may
    here.page.add(
        "declare", DeclareForm, button=_("Declare it"),
        title=_("Change what I declared") if own is not None and own.declared_at
        else _("Declare what binds me"),
        said=_("Your declaration is kept."), look="primary", may=may,
        now=opened and own is not None and not own.voted and not own.recused,
        opened=own is not None and own.declared_at is None,
        initial={"conflict": own.conflict, "interests": own.interests} if own else None,
        act=lambda given: actions.declare(
            by=here.actor, appraisal=seen.id, conflict=given["conflict"],
            interests=given["interests"],
        ),
    )  # fmt: skip
    here.page.add(
        "vote", VoteForm, title=_("Vote"), button=_("Give my vote; it is not changed afterwards"),
        said=_("Your vote is given."), look="primary", may=may, opened=True,
        now=opened and own is not None and own.declared_at is not None
        and not (own.voted or own.recused),
        options={"criteria": here.whole.scheme.criteria},
        act=lambda given: actions.vote(
            by=here.actor, appraisal=seen.id, verdict=given["verdict"], reasons=_reasons(here),
            dissent=given["dissent"],
        ),
    )  # fmt: skip


def _reasons(here: TopicPage) -> dict[str, str]:
    form: Any = here.page.doings["vote"].form
    found: dict[str, str] = form.reasons()
    return found


def _decide(here: TopicPage, seen: AppraisalSeen) -> None:
    """The decision on this sitting, and giving the topic back."""
    today = timezone.localdate()
    opened = seen.closed_at is None
    decided = any(each.appraisal == seen.id for each in pages.decisions_of(here.actor, here.id))
    here.page.add(
        "send_back", WhyForm, title=_("Give it back to those who assess"),
        said=_("It is given back; the sitting is closed."),
        now=not decided and "send_back" in here.possible, may=Permission.CONVENE in here.may,
        version=here.version,
        act=lambda given: actions.send_back(
            by=here.actor, topic=here.id, why=given["why"], version=given["version"]
        ),
    )  # fmt: skip
    voted = sum(each.voted for each in seen.members)
    here.page.add(
        "close_vote", title=_("Close the vote"), look="primary",
        said=_("The vote is closed: now everybody reads it."),
        now=opened and voted >= seen.quorum, may=Permission.CONVENE in here.may,
        act=lambda _given: actions.close_vote(by=here.actor, appraisal=seen.id),
    )  # fmt: skip
    here.page.add(
        "decide", DecideForm, title=_("Decide"),
        button=_("Decide"), said=_("It is decided. Publish it next."),
        look="primary", now=not opened and not decided and "decide" in here.possible, opened=True,
        may=Permission.DECIDE in here.may and not here.whole.submitted_by_me,
        version=here.version,
        options={"criteria": here.whole.scheme.criteria, "offers": _choices(here, seen)},
        initial={"valid_from": today, "reassess_by": today + timedelta(days=365 * YEARS),
                 "wrong_chance": 0.3},
        act=lambda given: _decided(here, given),
        to=lambda made: reverse("hta:decision", args=[made]),
    )  # fmt: skip


def _choices(here: TopicPage, seen: AppraisalSeen) -> dict[str, list[tuple[str, Any]]]:
    document = queries.version_of(here.actor, seen.model_version).document
    model, _problems = reading.model_of(document)
    strategies = [(each.name, each.label) for each in model.strategies] if model else []
    shown = snapshot(timezone.localdate())
    indications = [
        (code, f"{name_in(each.names) or code} ({', '.join(each.icd10)})")
        for code, each in shown.indications.items()
    ]
    return {
        "funded": [("", _("Nothing")), *strategies],
        "indications": sorted(indications, key=lambda pair: pair[1]),
    }


def _decided(here: TopicPage, given: dict[str, Any]) -> Any:
    form: Any = here.page.doings["decide"].form
    return actions.decide(
        by=here.actor, topic=here.id, verdict=given["verdict"], reasons=form.all_reasons(),
        threshold=given["threshold"], currency=given["currency"], valid_from=given["valid_from"],
        reassess_by=given["reassess_by"], funded=given["funded"], conditions=given["conditions"],
        indications=given.get("indications", []), wrong_chance=given["wrong_chance"],
        living=given["living"], version=given["version"],
    )  # fmt: skip


def _facts(seen: AppraisalSeen, voted: int) -> list[Fact]:
    said = ngettext(
        "{voted} of {wanted} vote is given", "{voted} of {wanted} votes are given", seen.quorum
    ).format(voted=formats.number(voted), wanted=formats.number(seen.quorum))
    closed = (
        _("closed {at}").format(at=formats.moment(seen.closed_at)) if seen.closed_at else _("open")
    )
    return [
        Fact(_("Day of the sitting"), formats.day(seen.held_on)),
        Fact(_("Vote"), closed, meaning="done" if seen.closed_at else "waiting"),
        Fact(_("Quorum"), said, meaning="done" if voted >= seen.quorum else "act"),
    ]


def _by_criterion(seen: AppraisalSeen) -> list[tuple[str, list[dict[str, Any]]]]:
    """What each member said of each criterion; empty until the votes may be read."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in seen.members:
        for name, text in words.reasons(each.reasons):
            said = {"who": each.name, "verdict": words.verdict(each.verdict), "text": text}
            found.setdefault(name, []).append(said)
    return list(found.items())


def _member(here: TopicPage, member: MemberSeen) -> dict[str, Any]:
    meaning, word = words.DECLARED.get(member.conflict, words.DECLARED[""])
    return {
        "member": member,
        "meaning": meaning,
        "declared": word,
        "recused": words.recused(member.recused_why) if member.recused else "",
        "verdict": words.verdict(member.verdict) if member.verdict else None,
        "doing": here.page.doings.get(f"recuse-{member.id.hex}"),
    }
