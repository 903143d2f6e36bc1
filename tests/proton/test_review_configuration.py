"""Two who write a configuration at once, and what a page of a version costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sapar.proton.models import Configuration
from sapar.proton.queries.configuration import history, version
from sapar.proton.views.configuration import MOST_COMPARED, where_they_differ
from tests import cast
from tests.proton import worlds

pytestmark = pytest.mark.django_db


def sent(data: Any, base: int) -> dict[str, Any]:
    return {
        "valid_from": str(timezone.localdate()), "title": "Order 12", "mark": "demonstration",
        "why": "Longer days.", "do": "keep", "document": json.dumps(data), "base": base,
    }  # fmt: skip


def test_a_version_that_somebody_kept_meanwhile_is_not_overwritten() -> None:
    pk = worlds.centre()
    data = Configuration.objects.get(centre=pk).data
    address = reverse("proton:change-configuration")
    admin = cast.client("yerlan")
    page = admin.get(address).content.decode()
    assert '<input type="hidden" name="base" value="1"' in page
    assert admin.post(address, sent(data, 1)).status_code == 302
    data["centre"]["hours"]["sat"] = [["09:13", "12:00"]]
    refused = admin.post(address, sent(data, 1))
    assert refused.status_code == 409
    assert Configuration.objects.filter(centre=pk).count() == 2
    again = refused.content.decode()
    assert "09:13" in again  # nothing that was typed is lost
    assert '<input type="hidden" name="base" value="2"' in again
    assert admin.post(address, sent(data, 2)).status_code == 302


def test_the_history_loads_no_documents_and_a_version_only_its_own() -> None:
    pk = worlds.centre()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        (line,) = history(pk)
    assert line.number == 1
    assert not any('"data"' in each["sql"] for each in asked.captured_queries)
    found = version(pk, 1)
    assert found is not None
    assert found.data["centre"]["rooms"]


def test_only_the_lines_between_the_first_and_the_last_difference_are_compared() -> None:
    same = [str(number) for number in range(100)]
    one, other, cut = where_they_differ([*same, "a", *same], [*same, "b", "c", *same])
    assert (one, other, cut) == (
        ["98", "99", "a", "0", "1"], ["98", "99", "b", "c", "0", "1"], False
    )  # fmt: skip
    assert where_they_differ(same, same) == (["98", "99"], ["98", "99"], False)
    assert where_they_differ(["x", "x"], ["x", "x", "x"]) == (["x", "x"], ["x", "x", "x"], False)


def test_of_long_documents_a_part_is_compared_and_the_page_says_so() -> None:
    old, new = ([f"{name}{number}" for number in range(MOST_COMPARED + 10)] for name in ("a", "b"))
    one, other, cut = where_they_differ(old, new)
    assert (len(one), len(other), cut) == (MOST_COMPARED, MOST_COMPARED, True)
