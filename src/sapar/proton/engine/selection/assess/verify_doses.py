"""The checker's own reading of doses and models: plain floats and loops, straight from the files.

It shares no code with the engine: it reads the documents themselves, keeps a histogram as a list of
bins, and finds a dose at a volume by halving.
"""

from __future__ import annotations

import math
from typing import Any

Document = dict[str, Any]
Bin = tuple[float, float, float]
"""From, to (Gy) and volume."""
SURE = 0.999
HALVINGS = 60
NO_BOUND = 500.0
"""Gy: what a question may state at most."""


class Organ:
    """A dose: the mean, bins or None, the whole volume or None; every dose times a factor."""

    def __init__(
        self, mean: float, bins: list[Bin] | None, volume: float | None, factor: float = 1.0
    ) -> None:
        self.bare = mean
        self.bins = bins
        self.volume = volume
        self.factor = factor

    @property
    def mean(self) -> float:
        """Mean dose, Gy."""
        return self.bare * self.factor

    def scaled(self, factor: float) -> Organ:
        """Every dose times a factor."""
        return Organ(self.bare, self.bins, self.volume, self.factor * factor)

    def doses(self) -> list[Bin]:
        """The bins with the factor in them."""
        return [(b[0] * self.factor, b[1] * self.factor, b[2]) for b in self.bins or []]

    def above(self, gy: float) -> float:
        """Share of the volume with at least that dose."""
        part = whole = 0.0
        for low, high, volume in self.doses():
            whole += volume
            if low >= gy:
                part += volume
            elif high > gy:
                part += volume * (high - gy) / (high - low)
        return part / whole if whole > 0 else 0.0

    def at(self, share: float) -> float:
        """The dose that the hottest share has at least, by halving."""
        low = 0.0
        high = max((b[1] for b in self.doses() if b[2] > 0), default=0.0)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if self.above(middle) >= share:
                low = middle
            else:
                high = middle
        return low

    def geud(self, a: float) -> float:
        """Generalised equivalent uniform dose, at the middle of bins; the mean for a = 1."""
        if a == 1:
            return self.mean
        top, whole = 0.0, 0.0
        for low, high, volume in self.doses():
            top += volume * (0.5 * (low + high)) ** a
            whole += volume
        return float((top / whole) ** (1.0 / a)) if whole > 0 else 0.0

    def response(self, d50: float, gamma: float, s: float) -> float:
        """Relative seriality."""
        whole = sum(volume for _, _, volume in self.bins or [])
        spared = 1.0
        for low, high, volume in self.doses():
            dose = 0.5 * (low + high)
            power = math.e * gamma * (1.0 - dose / d50) + dose / d50 * math.log(math.log(2.0))
            hit = math.exp(-math.exp(min(700.0, power)))
            spared *= max(0.0, 1.0 - hit**s) ** (volume / whole)
        return float(max(0.0, 1.0 - spared) ** (1.0 / s))


def even(gy: float, volume: float | None = None) -> Organ:
    """The same dose everywhere."""
    return Organ(gy, [(gy, gy, volume or 1.0)], volume)


def _topped(body: Document | None) -> bool:
    """Whether an outline was sent with its largest dose, and lies in the grid."""
    if body is None or (body.get("covered") == 0 and not any(body.get("volume_cc") or [1.0])):
        return False
    return body.get("maximum_gy") is not None or body.get("edges_gy") is not None


def highest(plan: Document) -> float:
    """What bounds a dose of a plan: as stated, or as met where the body's outline was sent."""
    stated = plan.get("maximum_gy")
    if stated is not None:
        return float(stated)
    if not any(_topped(plan["organs"].get(name)) for name in ("External", "BODY", "Body")):
        return NO_BOUND
    found = [0.0]
    for each in plan["organs"].values():
        edges = each.get("edges_gy") or [each["mean_gy"]]
        top = each.get("maximum_gy")
        found.append(float((top if top is not None else edges[-1]) or each["mean_gy"]))
    return max(found)


def _sent(document: Document) -> tuple[Organ, float]:
    """The organ as sent, and the share of it that the grid covers."""
    edges, volumes = document.get("edges_gy"), document.get("volume_cc")
    bins = None
    if edges is not None and volumes is not None:
        bins = [(float(edges[i]), float(edges[i + 1]), float(v)) for i, v in enumerate(volumes)]
    whole = document.get("total_cc")
    if whole is None and bins is not None:
        whole = sum(b[2] for b in bins)
    covered = document.get("covered")
    organ = Organ(float(document["mean_gy"]), bins, None if whole is None else float(whole))
    return organ, 1.0 if covered is None or bins is None else float(covered)


def _filled(organ: Organ, covered: float, gy: float) -> Organ:
    """With the part outside the grid at one dose."""
    if covered >= SURE or organ.bins is None:
        return organ
    inside = sum(b[2] for b in organ.bins)
    if covered <= 0:
        return even(gy, organ.volume)
    outside = inside * (1.0 / covered - 1.0)
    mean = (organ.mean * inside + gy * outside) / (inside + outside)
    return Organ(mean, [*organ.doses(), (gy, gy, outside)], inside + outside)


