"""The data files of proton doses: curves of scanners, planning rules of sites, the calibration."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from ruamel.yaml import YAML

from sapar.values.marks import Mark, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

OTHER = "other"
"""The rule of a site without one of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Hounsfield units to stopping power of one scanner and protocol.

    Attributes:
        code: of the curve.
        scanner: words that are all in the scanner's name as sent; none: the generic curve.
        hu: (n,) ascending.
        power: (n,) relative to water, not falling.
        source: where the curve comes from.
    """

    code: str
    scanner: tuple[str, ...]
    hu: NDArray[np.float64]
    power: NDArray[np.float64]
    source: Source


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked for an organ.

    Attributes:
        organ: TG-263 name, or its beginning with a star ("Parotid_*"); "*" is any organ, "BODY" the
            tissue outside the targets.
        kind: "mean" or "over".
        priority: factor of the penalty.
        gy: for "over" the dose above which it counts, Gy(RBE) of the course; with `of` its share
            of the prescription.
        of_prescription: `gy` is a share of the prescription.
    """

    organ: str
    kind: str
    priority: float
    gy: float = 0.0
    of_prescription: bool = False

    def fits(self, name: str) -> bool:
        """Whether the organ of this name is meant."""
        if self.organ.endswith("*"):
            return name.startswith(self.organ[:-1])
        return name == self.organ


@dataclass(frozen=True, slots=True)
class SiteRule:
    """How a site is planned.

    Attributes:
        site: as the protocols name it, or "other".
        beams: how many.
        angles: (gantry, couch) that the beams are chosen from, degrees; as many as `beams` are
            used as they are.
        apart: smallest angle between two beams, degrees.
        near: largest angle of a beam to the cheapest one, degrees.
        aims: for organs, the first that fits counts.
        source: of the rule.
    """

    site: str
    beams: int
    angles: tuple[tuple[float, float], ...]
    apart: float
    near: float
    aims: tuple[Aim, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What set-up and range may be off by, and what a target must still get.

    Attributes:
        setup_mm: shift along each axis.
        range_share: of the range, relative.
        nominal_d98, scenario_d95: smallest dose to 98 % and 95 % of a target, as a share of what is
            wanted there, without and with errors.
        most_d2: largest dose to the hottest 2 % of a target, as a share.
        source: of these numbers.
    """

    setup_mm: float
    range_share: float
    nominal_d98: float
    scenario_d95: float
    most_d2: float
    source: Source


@dataclass(frozen=True, slots=True)
class Error:
    """How far estimates of an organ's mean dose were off on phantoms.

    Attributes:
        bias: mean of estimate minus plan, as a share of the prescription.
        sd: standard deviation of a new estimate about that, as a share of the prescription.
        count: organs it was found from.
        leave_one_out: root mean square error of the corrected estimate when its own phantom was
            left out, as a share of the prescription.
    """

    bias: float
    sd: float
    count: int
    leave_one_out: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The errors of the estimate, by kind of organ.

    Attributes:
        by_kind: keyed by the group (see `calibrate.group_of`); "any" is always there.
        source: phantoms and planning package it was made with.
        made_with: versions and digests, for the record.
    """

    by_kind: Mapping[str, Error]
    source: Source
    made_with: Mapping[str, str] = field(default_factory=dict)

    def error(self, kind: str) -> Error:
        """Of a kind of organ; of any where too few of it were seen."""
        return self.by_kind.get(kind) or self.by_kind["any"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanningData:
    """What both stages are driven by."""

    curves: tuple[Curve, ...]
    sites: Mapping[str, SiteRule]
    uncertain: Uncertain
    calibration: Calibration

    def rule(self, site: str) -> SiteRule:
        """The rule of a site, or "other"."""
        return self.sites.get(site) or self.sites[OTHER]


def _source(given: Mapping[str, Any]) -> Source:
    dated = given.get("dated")
    return Source(
        str(given["title"]),
        dated if isinstance(dated, dt.date) else None,
        Mark(given["mark"]),
        str(given.get("url", "")),
        str(given.get("who_can_tell", "")),
    )


def _curve(given: Mapping[str, Any]) -> Curve:
    points = np.asarray(given["points"], dtype=np.float64)
    if points.ndim != 2 or points.shape[0] < 2 or points.shape[1] != 2:
        message = f"curve {given['code']}: at least two pairs of HU and stopping power"
        raise ValueError(message)
    if np.any(np.diff(points[:, 0]) <= 0) or np.any(np.diff(points[:, 1]) < 0):
        message = f"curve {given['code']}: HU must rise and stopping power must not fall"
        raise ValueError(message)
    words = tuple(str(word) for word in given.get("scanner", ()))
    return Curve(str(given["code"]), words, points[:, 0], points[:, 1], _source(given["source"]))


def _aim(given: Mapping[str, Any]) -> Aim:
    kind = "mean" if "mean" in given else "over"
    share = "over_share" in given
    gy = float(given.get("over_share", given.get("over_gy", 0.0)))
    return Aim(
        str(given["organ"]), kind, float(given.get("mean", given.get("priority", 0))), gy, share
    )


def _rule(given: Mapping[str, Any], common: tuple[Aim, ...]) -> SiteRule:
    beams = given["beams"]
    angles = tuple((float(a), float(b)) for a, b in beams["from"])
    aims = tuple(map(_aim, given.get("aims", ()))) + (() if given.get("alone") else common)
    return SiteRule(
        str(given["site"]), int(beams["count"]), angles, float(beams.get("apart", 0)),
        float(beams.get("near", 180)), aims, _source(given["source"]),
    )  # fmt: skip


def _calibration(given: Mapping[str, Any]) -> Calibration:
    by_kind = {
        str(kind): Error(
            float(e["bias"]), float(e["sd"]), int(e["count"]), float(e["leave_one_out"])
        )
        for kind, e in given["by_kind"].items()
    }
    made_with = {str(k): str(v) for k, v in given.get("made_with", {}).items()}
    return Calibration(by_kind, _source(given["source"]), made_with)


def read_data(*, curves: str, sites: str, calibration: str) -> PlanningData:
    """The three data files as one value.

    Args:
        curves: text of ct-curves.yaml.
        sites: text of planning.yaml.
        calibration: text of calibration.yaml.

    Raises:
        ValueError, KeyError: a file is not as it should be.
    """
    yaml = YAML(typ="safe", pure=True)
    read_curves, read_sites = yaml.load(curves), yaml.load(sites)
    common = tuple(map(_aim, read_sites["common"]))
    rules = [_rule(each, common) for each in read_sites["sites"]]
    u = read_sites["uncertain"]
    uncertain = Uncertain(
        float(u["setup_mm"]), float(u["range_share"]), float(u["nominal_d98"]),
        float(u["scenario_d95"]), float(u["most_d2"]), _source(u["source"]),
    )  # fmt: skip
    return PlanningData(
        tuple(map(_curve, read_curves["curves"])),
        {rule.site: rule for rule in rules},
        uncertain,
        _calibration(yaml.load(calibration)),
    )
