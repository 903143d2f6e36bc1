"""The dated reference case: its entries, a new one, and the past decisions that would flip."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sapar.hta import actions, queries
from sapar.hta.forms_process import ReferenceForm
from sapar.hta.policy import Permission
from sapar.hta.views import process_words as words
from sapar.hta.views import words as figures
from sapar.hta.views.acting import Page
from sapar.hta.views.desk import at_desk, rail
from sapar.kernel import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.queries.living import CheckSeen, ReferenceSeen
    from sapar.kernel.actors import Actor


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk(Permission.VIEW)
def reference(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The reference case of one's body, by name and day."""
    page = Page(request)
    page.add(
        "set", ReferenceForm, title=_("Add an entry"), button=_("Add the entry"),
        said=_("The entry is kept. Decisions that stand on the former one are checked."),
        look="primary", may=policy.can(actor, Permission.REFERENCE),
        initial={"valid_from": timezone.localdate(), "mark": "unverified"},
        act=lambda given: actions.set_reference(
            by=actor, **{name: given[name] for name in given if name != "version"}
        ),
    )  # fmt: skip
    done = page.take()
    if done is not None:
        return done
    rows = queries.reference_of(actor)
    today = timezone.localdate()
    groups = []
    for key, found in groupby(rows, key=lambda each: each.key):
        entries = list(found)
        force = next((each for each in entries if each.valid_from <= today), None)
        groups.append(
            {
                "key": key,
                "name": key_name(key),
                "rows": [_row(each, force=each is force) for each in entries],
            }
        )
    flips = [each for row in rows for each in row.flipping]
    shown = {
        "lists": rail(actor, "hta:reference"),
        "groups": groups,
        "flips": [_check(each) for each in flips],
        "wrong": page.wrong,
        "add": page.doings.get("set"),
    }
    return render(request, "hta/reference.html", shown, status=page.status)


def key_name(key: str) -> str:
    """What an entry is called."""
    kind, _dot, rest = key.partition(".")
    return {
        "threshold": _("Worth of one unit of effect"),
        "discount": _("Discount rate: {name}").format(name=rest),
        "price": _("Price: {name}").format(name=rest),
        "life-table": _("Life table: {name}").format(name=rest),
    }.get(kind, key)


def value_words(value: Mapping[str, Any]) -> str:
    """A value in one line: a number, a range, or how many rows."""
    if "value" in value:
        return figures.figure(value["value"])
    if "low" in value:
        return f"{figures.figure(value['low'])} – {figures.figure(value['high'])}"
    return _("{n} rows").format(n=figures.whole(len(value.get("rows", ()))))


def _row(entry: ReferenceSeen, *, force: bool) -> dict[str, Any]:
    return {
        "entry": entry,
        "value": value_words(entry.value),
        "mark": words.mark(entry.mark),
        "force": force,
        "checks": [_check(each) for each in entry.checks],
    }


def _check(check: CheckSeen) -> dict[str, Any]:
    if check.problem:
        meaning, word = "stopped", _("could not be worked out")
    elif check.flips is None:
        meaning, word = "waiting", _("is being worked out")
    elif check.flips:
        meaning = "act"
        word = _("would flip from {before} to {after}").format(
            before=check.before or "–", after=check.after or "–"
        )
    else:
        meaning, word = "done", _("stays")
    return {"check": check, "meaning": meaning, "word": word}
