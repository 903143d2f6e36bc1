"""Two versions of a model side by side: inputs, lines of the document, answers."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.hta import queries
from sapar.hta.models import ModelRun
from sapar.hta.policy import Permission
from sapar.hta.views import reader, reading, words
from sapar.hta.views.desk import at_desk, rail
from sapar.hta.views.picture import Shown

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.queries import VersionSeen
    from sapar.kernel.actors import Actor

MOST_LINES, MOST_COMPARED, AROUND = 400, 3000, 2
"""Lines of a difference that are shown; lines of each document that are compared; lines around
each change. Finding a difference takes time that grows faster than the texts."""


@require_safe
@at_desk(Permission.VIEW)
def beside(request: HttpRequest, actor: Actor, version: UUID, other: UUID) -> HttpResponseBase:
    """What changed from one version to another, and what that did to the answer."""
    before, after = queries.version_of(actor, version), queries.version_of(actor, other)
    if before.model != after.model:
        raise Http404
    (old, _wrong), (new, _wrong_too) = (reading.model_of(each.document) for each in (before, after))
    lines, cut = difference(before.document, after.document)
    page = {
        "lists": rail(actor, "hta:models"),
        "before": before,
        "after": after,
        "inputs": changed_inputs(old, new) if old and new else (),
        "answers": answers(actor, before, after),
        "lines": lines,
        "cut": cut,
    }
    return render(request, "hta/beside.html", page)


def difference(old: str, new: str) -> tuple[list[tuple[str, str]], bool]:
    """Lines that went ("del") or came ("ins"), with a few around them, and whether some are cut."""
    one, other = old.splitlines(), new.splitlines()
    cut = max(len(one), len(other)) > MOST_COMPARED
    found = []
    for line in difflib.unified_diff(
        one[:MOST_COMPARED], other[:MOST_COMPARED], lineterm="", n=AROUND
    ):
        if line.startswith(("---", "+++")):
            continue
        kind = {"+": "ins", "-": "del", "@": "at"}.get(line[:1], "")
        found.append((kind, "" if kind == "at" else line[1:]))
    return found[:MOST_LINES], cut or len(found) > MOST_LINES


def changed_inputs(old: AnyModel, new: AnyModel) -> list[dict[str, Any]]:
    """Inputs that came, went, or have another value, distribution, source or mark."""
    one, other = ({row["name"]: row for row in reader.parameters(model)} for model in (old, new))
    rows = []
    for name in dict.fromkeys((*one, *other)):
        a, b = one.get(name), other.get(name)
        told = _told(a), _told(b)
        if told[0] != told[1]:
            rows.append({"label": (b or a or {})["label"], "before": told[0], "after": told[1]})
    return rows


def _told(row: dict[str, Any] | None) -> list[str]:
    """An input in short: value with unit, distribution, source, mark."""
    if row is None:
        return [_("not there")]
    values = ", ".join(f"{who} {value}".strip() for who, value in row["values"])
    parts = [f"{values} {row['unit']}".strip(), row["distribution"], row["source"], row["word"]]
    return [part for part in parts if part]


def answers(actor: Actor, before: VersionSeen, after: VersionSeen) -> list[dict[str, Any]]:
    """The base cases side by side, strategy by strategy; nothing where one was not asked."""
    found = [_base_case(actor, each) for each in (before, after)]
    if not all(found):
        return []
    one, other = found
    rows = []
    for name in dict.fromkeys((*one, *other)):
        a, b = one.get(name), other.get(name)
        cells = []
        for key, form in (("cost", words.money), ("effect", words.effect), ("icer", words.money)):
            x, y = (row[key] if row else None for row in (a, b))
            change = None
            if isinstance(x, float | int) and isinstance(y, float | int):
                change = y - x
            cells += [form(x), form(y), form(change)]
        rows.append({"label": (b or a or {})["label"], "cells": cells})
    return rows


def _base_case(actor: Actor, seen: VersionSeen) -> dict[str, Any]:
    """The strategies of the newest answer that has a base case."""
    for run in queries.runs_of(actor, seen.id):
        if run.state == ModelRun.State.DONE and (run.result or {}).get("strategies"):
            shown = Shown.of(run, seen)
            rows = shown.result["strategies"]
            return {
                row["strategy"]: {**row, "label": shown.strategy(row["strategy"])} for row in rows
            }
    return {}
