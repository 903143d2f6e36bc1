"""Who will come: the `demand` and `uptime` blocks of the documents of capacity and year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.problem.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Protocol, Urgency


@dataclass(frozen=True, slots=True)
class Mix:
    """One kind of course in the demand. All shares lie between 0 and 1.

    Attributes:
        protocol: id of its protocol.
        share: its part of all courses; the shares of a mix have the sum 1.
        urgency: (id, share), sorted by id, sum 1.
        child_share: the part of these patients who are children.
        anaesthesia_share_of_children: the part of the children who are treated under anaesthesia.
        fractions: (number of fractions in all, share), sorted, sum 1; empty: as the protocol says.
    """

    protocol: str
    share: float
    urgency: tuple[tuple[str, float], ...]
    child_share: float
    anaesthesia_share_of_children: float
    fractions: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where patients come from; the shares of all origins have the sum 1.

    Attributes:
        visa_days: the fewest and the most calendar days from referral to arrival.
    """

    country: str | None
    payer: str | None
    share: float
    visa_days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Demand:
    """So many courses a year, of which kinds and from where."""

    courses_per_year: float
    mix: tuple[Mix, ...]
    origin: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Uptime:
    """A resource is there for `share` of its open minutes.

    Attributes:
        mean_outage_min: open minutes that an outage lasts on average.
    """

    resource: str
    share: float
    mean_outage_min: float

    @property
    def mean_up_min(self) -> float:
        """Open minutes between two outages on average; infinite where there is none."""
        if self.share >= 1.0:
            return float("inf")
        return self.mean_outage_min * self.share / (1.0 - self.share)


