"""Topics: the order of priority, a new one, and the overview of one with its steps and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from sapar.design.components import Fact, Link
from sapar.hta import actions, queries
from sapar.hta.forms_process import (
    AttachForm,
    DeclineForm,
    ScoreForm,
    StartForm,
    StepForm,
    StopForm,
    TopicForm,
    WhyForm,
)
from sapar.hta.policy import Permission
from sapar.hta.processes import process_named, processes
from sapar.hta.queries import pages
from sapar.hta.states import NOT_TAKEN_UP
from sapar.hta.views import process_words as words
from sapar.hta.views import words as figures
from sapar.hta.views.acting import Page, for_signed_in
from sapar.hta.views.desk import rail
from sapar.hta.views.topic_page import TopicPage, begin, context, decision_rows
from sapar.kernel.languages import formats
from sapar.network.phrases import name_in
from sapar.network.queries import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.queries.process import TopicSeen
    from sapar.kernel.actors import Actor

ENDED = frozenset({"declined", "withdrawn", "replaced"})
HALTED = ENDED | {"published"}

GROUPS: Mapping[str, Any] = {
    "": gettext_lazy("In work"),
    "late": gettext_lazy("Late"),
    "published": pgettext_lazy("assessment", "Published"),
    "ended": pgettext_lazy("assessment", "Ended"),
    "all": gettext_lazy("All"),
}
"""The lists of topics by what the address says."""


def _belongs(row: dict[str, Any], group: str) -> bool:
    """Whether a topic is in a list."""
    state = str(row["topic"].state.code)
    return {
        "": state not in HALTED,
        "late": bool(row["late"]),
        "published": state == "published",
        "ended": state in ENDED,
        "all": True,
    }[group]


def _row(topic: TopicSeen, process: str, *, stands: bool) -> dict[str, Any]:
    known = {each.name: each.label for each in process_named(process).steps}
    step = words.step(known.get(topic.next_step, topic.next_step))
    return {
        "stands": stands,
        "topic": topic,
        "href": reverse("hta:topic", args=[topic.id]),
        "score": figures.fixed(topic.score, 1, trim=True) if topic.score is not None else "",
        "step": step,
        "due": words.due(topic.next_due, topic.late),
        "late": bool(topic.late),
    }


@require_safe
@for_signed_in
def topics(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The topics in order of priority; whoever is signed in sees their own ones."""
    found = queries.topics_of(actor)
    more = pages.in_lists(each.id for each in found)
    rows = [_row(each, more[each.id][0], stands=more[each.id][1]) for each in found]
    wanted = request.GET.get("state", "")
    groups = {code: [row for row in rows if _belongs(row, code)] for code in GROUPS}
    chosen = wanted if wanted in groups else ""
    page = {
        "lists": rail(actor, "hta:topics"),
        "rows": groups[chosen],
        "any": bool(rows),
        "tabs": [
            Link(label, f"?state={code}" if code else reverse("hta:topics"),
                 current=code == chosen, count=len(groups[code]),
                 meaning="act" if code == "late" and groups[code] else "")
            for code, label in GROUPS.items()
        ],
    }  # fmt: skip
    return render(request, "hta/topics.html", page)


