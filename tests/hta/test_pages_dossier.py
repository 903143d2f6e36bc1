"""The dossier as a file of the product: who gets it, what stands in it, that the read is noted."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from sapar.hta import actions
from sapar.hta.models import Appraisal, Topic
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.jobs import worker
from tests.hta import process_world as world

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def english(name: str) -> Client:
    client = world.client(name)
    client.cookies["django_language"] = "en"
    return client


def texts(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/sharedStrings.xml").decode()


def test_a_version_gives_its_dossier_with_the_newest_answers_and_the_read_is_noted() -> None:
    by = world.actor("dana")
    version = actions.save_version(by=by, document=world.DOCUMENT)
    for kind, options in (("base", {"threshold": 1000.0}), ("verify", {})):
        actions.ask_run(by=by, version=version, kind=kind, options=options, seed=0)
    worker.drain()
    client = english("dana")
    page = client.get(reverse("hta:version", args=[version])).content.decode()
    pdf = reverse("hta:version-dossier", args=[version, "pdf"])
    assert pdf in page
    answered = client.get(pdf)
    assert answered["Content-Type"] == "application/pdf"
    assert answered.content.startswith(b"%PDF-1.7")
    assert "attachment" in answered["Content-Disposition"]
    whole = client.get(reverse("hta:version-dossier", args=[version, "json"])).json()
    parts = {part["id"]: part for part in whole["parts"]}
    assert parts["base"]["parts"][0]["id"] == "part-strategies"
    assert parts["information"]["blocks"][0]["look"] == "note"  # nobody asked
    assert [each["kind"] for each in whole["trace"]["runs"]] == ["base", "verify"]
    noted = AuditRead.objects.filter(page="hta.model_dossier", actor=by.label)
    assert noted.count() == 2
    assert client.get(reverse("hta:version-dossier", args=[version, "exe"])).status_code == 404
    assert english("kyrgyz").get(pdf).status_code == 404


def test_a_topic_gives_its_dossier_with_peoples_words_and_the_votes_once_they_are_closed() -> None:
    topic = world.voted()
    appraisal = Appraisal.objects.get(topic_id=topic)
    world.decided(topic=topic)
    client = english("dana")
    xlsx = reverse("hta:topic-dossier", args=[topic, "xlsx"])
    assert xlsx in client.get(reverse("hta:topic-part", args=[topic, "dossier"])).content.decode()
    whole = client.get(reverse("hta:topic-dossier", args=[topic, "json"])).json()
    parts = {part["id"]: part for part in whole["parts"]}
    assert whole["title"] == Topic.objects.get(pk=topic).title
    assert len(parts["domains"]["parts"]) == 9
    assert len(parts["items"]["parts"]) == 28
    verdict, votes = parts["votes"]["blocks"][0]["rows"][0]
    assert (verdict["text"], votes["value"]) == ("Recommended", 3)
    assert parts["decision"]
    seen = {each["kind"] for each in whole["trace"]["runs"]}
    assert seen == {run.kind for run in appraisal.runs.all()}
    assert "SHA-256" in texts(client.get(xlsx).content)
    assert AuditRead.objects.filter(page="hta.dossier", root_id=topic).count() >= 2
    assert english("kyrgyz").get(xlsx).status_code == 404


def test_before_the_vote_is_closed_no_dossier_tells_how_anybody_has_voted() -> None:
    topic, _sitting = world.sitting()
    address = reverse("hta:topic-dossier", args=[topic, "json"])
    parts = {part["id"] for part in english("dana").get(address).json()["parts"]}
    assert "domains" in parts
    assert "votes" not in parts


def test_a_topic_without_a_model_has_no_dossier_to_download() -> None:
    topic = world.assessed()
    client = english("dana")
    assert client.get(reverse("hta:topic-dossier", args=[topic, "pdf"])).status_code == 404
    page = client.get(reverse("hta:topic-part", args=[topic, "dossier"])).content.decode()
    assert "dossier.pdf" not in page