def split(protocol: Protocol, number: int) -> tuple[int, ...]:
    """Spread so many fractions over the phases of a protocol in their proportion.

    Largest remainder; of equal remainders the earlier phase takes the fraction.
    """
    whole = protocol.fractions
    found = [phase.fractions * number // whole for phase in protocol.phases]
    rest = [(-(phase.fractions * number % whole), i) for i, phase in enumerate(protocol.phases)]
    for _, index in sorted(rest)[: number - sum(found)]:
        found[index] += 1
    return tuple(found)


def _sum_to_one(shares: Iterable[float], reader: Reader, at: str) -> list[float]:
    """Shares divided by their sum; a sum of zero is a mistake."""
    given = list(shares)
    whole = sum(given)
    if whole <= 0:
        if given:
            reader.note("range", at=at, value=0, least="0.000001", most="1000000")
        return [1.0 / len(given)] * len(given) if given else []
    return [each / whole for each in given]


def _urgencies_of(each: Reader, known: dict[str, Urgency] | None) -> tuple[tuple[str, float], ...]:
    inside = each.inside("urgency")
    if inside is None:
        each.note("missing", at="urgency")
        return ()
    names = sorted(inside.value)
    for name in names:
        if known is not None and name not in known:
            each.note("unknown_urgency", at="urgency", value=name, known=", ".join(sorted(known)))
    shares = _sum_to_one([inside.number(name, most=1e6) for name in names], each, "urgency")
    if not names:
        each.note("missing", at="urgency")
    return tuple(zip(names, shares, strict=True))


def _fractions_of(each: Reader) -> tuple[tuple[int, float], ...]:
    found: dict[int, float] = {}
    for pair in each.items("fractions", optional=True):
        if not isinstance(pair.value, list) or len(pair.value) != 2:
            pair.note("kind", value=pair.value, wanted_phrase="proton.kind.list")
            continue
        below = Reader(
            {"n": pair.value[0], "share": pair.value[1]}, pair.where, pair.problems, set()
        )
        number = below.whole("n", least=1, most=120)
        found[number] = found.get(number, 0.0) + below.number("share", most=1e6)
    shares = _sum_to_one([found[number] for number in sorted(found)], each, "fractions")
    return tuple(zip(sorted(found), shares, strict=True))


def _mix(
    reader: Reader, protocols: dict[str, Protocol], urgencies: dict[str, Urgency] | None
) -> tuple[Mix, ...]:
    found = []
    for each in reader.items("mix"):
        if not each.is_object():
            continue
        name = each.text("protocol")
        if name and name not in protocols:
            each.note("unknown_protocol", at="protocol", value=name)
        found.append(
            Mix(
                protocol=name,
                share=each.number("share", most=1e6),
                urgency=_urgencies_of(each, urgencies),
                child_share=each.number("child_share", 0.0, most=1.0),
                anaesthesia_share_of_children=each.number(
                    "anaesthesia_share_of_children", 0.0, most=1.0
                ),
                fractions=_fractions_of(each),
            )
        )
        each.done()
    shares = _sum_to_one([each.share for each in found], reader, "mix")
    return tuple(
        Mix(
            protocol=each.protocol,
            share=share,
            urgency=each.urgency,
            child_share=each.child_share,
            anaesthesia_share_of_children=each.anaesthesia_share_of_children,
            fractions=each.fractions,
        )
        for each, share in zip(found, shares, strict=True)
    )


def _visa_days(each: Reader) -> tuple[int, int]:
    if "visa_days" not in each:
        each.asked.add("visa_days")
        return 0, 0
    found = each.wholes("visa_days", least=0, most=730)
    if len(found) != 2 or found[0] > found[1]:
        each.note("order", at="visa_days", value=each.value["visa_days"])
        return 0, 0
    return found[0], found[1]


def _origin(reader: Reader) -> tuple[Origin, ...]:
    found = []
    for each in reader.items("origin", optional=True):
        if not each.is_object():
            continue
        country, payer = each.text("country", None), each.text("payer", None)
        found.append(Origin(country, payer, each.number("share", most=1e6), _visa_days(each)))
        each.done()
    shares = _sum_to_one([each.share for each in found], reader, "origin")
    if not found:
        return (Origin(None, None, 1.0, (0, 0)),)
    return tuple(
        Origin(each.country, each.payer, share, each.visa_days)
        for each, share in zip(found, shares, strict=True)
    )


def read_demand(
    reader: Reader,
    protocols: dict[str, Protocol],
    urgencies: dict[str, Urgency] | None = None,
) -> Demand:
    """Read `demand` of a document; its shares are divided by their sum.

    Args:
        reader: at the object that has the key `demand`.
        protocols: those that the mix may name.
        urgencies: those that it may name; None where the document has none: any word is taken.

    Returns:
        The demand; only of use when `reader.finish()` does not raise.
    """
    inside = reader.inside("demand")
    if inside is None:
        reader.note("missing", at="demand")
        return Demand(0.0, (), (Origin(None, None, 1.0, (0, 0)),))
    made = Demand(
        courses_per_year=inside.number("courses_per_year", most=20_000),
        mix=_mix(inside, protocols, urgencies),
        origin=_origin(inside),
    )
    if not made.mix and "mix" in inside:
        inside.note("missing", at="mix")
    inside.done()
    return made


def read_uptime(reader: Reader, centre: Centre) -> dict[str, Uptime]:
    """Read `uptime` of a document, by resource in alphabetical order; empty where it is missing."""
    inside = reader.inside("uptime")
    if inside is None:
        return {}
    known = {
        *(beam.id for beam in centre.beams),
        *(room.id for room in centre.rooms),
        *(device.id for device in centre.devices),
        "centre",
        "anaesthesia",
    }
    found = {}
    for name in sorted(inside.value):
        if name not in known:
            inside.note("unknown_resource", at=name, value=name, known=", ".join(sorted(known)))
        each = inside.inside(name)
        if each is None:
            continue
        found[name] = Uptime(
            name,
            each.number("share", least=0.01, most=1.0),
            each.number("mean_outage_min", 60.0, least=1.0, most=1e6),
        )
        each.done()
    return found