def _offers() -> dict[str, list[tuple[str, Any]]]:
    shown = snapshot(timezone.localdate())
    programmes = sorted(
        ((code, name_in(each.names) or code) for code, each in shown.programmes.items()),
        key=lambda pair: pair[1],
    )
    return {
        "body": [(str(each.id), each.name) for each in pages.bodies()],
        "programme": [("", "–"), *programmes],
        "process": [(key, words.PROCESSES.get(key, each.title)) for key, each in
                    sorted(processes().items(), key=lambda pair: pair[0] != "kz")],
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def new_topic(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Ask for an assessment; anybody who is signed in may."""
    page = Page(request)
    offers = _offers()
    own = str(actor.organisation_id)
    page.add(
        "submit", TopicForm, title=_("Submit a topic"), button=_("Submit the topic"),
        act=lambda given: _submit(actor, given), said=_("The topic is submitted."), look="primary",
        options={"offers": offers}, opened=True,
        initial={"body": own if own in dict(offers["body"]) else ""},
        to=lambda made: reverse("hta:topic", args=[made]),
    )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    found = {
        "lists": rail(actor, "hta:topics"),
        "page": page,
        "doing": page.doings["submit"],
        "wrong": page.wrong,
    }
    return render(request, "hta/topic_new.html", found, status=page.status)


def _submit(actor: Actor, given: dict[str, Any]) -> UUID:
    return actions.submit_topic(
        by=actor, body=given["body"], title=given["title"], technology=given["technology"],
        condition=given["condition"], icd=given["icd"].split(","), population=given["population"],
        comparator=given["comparator"], why=given["why"], programme=given["programme"],
        process=given["process"],
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_signed_in
def topic(request: HttpRequest, actor: Actor, topic: UUID) -> HttpResponseBase:
    """The overview of a topic: what it is, its steps and their days, scores, what may be done."""
    here = begin(request, actor, topic, inside=False)
    _moves(here)
    _scoring(here)
    _clock(here)
    _attach(here)
    done = here.page.take()
    if done is not None:
        return done
    whole, page = here.whole, here.page
    inside = Permission.VIEW in here.may
    found = context(
        here, "overview",
        inside=inside,
        facts=_facts(here),
        trigger=_trigger(here),
        ended=_ended(here),
        steps=_steps(here),
        stops=whole.stops,
        scores=_scores(here),
        total=figures.fixed(whole.seen.score, 1, trim=True) if whole.seen.score else "",
        most=whole.scheme.most * len(whole.scheme.criteria),
        models=[each for each in queries.models_of(actor) if each.id in whole.models]
        if inside else [],
        sittings=pages.sittings_of(actor, topic),
        decisions=decision_rows(here),
        now=page.some(*_MOVES),
        clock=page.some("stop_clock", "start_clock"),
        score=page.doings.get("score"),
        attach=page.doings.get("attach"),
        may_model=Permission.MODEL in here.may and here.prepares,
    )  # fmt: skip
    return render(request, "hta/topic.html", found, status=page.status)


_MOVES = (
    "take_up", "rank", "open_scope", "send_to_review", "reopen_scope", "send_back", "decline",
    "withdraw",
)  # fmt: skip


def _moves(here: TopicPage) -> None:
    """What leads the topic on."""
    by, pk, page = here.actor, here.id, here.page
    table: tuple[tuple[str, str, str, str, Callable[..., Any], str], ...] = (
        ("take_up", _("Take it up: the experts score it"), _("It is taken up."), "primary",
         actions.take_up, "take_up"),
        ("rank", _("Close the scoring"), _("It has its place in the order of priority."), "primary",
         actions.rank_topic, "rank"),
        ("open_scope", _("Begin to settle the question"), _("The question may be written."),
         "primary", actions.open_scope, "open_scope"),
        ("send_to_review", _("Give it to the reviewers"), _("It is in review."), "primary",
         actions.send_to_review, "send_to_review"),
        ("reopen_scope", _("Open the question again"), _("The question is open again."), "",
         actions.open_scope, "reopen_scope"),
    )  # fmt: skip
    for key, title, said, look, act, event in table:
        page.add(
            key, title=title, said=said, look=look, now=event in here.possible,
            may=here.prepares, version=here.version,
            act=lambda given, act=act: act(by=by, topic=pk, version=given["version"]),
        )  # fmt: skip
    page.add(
        "send_back", WhyForm, title=_("Give it back to those who assess"),
        said=_("It is given back."), now="send_back" in here.possible,
        may=Permission.CONVENE in here.may, version=here.version,
        act=lambda given: actions.send_back(
            by=by, topic=pk, why=given["why"], version=given["version"]
        ),
    )  # fmt: skip
    page.add(
        "decline", DeclineForm, title=_("Do not take it up"), said=_("It is not taken up."),
        look="danger", now="decline" in here.possible, may=here.prepares, version=here.version,
        act=lambda given: actions.decline_topic(
            by=by, topic=pk, reason=given["reason"], words=given["words"],
            version=given["version"],
        ),
    )  # fmt: skip
    page.add(
        "withdraw", title=_("Withdraw the topic"), said=_("The topic is withdrawn."),
        look="danger", now="withdraw" in here.possible, may=here.whole.submitted_by_me,
        version=here.version,
        act=lambda given: actions.withdraw_topic(by=by, topic=pk, version=given["version"]),
    )  # fmt: skip


def _scoring(here: TopicPage) -> None:
    scheme = here.whole.scheme
    here.page.add(
        "score", ScoreForm, title=_("Score the topic"), button=_("Keep my scores"),
        said=_("Your scores are kept."), look="primary", now=here.state == "scoring",
        may=Permission.SCORE in here.may and not here.whole.submitted_by_me,
        options={"scheme": scheme}, opened=True,
        act=lambda _given: _score(here),
    )  # fmt: skip


def _score(here: TopicPage) -> Any:
    form: Any = here.page.doings["score"].form
    return actions.score_topic(
        by=here.actor, topic=here.id, values=form.values(), reasons=form.reasons()
    )


def _clock(here: TopicPage) -> None:
    today = timezone.localdate()
    stands = any(each.ends is None for each in here.whole.stops)
    runs = here.state not in HALTED
    here.page.add(
        "stop_clock", StopForm, title=_("Stop the clock"), said=_("The clock stands."),
        now=runs and not stands, may=here.prepares, initial={"begins": today},
        act=lambda given: actions.stop_clock(
            by=here.actor, topic=here.id, reason=given["reason"], begins=given["begins"]
        ),
    )  # fmt: skip
    here.page.add(
        "start_clock", StartForm, title=_("Let the clock go on"), said=_("The clock goes on."),
        now=stands, may=here.prepares, initial={"ends": today},
        act=lambda given: actions.start_clock(by=here.actor, topic=here.id, ends=given["ends"]),
    )  # fmt: skip
    asks = any(rule.stop_at_most is not None for each in process_named(here.whole.process).steps
               for rule in each.unless)  # fmt: skip
    ready = _open_steps(here)
    for each in here.whole.steps:
        if not each.by_hand:
            continue
        here.page.add(
            f"step-{each.code}", *((StepForm,) if asks else ()),
            title=_("This step is done"), said=_("The step is done."),
            now=(runs or here.state == "published") and each.code in ready, may=here.prepares,
            act=lambda given, code=each.code: actions.do_step(
                by=here.actor, topic=here.id, step=code,
                regulator_stop=given.get("regulator_stop"),
            ),
        )  # fmt: skip


def _attach(here: TopicPage) -> None:
    if not (Permission.MODEL in here.may and here.prepares):
        here.page.forbidden.add("attach")
        return
    free = [each for each in queries.models_of(here.actor) if each.topic is None and each.latest]
    here.page.add(
        "attach", AttachForm, title=_("Take a model that is there"),
        button=_("Make it the model of this topic"), said=_("The model belongs to the topic now."),
        now=bool(free) and here.state not in HALTED, anchor="models",
        options={"models": [(str(each.latest), each.title) for each in free]},
        act=lambda given: _take_model(here, given["model"]),
    )  # fmt: skip


def _take_model(here: TopicPage, version: str) -> Any:
    seen = queries.version_of(here.actor, UUID(version))
    return actions.save_version(
        by=here.actor, document=seen.document, model=seen.model, topic=here.id
    )


def _facts(here: TopicPage) -> list[Fact]:
    whole = here.whole
    found = [
        Fact(_("Technology"), whole.seen.technology),
        Fact(_("What is done now"), whole.comparator),
        Fact(_("Illness"), whole.seen.condition, ", ".join(whole.icd)),
        Fact(_("For whom"), whole.population),
        Fact(_("Why it should be assessed"), whole.why),
        Fact(_("Submitted"), formats.day(whole.seen.submitted_on)),
        Fact(_("Process"), words.PROCESSES.get(whole.process, whole.process_title)),
    ]
    return [each for each in found if each.value]


def _trigger(here: TopicPage) -> str:
    """Why a machine has opened the topic, in words."""
    given = here.whole.trigger
    if given.get("kind") == "posterior":
        return _(
            "Opened by itself: by what the platform counted, the decision is wrong with a chance "
            "of {chance}; it is looked at again above {stated}."
        ).format(
            chance=figures.per_cent(given.get("chance_wrong")),
            stated=figures.per_cent(given.get("stated")),
        )
    if given.get("kind") == "date":
        return _("Opened by itself: the day on which the decision is looked at again has come.")
    return ""


def _ended(here: TopicPage) -> str:
    whole = here.whole
    if whole.seen.state.code == "declined":
        return f"{NOT_TAKEN_UP.get(whole.ended_reason, whole.ended_reason)}. {whole.ended_words}"
    return ""


def _open_steps(here: TopicPage) -> list[str]:
    """The steps that are not done and wait for no other one, in the order of the process."""
    done = {each.code for each in here.whole.steps if each.done_on}
    after = {each.name: each.after for each in process_named(here.whole.process).steps}
    return [
        each.code
        for each in here.whole.steps
        if each.code not in done and done.issuperset(after.get(each.code, ()))
    ]


def _steps(here: TopicPage) -> list[dict[str, Any]]:
    ready = [] if here.whole.seen.state.final else _open_steps(here)
    stands = any(each.ends is None for each in here.whole.stops)
    found = []
    for each in here.whole.steps:
        row = _step(here, each)
        row["current"] = each.code in ready[:1]
        if row["current"] and stands and not row["meaning"]:
            row["said"] = _("the clock stands")
        found.append(row)
    return found


def _step(here: TopicPage, step: Any) -> dict[str, Any]:
    """One step of the line: done, late, next, or still to come."""
    if step.done_on:
        meaning, said = "done", _("done {day}").format(day=formats.short_day(step.done_on))
    elif step.late and here.state not in HALTED:
        meaning, said = "act", words.late(step.late)
    else:
        meaning, said = "", words.due(step.due) or _("no date yet")
    return {
        "step": step,
        "label": words.step(step.label),
        "meaning": meaning,
        "said": said,
        "was": words.due(step.due) if step.done_on or meaning == "act" else "",
        "mark": words.mark(step.mark),
        "doing": here.page.doings.get(f"step-{step.code}"),
    }


def _scores(here: TopicPage) -> list[dict[str, Any]]:
    if not here.whole.scores:
        return []
    said = pages.score_reasons(here.actor, here.id)
    return [
        {
            "reasons": said.get(each.criterion, ()),
            "name": words.criterion(each.criterion),
            "mean": figures.fixed(each.mean, 1, trim=True),
            "share": round(100 * each.mean / here.whole.scheme.most),
            "span": f"{each.least}–{each.most}" if each.least != each.most else "",
        }
        for each in here.whole.scores
    ]
