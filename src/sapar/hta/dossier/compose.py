"""A dossier put together: verdict first, then the way from the question to the hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sapar.hta.dossier import answering, closing, describing
from sapar.hta.dossier.parts import Dossier, Part, Said
from sapar.hta.engine.dossier import cheers
from sapar.hta.views.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.dossier.asked import Asked
    from sapar.hta.dossier.parts import Block
    from sapar.hta.engine.dossier.cheers import Item

SCHEMA = "sapar.hta.dossier/1"
DECIDING = ("psa", "base", "sensitivity", "voi")
"""Kinds of runs in the order in which their verdict is taken."""


def _first(asked: Asked, items: Sequence[Item]) -> Part:
    """The verdict with its doubts; how much of the dossier is filled; how the model behaves."""
    blocks: list[Block] = []
    for kind in DECIDING:
        shown = asked.shown(kind)
        found = verdict(shown) if shown is not None else None
        if found is not None:
            blocks.append(Said(found.sentence, "verdict-1", found.meaning or "lead"))
            blocks += [Said(text, f"verdict-{n}", "note") for n, text in enumerate(found.doubts, 2)]
            break
    else:
        blocks.append(Said(_("No verdict: nothing was asked of the model."), look="open"))
    tested = asked.shown("verify")
    told = verdict(tested) if tested is not None else None
    if told is not None:
        blocks.append(Said(told.sentence, "verdict-tests", "note"))
    said = _("{filled} of {count} reporting items are filled.")
    numbers = {"filled": closing.filled(asked, items), "count": cheers.COUNT}
    blocks.append(Said(said.format(**numbers), "verdict-items", "note", params=numbers))
    return Part("verdict", _("Verdict"), tuple(blocks))


def compose(asked: Asked) -> Dossier:
    """The dossier in the active language.

    Args:
        asked: the document, its answers and, for a topic, people's words.
    """
    items = cheers.items(asked.model, asked.answers)
    parts = (
        _first(asked, items),
        describing.question(asked, items),
        describing.structure(asked),
        describing.inputs(asked),
        describing.conventions(asked),
        answering.base(asked),
        answering.uncertainty(asked),
        answering.information(asked),
        answering.budget(asked),
        *answering.sections(asked),
        answering.verification(asked),
        closing.reporting(asked, items),
        closing.nine(asked),
        *closing.record(asked),
        closing.came_from(asked),
    )
    version = asked.version
    named = [version.code, version.label]
    if version.number:
        named.append(_("version {n}").format(n=version.number))
    lead = " · ".join((*named, f"SHA-256 {version.digest[:12]}"))
    title = asked.topic.title if asked.topic is not None else asked.model.title
    return Dossier(
        title, lead, translation.get_language() or "en", parts, timezone.localdate(), trace(asked)
    )


def trace(asked: Asked) -> dict[str, Any]:
    """From source to number: each input with its source, its draws and the expressions it is in."""
    from sapar.hta.engine.dossier.used import streams, used  # noqa: PLC0415 - needs arrays

    model, uses = asked.model, used(asked.model)
    drawn, names = asked.more.get("drawn") or {}, streams(model)
    inputs = {
        name: {
            "id": f"input-{name}", "where": each.where, "unit": each.unit,
            "value": {key: value.text for key, value in each.values.items()},
            "distribution": each.distribution.text if each.distribution else None,
            "source": each.source, "read": each.read.isoformat() if each.read else None,
            "mark": each.mark if each.source else "placeholder",
            "draw": drawn.get(name) or ({"stream": names[name]} if name in names else None),
            "used": [
                {"place": use.place, "line": use.line, "text": use.text} for use in uses[name]
            ],
        }
        for name, each in model.parameters.items()
    }  # fmt: skip
    return {
        "schema": SCHEMA,
        "model": model.id,
        "version": model.version,
        "document": asked.version.digest,
        "runs": [
            {
                "kind": kind, "options": dict(run.options), "seed": run.seed,
                "engine": run.engine, "lock": dict(run.lock), "digest": run.result_digest,
            }
            for kind, run in asked.runs.items()
        ],
        "inputs": inputs,
        "expressions": {
            name: {
                "text": each.text, "where": each.where,
                "used": [{"place": u.place, "line": u.line, "text": u.text} for u in uses[name]],
            }
            for name, each in model.lets.items()
        },
    }  # fmt: skip
