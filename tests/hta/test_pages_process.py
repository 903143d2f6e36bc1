"""Pages of the process: from a submitted topic to the register and an appeal, page by page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from sapar.hta import actions
from sapar.hta.models import Appeal, Appraisal, Decision, Evidence, Review, Topic
from sapar.kernel.jobs import worker
from tests import cast
from tests.hta import process_world as world
from tests.network.conftest import loaded

if TYPE_CHECKING:
    from uuid import UUID

    from django.test import Client

__all__ = ["loaded"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]
DAY = timedelta(days=1)


def english(name: str) -> Client:
    client = world.client(name)
    client.cookies["django_language"] = "en"
    return client


def body(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def get(name: str, address: str, status: int = 200) -> str:
    return body(english(name).get(address), status)


def do(name: str, address: str, key: str, /, **given: Any) -> Any:
    """Send one thing of a page as its form does, with the version that the page shows."""
    client = given.pop("client", None) or english(name)
    page = body(client.get(address))
    at = page.find(f'name="do" value="{key}"')
    found = re.search(r'name="version" value="(\d+)"', page[at : at + 120]) if at >= 0 else None
    version = {"version": found.group(1)} if found else {}
    return client.post(address, {"do": key, **version, **given})


def done(name: str, address: str, key: str, /, **given: Any) -> str:
    """The same, and it was accepted: the page that it leads to."""
    client = english(name)
    answer = do(name, address, key, client=client, **given)
    assert answer.status_code == 302, body(answer, answer.status_code)
    return body(client.get(answer["Location"].partition("#")[0]))


def overview(topic: UUID) -> str:
    return reverse("hta:topic", args=[topic])


def part(topic: UUID, name: str) -> str:
    return reverse("hta:topic-part", args=[topic, name])


TOPIC = {
    "title": "Treatment B for the sick", "technology": "Treatment B", "condition": "Being sick",
    "icd": "C71.6, c71.7", "population": "Adults", "process": "kz", "comparator": "", "why": "",
    "programme": "",
}  # fmt: skip
SCOPE = {
    "population": "Adults", "intervention": "Treatment B", "comparators": "Standard of care",
    "outcomes": "QALYs\ndeaths",
}  # fmt: skip
STUDY = {"citation": "A study", "design": "randomised", "mark": "unverified", "supports": "hr_B"}
JUDGED = {
    "randomisation": "low", "deviation": "some", "missing": "low", "measurement": "low",
    "selection": "low", "certainty": "moderate", "why": "One small trial.",
}  # fmt: skip


def submitted() -> UUID:
    ministry = str(cast.organisation("ministry-kz").pk)
    world.user("dana")
    done("marat", reverse("hta:new-topic"), "submit", **TOPIC, body=ministry)
    return Topic.objects.get().pk


def test_a_topic_goes_from_its_submission_to_the_register_and_an_appeal_by_its_pages() -> None:
    topic = submitted()
    at = overview(topic)
    done("dana", at, "take_up")
    scores = dict.fromkeys(world.CRITERIA, "2")
    page = done("bauyrzhan", at, "score", **scores, burden_reason="Many die of it.")
    assert "Your scores are kept." in page
    assert "12 / 18" in page
    done("dana", at, "rank")
    done("dana", at, "open_scope")
    question = part(topic, "question")
    done("dana", question, "propose", **SCOPE)
    changed = {**SCOPE, "outcomes": "QALYs\nlate effects", "why": "Parents asked for it."}
    page = done("dana", question, "propose", **changed)
    assert "<ins><span" in page
    assert "late effects" in page.partition("<ins>")[2].partition("</ins>")[0]
    assert "deaths" in page.partition("<del>")[2].partition("</del>")[0]
    assert "settled" in done("dana", question, "settle", number="2")
    evidence = part(topic, "evidence")
    assert "1 study is not judged yet" in done("dana", evidence, "add", **STUDY)
    refused = body(do("dana", at, "send_to_review"), 409)
    assert "The topic has no model." in refused
    version = a_model(topic)
    refused = body(do("dana", at, "send_to_review"), 409)
    assert "studies of the register have no appraisal" in refused
    study = Evidence.objects.get()
    page = done("dana", evidence, f"judge-{study.pk.hex}", **JUDGED)
    assert "Every study is judged." in page
    assert "some concerns" in page
    page = done("dana", part(topic, "dossier"), "write-EFF", text="One trial of 200 people.")
    assert "One trial of 200 people." in page
    done("dana", at, "send_to_review")
    reviewed(topic, version)
    sitting = seated(topic, version)
    decision = decided(topic, sitting)
    publish(topic, decision)
    appealed(decision)


def a_model(topic: UUID) -> UUID:
    """A model of nobody's topic becomes this one's, and is run."""
    dana = world.actor("dana")
    version = actions.save_version(by=dana, document=world.MODEL)
    page = done("dana", overview(topic), "attach", model=str(version))
    assert reverse("hta:version", args=[version]) in page
    actions.ask_run(by=dana, version=version, kind="base")
    options = {"draws": 20, "thresholds": [60_000]}
    actions.ask_run(by=dana, version=version, kind="psa", options=options, seed=7)
    worker.drain()
    return version


def reviewed(topic: UUID, version: UUID) -> None:
    """A remark that must be mended keeps the committee away until it is closed by its author."""
    at = part(topic, "review")
    given = {"about": str(version), "weight": "must", "remark": "Why beta?", "where": "line 14"}
    assert "1 remark must be mended" in done("arman", at, "remark", **given)
    own = do("dana", at, "remark", **given)
    assert "Nobody judges a model that they have made." in body(own, 403)
    assert "Why beta?" in body(own, 403)
    remark = Review.objects.get()
    done("dana", at, f"answer-{remark.pk.hex}", answer="It is a share.")
    assert do("dana", at, f"close-{remark.pk.hex}").status_code == 403
    refused = do("kanat", part(topic, "committee"), "call", **call(version))
    assert "remarks that must be mended are open" in body(refused, 409)
    page = done("arman", at, f"close-{remark.pk.hex}")
    assert "No remark keeps the topic from the committee." in page
    assert "It is a share." in page


def call(version: UUID) -> dict[str, Any]:
    from sapar.hta.models import ModelRun

    runs = ModelRun.objects.filter(model_version=version)
    return {
        "model_version": str(version), "runs": [str(run.pk) for run in runs], "quorum": "3",
        "members": [str(world.user(name).pk) for name in world.COMMITTEE],
        "held_on": timezone.localdate().isoformat(),
    }  # fmt: skip


def seated(topic: UUID, version: UUID) -> UUID:
    """The committee is called, declares, one is recused, three vote; nobody sees it before."""
    for name in world.COMMITTEE:
        world.user(name)
    page = done("kanat", part(topic, "committee"), "call", **call(version))
    assert "not declared yet" in page
    sitting = Appraisal.objects.get().pk
    at = reverse("hta:sitting", args=[sitting])
    done("zhanar", at, "declare", conflict="serious", interests="I advise its maker.")
    for name in world.COMMITTEE[:3]:
        page = done(name, at, "declare", conflict="none", interests="")
        given = {**world.REASONS, "verdict": "recommended"}
        short = do(name, at, "vote", **{**given, "ethics": ""})
        page = body(short, 422)
        assert "what is said of burden" in page  # nothing typed is lost
        dissent = "It is too dear." if name == "ermek" else ""
        page = done(name, at, "vote", **given, dissent=dissent)
        assert "Recommended" in page  # the own vote
    page = get("kanat", at)
    assert "It is too dear." not in page
    assert "a serious conflict" in page
    assert "3 of 3 votes are given" in page
    again = english("bauyrzhan").post(at, {**world.REASONS, "do": "vote", "verdict": "research"})
    assert "The vote was given already." in body(again, 409)
    return sitting


DECIDED = {
    **world.REASONS, "verdict": "recommended", "funded": "b", "threshold": "60000",
    "currency": "usd", "wrong_chance": "0.3", "indications": ["medulloblastoma"],
}  # fmt: skip


def decided(topic: UUID, sitting: UUID) -> UUID:
    at, today = reverse("hta:sitting", args=[sitting]), timezone.localdate()
    days = {"valid_from": today.isoformat(), "reassess_by": (today + 365 * DAY).isoformat()}
    assert 'value="decide"' not in get("kanat", at)  # first the vote is closed, and read
    shown = done("kanat", at, "close_vote")
    assert "It is too dear." in shown
    assert 'value="vote"' not in get("zhanar", at)
    wrong = do("kanat", at, "decide", **{**DECIDED, **days, "verdict": "research"})
    page = body(wrong, 422)
    assert 'id="decide-departure_error"' in page
    assert "Write the reason for departing from the vote." in page
    backwards = {"valid_from": days["reassess_by"], "reassess_by": days["valid_from"]}
    page = body(do("kanat", at, "decide", **{**DECIDED, **backwards}), 422)
    assert 'id="decide-reassess_by_error"' in page
    page = done("kanat", at, "decide", **DECIDED, **days)
    assert "It is decided. Publish it next." in page
    return Decision.objects.get().pk


def publish(topic: UUID, decision: UUID) -> None:
    """The gates refuse and lead to what is missing; filled, the decision is published."""
    at = reverse("hta:decision", args=[decision])
    page = get("kanat", at)
    assert "Reporting item 27 is missing" in page
    assert f"{part(topic, 'checklist')}#cheers-27" in page
    assert "#words-kk" in page
    refused = body(do("kanat", at, "publish"), 409)
    assert "Reporting item 27 is missing" in refused
    assert Decision.objects.get().state == "decided"
    checklist = part(topic, "checklist")
    left = re.findall(r'href="#cheers-(\d+)"', get("dana", checklist))
    assert len(left) <= 6  # at least 22 come from the model itself
    no_reason = do("dana", checklist, f"item-{left[0]}", not_applicable="on", reason="")
    assert f'id="item-{left[0]}-reason_error"' in body(no_reason, 422)
    for number in left[:-1]:
        done("dana", checklist, f"item-{number}", text="Written by a person.")
    page = done("dana", checklist, f"item-{left[-1]}", not_applicable="on", reason="An example.")
    assert "All 28 items are filled." in page
    drafts = get("dana", at)
    for code in world.LANGUAGES:
        found = re.search(rf'id="plain-{code}-text"[^>]*>([^<]+)</textarea>', drafts)
        assert found, code
        assert "Treatment B" in found.group(1)
        done("dana", at, f"plain-{code}", text=f"Plain words, {code}")
    assert "Nothing: it may be published." in get("kanat", at)
    assert "The decision is published." in done("kanat", at, "publish")
    number = Decision.objects.get().number
    assert number in body(english("marat").get(reverse("hta:register")))
    assert "done" in done("kanat", at, "replay")
    worker.drain()
    assert "the same to the last bit" in get("kanat", at)


def appealed(decision: UUID) -> None:
    number = Decision.objects.get().number
    at = reverse("hta:appeal", args=[number])
    page = body(do("marat", at, "appeal", ground="evidence", words=""), 422)
    assert 'id="appeal-words_error"' in page
    page = done("marat", at, "appeal", ground="evidence", words="A trial was left out.")
    assert "It is answered by" in page
    twice = do("marat", at, "appeal", ground="model", words="Again.")
    assert "Your appeal is open already." in body(twice, 409)
    assert "Again." in body(twice, 409)
    inside = reverse("hta:decision", args=[decision])
    assert "A trial was left out." in get("gulmira", inside)
    key = f"appeal-{Appeal.objects.get().pk.hex}"
    answer = {"outcome": "dismissed", "words": "It was read."}
    assert do("kanat", inside, key, **answer).status_code == 403  # who decided does not answer
    assert "It was read." in done("gulmira", inside, key, **answer)
    assert "It was read." in get("marat", reverse("hta:published", args=[number]))
