"""What a document may say beside its model: joint draws, scenarios, a budget and the like.

Each section has a module of its own that reads it. A section may give names to expressions, by
adding to the document's `let`; then every engine knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.engine.model.read_about import read_about
from sapar.hta.engine.model.read_budget import read_budget
from sapar.hta.engine.model.read_eligibility import read_eligibility
from sapar.hta.engine.model.read_facility import read_facility
from sapar.hta.engine.model.read_groups import read_groups
from sapar.hta.engine.model.read_joint import read_joint
from sapar.hta.engine.model.read_scenarios import read_scenarios
from sapar.hta.engine.model.read_studies import read_studies
from sapar.hta.engine.model.read_survival import read_survival

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Found, Known
    from sapar.hta.engine.model.yaml import Place

SECTIONS: dict[str, Callable[[Reader, Place, Known], Found]] = {
    "about": read_about,
    "joint": read_joint,
    "scenarios": read_scenarios,
    "studies": read_studies,
    "facility": read_facility,
    "budget": read_budget,
    "groups": read_groups,
    "eligibility": read_eligibility,
    "survival": read_survival,
}
"""What reads a section, by its key in the document. Empty lines below are for one section each."""