def _together(parts: list[Organ]) -> Organ:
    whole = sum(part.volume or 0.0 for part in parts)
    mean = sum(part.mean * (part.volume or 0.0) for part in parts) / whole
    bins: list[Bin] | None = []
    for part in parts:
        if part.bins is None or bins is None:
            bins = None
            continue
        own = sum(b[2] for b in part.bins)
        bins += [(low, high, v * (part.volume or 0.0) / own) for low, high, v in part.doses()]
    return Organ(mean, bins, whole)


def way_of(plan: Document, ways: list[list[str]]) -> list[str] | None:
    """The first way of putting an organ together whose structures were sent and lie in the grid."""

    def there(name: str) -> bool:
        sent = plan["organs"].get(name)
        if sent is None:
            return False
        empty = sent.get("volume_cc") is not None and not any(sent["volume_cc"])
        return not (empty and sent.get("covered") == 0)

    return next((way for way in ways if all(there(each) for each in way)), None)


def ends_of(
    name: str, plan: Document, ways: list[list[str]], scenario: Document | None = None
) -> tuple[Organ, Organ, bool]:
    """Lowest and highest dose of an organ of a plan, and whether they are one."""
    top = highest(plan)
    way = way_of(plan, ways)
    if way is None:
        return even(0.0), even(top), False
    lows, highs, sure = [], [], True
    for each in way:
        organ, covered = _sent((scenario or {}).get(each) or plan["organs"][each])
        biases = plan.get("bias_gy") or {}
        bias = float(biases.get(each, biases.get(name, 0.0)) or 0.0)
        if bias and organ.mean > 0:
            organ = organ.scaled(max(0.0, organ.mean - bias) / organ.mean)
        elif bias < 0:
            cc = None if organ.bins is None else sum(b[2] for b in organ.bins)
            bins = None if cc is None else [(-bias, -bias, cc)]
            organ = Organ(-bias, bins, organ.volume)
        lows.append(_filled(organ, covered, 0.0))
        highs.append(_filled(organ, covered, top))
        sure = sure and covered >= SURE
    if len(way) == 1:
        return lows[0], highs[0], sure
    if all(part.volume for part in [*lows, *highs]):
        return _together(lows), _together(highs), sure
    low = Organ(min(part.mean for part in lows), None, None)
    return low, Organ(max(part.mean for part in highs), None, None), False


def read(asked: Document, organ: Organ, fractions: int | None, theta: list[float]) -> float | None:
    """The number that a model asks for; None where this organ dose does not have it."""
    metric, at = asked.get("metric", "mean"), float(asked.get("at", 0.0))
    if (metric != "mean" and organ.bins is None) or (asked.get("eqd2") and fractions is None):
        return None
    if metric == "mean":
        found = organ.mean
    elif metric == "volume-at":
        found = 100.0 * organ.above(at)
    elif metric == "dose-at":
        found = organ.at(at)
    elif metric == "geud":
        found = organ.geud(at)
    else:
        found = organ.response(*theta)
    if asked.get("eqd2"):
        found = found * (found / (fractions or 1) + asked["eqd2"]) / (2.0 + asked["eqd2"])
    if asked.get("transform") == "sqrt":
        return math.sqrt(found)
    if asked.get("transform") == "log":
        return math.log(found) if found > 0 else -math.inf
    return found


def inputs_of(model: Document) -> list[Document]:
    """Every dose reading of a model."""
    if "dose" in model:
        return [model["dose"]]
    return [each for term in model["coefficients"] for each in term.get("sum") or []]


def key(asked: Document) -> str:
    """A reading by what it asks; worked out once, when the file is loaded."""
    return str(asked["key"])


def feature(term: Document, value: Any) -> float:
    """What a coefficient multiplies."""
    if "is" in term:
        return 1.0 if value == term["is"] else 0.0
    if "above" in term:
        return 1.0 if value > term["above"] else 0.0
    return math.sqrt(value) if term.get("transform") == "sqrt" else float(value)


def risk(
    model: Document, readings: dict[str, float], facts: dict[str, float], theta: list[float]
) -> float:
    """The risk of a model, with these coefficients."""
    form = model["form"]
    if form == "relative-seriality":
        return readings[key(model["dose"])]
    if form == "lkb":
        t = (readings[key(model["dose"])] - theta[0]) / (theta[1] * theta[0])
        return (
            0.5 * (1.0 + math.erf(t / math.sqrt(2.0))) if t > -5 else 0.5 * math.erfc(-t / 2**0.5)
        )
    if form == "relative-risk":
        dose = readings[key(model["dose"])]
        return min(1.0, max(0.0, facts[model["coefficients"][1]["name"]] * (1.0 + theta[0] * dose)))
    s = 0.0
    for term, value in zip(model["coefficients"], theta, strict=True):
        if term.get("sum"):
            s += value * sum(readings[key(each)] for each in term["sum"])
        elif "covariate" in term or "volume" in term:
            s += value * facts[term["name"]]
        else:
            s += value
    if s > 0:
        return 1.0 / (1.0 + math.exp(-min(s, 700.0)))
    return math.exp(max(s, -700.0)) / (1.0 + math.exp(max(s, -700.0)))
