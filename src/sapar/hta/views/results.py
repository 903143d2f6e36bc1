"""Everything that a run's answer shows, kind by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.views import base_case, checks, draws, impact, ranked

if TYPE_CHECKING:
    from sapar.hta.views.picture import Picture, Shown


def pictures(shown: Shown) -> list[Picture]:
    """Everything that a run's answer shows, in the order of the page."""
    if not shown.run.result:
        return []
    found: list[Picture | None] = []
    if shown.result.get("strategies"):
        found.append(base_case.strategies(shown))
    if shown.result.get("psa"):
        found += [draws.means(shown), draws.plane(shown), *draws.over_worths(shown)]
    if shown.run.kind == "sensitivity":
        found.append(ranked.tornado(shown))
    if shown.run.kind == "voi":
        found.append(ranked.evppi(shown))
    if shown.run.kind == "budget":
        found += impact.pictures(shown)
    if shown.run.kind == "verify":
        found.append(checks.checks(shown))
    found += [*base_case.occupancy(shown), *base_case.conventions(shown)]
    return [each for each in found if each is not None]
