"""The section `about`: what a reader should know beside the numbers, in the authors' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.engine.model.section import Found

if TYPE_CHECKING:
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = (
    "background", "question", "plan", "population", "setting", "comparators", "horizon",
    "heterogeneity", "distribution", "engagement", "engagement_effect", "limits", "funding",
    "conflicts", "technology", "safety", "ethics", "organisation", "social", "legal",
)  # fmt: skip
"""What may be said: each a text. The dossier takes it where it belongs."""


def read_about(r: Reader, place: Place, _known: Known) -> Found:
    """The texts by key; they name nothing in the model."""
    if not r.mapping(place, KEYS):
        return Found({})
    found = {key: r.text(place, key) for key, _inside in place.items() if key in KEYS}
    return Found({key: text for key, text in found.items() if text.strip()})
