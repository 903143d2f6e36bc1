"""Every code in the shipped network that an answer may show has words in every language."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings

from sapar.kernel.languages import phrases
from sapar.network.actions import plan
from sapar.network.demonstration import load
from sapar.network.queries import snapshot

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)


def codes() -> set[str]:
    network = snapshot(DAY)
    found: set[str] = set()
    for programme in network.programmes.values():
        found |= {f"item.{item}" for item in programme.required}
        found |= {f"letter.{letter}" for letter in programme.letters}
        found |= {f"network.word.{need}" for need in programme.needs}
    for centre in network.centres.values():
        found |= {f"network.word.{ability}" for ability in centre.capabilities}
    for indication in network.indications.values():
        found |= {f"network.word.{need}" for need in indication.needs}
        found |= {f"alternative.{indication.alternative}"} if indication.alternative else set()
    for agreement in network.agreements:
        found |= {f"route.{agreement.route}", *(f"cover.{part}" for part in agreement.covers)}
    for tariff in network.tariffs:
        found |= {f"tariff.{tariff.item}", f"unit.{tariff.unit}"}
    return found


def test_every_code_of_the_shipped_network_has_a_phrase() -> None:
    load(lambda _done, _total: None)
    found = codes()
    assert len(found) > 50
    assert sorted(code for code in found if not phrases.known(code)) == []


def test_the_shipped_network_is_what_the_files_say() -> None:
    load(lambda _done, _total: None)
    assert not plan(settings.DATA / "network").writes
