"""Packs on their pages: what they lack stands above what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from sapar.hta import actions
from sapar.hta.engine.model.placeholders import placeholders
from sapar.hta.engine.model.read import read_model
from sapar.hta.gates import placeholders as kept_back
from sapar.kernel.jobs import worker
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db
PACKS = sorted((Path(__file__).parents[2] / "data" / "hta" / "packs").glob("*.yaml"))


def page_of(name: str, key: object) -> str:
    client = world.client("bauyrzhan")
    client.cookies["django_language"] = "en"
    answer = client.get(reverse(f"hta:{name}", args=[key]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_a_pack_can_be_read_and_run_and_both_pages_say_that_it_is_not_assessable(
    path: Path,
) -> None:
    text = path.read_text("utf-8")
    model = read_model(text)
    number = len(placeholders(model))
    assert len(kept_back(model)) == number
    version = actions.save_version(by=world.actor("dana"), document=text)
    page = page_of("version", version)
    assert f"{number} inputs have no source: a run of this model is not assessable." in page
    assert 'class="chart-drawing"' in page
    run = actions.ask_run(
        by=world.actor("dana"), version=version, kind="base", options={"threshold": 20_000}, seed=0
    )
    worker.drain()
    assert f"Not assessable: {number} inputs have no source" in page_of("run", run)
