"""The demonstration's cases: who, for what, from where, and the road each has gone.

Pure and seeded: the same parameters, network, seed and moment give the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.answer.engine.demonstration import made_up, roads
from sapar.answer.engine.demonstration.aizada import aizada
from sapar.answer.engine.demonstration.draws import Draws
from sapar.cases.engine.referral import Attachment, ClinicalItem, ReferralFacts
from sapar.values.dates import MAJORITY_YEARS

if TYPE_CHECKING:
    from datetime import date, datetime

    from sapar.answer.engine.demonstration.demand import Demand, Origin, People, ProgrammeDemand
    from sapar.answer.engine.demonstration.roads import Step
    from sapar.network.engine.snapshot import Indication, Programme, Snapshot
    from sapar.people.engine.facts import PersonFacts

SENDER = "urn:sapar:demonstration"
DOCUMENTS = frozenset(
    {"pathology", "mri", "ct", "operation-note", "blood-count", "echocardiography", "virology"}
)
LEFT_OUT = ("question", "attachments", "stage", "fit_to_travel", "consents")
"""What an incomplete draft may still lack."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One case as it shall be.

    Attributes:
        key: the sender's identifier, by which a second run knows it.
        end: the name of its road.
        organisation: code of the referring organisation.
        facts: what the referral says.
        steps: what was done, in order of time.
        attached: the kind of the document that is stored, or "".
        late: whether its clock has run out.
    """

    key: str
    end: str
    organisation: str
    facts: ReferralFacts
    steps: tuple[Step, ...]
    attached: str = ""
    late: bool = False


def _ends(demand: Demand, count: int, seed: int) -> list[str]:
    """Each end once, as far as the count reaches, then by weight."""
    once = sorted(roads.ROADS, key=lambda end: (end == "duplicate", end))[:count]
    draws = Draws(seed, "ends")
    return once + [draws.weighted(demand.ends) for _ in range(count - len(once))]


def _origin(draws: Draws, demand: Demand, programme: ProgrammeDemand, end: str) -> Origin:
    figures = demand.figures[programme.basis]
    weights = {
        str(index): figures[origin.country] * demand.travel[origin.country] * origin.share
        for index, origin in enumerate(demand.origins)
        if not (origin.country in {"KZ", "KG"} and end in roads.ABROAD_VISA)
    }
    return demand.origins[int(draws.weighted(weights))]


def _born(
    draws: Draws, programme: ProgrammeDemand, entry: Indication, today: date, *, child: bool
) -> date:
    low, high = (0.2, 17.5) if child else programme.ages
    if programme.programme == "paediatric-heart-surgery":
        high = 1 + 9 * draws.number()
    low = max(low, entry.min_age or 0)
    if entry.max_age is not None:
        high = min(high, entry.max_age + 0.9)
    age = draws.between(low, max(low + 0.3, high))
    return today - timedelta(days=int(age * made_up.YEAR))


def _needs(draws: Draws, demand: Demand, entry: Indication, age: float) -> frozenset[str]:
    needs = set(entry.needs)
    if entry.programme == "protons" and age < MAJORITY_YEARS:
        share = next((p for limit, p in demand.anaesthesia if age < limit + 1), 0.0)
        if draws.chance(share):
            needs.add("paediatric-anaesthesia")
    return frozenset(needs)


def _items(draws: Draws, demand: Demand, programme: str, day: date) -> tuple[ClinicalItem, ...]:
    done = (day - timedelta(days=draws.whole(10, 40))).isoformat()
    procedure = demand.words.procedures[programme]
    blood = f"{draws.whole(88, 139)} г/л"
    cells = f"{draws.between(2.6, 9.8):.1f} ×10⁹/л"
    return (
        ClinicalItem("procedures", procedure, when=done, status="completed"),
        ClinicalItem("functional-status", f"ECOG {draws.whole(0, 2)}", when=day.isoformat()),
        ClinicalItem("results", "Гемоглобин", value=blood, when=day.isoformat()),
        ClinicalItem("results", "Лейкоциты", value=cells, when=day.isoformat()),
        ClinicalItem("allergies", "Аллергии не известны", absent=True)
        if draws.chance(0.8)
        else ClinicalItem("allergies", "Пенициллин", status="active"),
    )  # fmt: skip


def _facts(
    draws: Draws, demand: Demand, programme: ProgrammeDemand, entry: Indication, *,
    person: PersonFacts, required: tuple[str, ...], sent: datetime,
) -> ReferralFacts:  # fmt: skip
    day = sent.date()
    language = person.language if person.language in demand.words.questions else "ru"
    diagnosis = entry.names.get(language) or entry.names["ru"]
    kinds = [item for item in required if item in DOCUMENTS]
    operated = draws.chance(programme.surgery) or any(
        window.counted_from == "surgery" for window in entry.start_windows
    )
    born = person.birth_date or day
    age = (day - born).days / made_up.YEAR
    return ReferralFacts(
        person=person,
        programme=entry.programme,
        urgency=draws.weighted(programme.urgency),
        icd10=draws.one(entry.icd10),
        diagnosis_text=diagnosis,
        question=demand.words.questions[language].format(diagnosis=diagnosis),
        diagnosed_on=day - timedelta(days=draws.whole(12, 60)),
        surgery_on=day - timedelta(days=draws.whole(6, 21)) if operated else None,
        stage=demand.words.stages.get(entry.programme, "—" if "stage" in required else ""),
        needs=_needs(draws, demand, entry, age),
        fit_to_travel=True,
        companions=1 if age < MAJORITY_YEARS else draws.whole(0, 1),
        payer_wish=draws.weighted({"agreement": 0.7, "self-pay": 0.25, "insurance": 0.05}),
        consents=frozenset({"care", "transfer"} | ({"research"} if draws.chance(0.3) else set())),
        attachments=tuple(Attachment(kind, "") for kind in kinds),
        items=_items(draws, demand, entry.programme, day),
        requested_at=sent,
    )


def _incomplete(draws: Draws, facts: ReferralFacts) -> ReferralFacts:
    """The facts with some of what is asked still missing."""
    empty = ReferralFacts()
    gone = [name for name in LEFT_OUT if draws.chance(0.5)] or ["attachments"]
    return replace(facts, **{name: getattr(empty, name) for name in gone})


def _twin(person: PersonFacts, origin: Origin, serial: int) -> PersonFacts:
    """The same person as another hospital writes them: in Latin letters, with another passport."""
    names = tuple(n for n in person.names if n.script == "Latn") or person.names[:1]
    return replace(
        person, names=names[:1], identifiers=(made_up.passport(origin.country, serial),)
    )  # fmt: skip


def needs_visa(network: Snapshot, citizenship: str, programme: Programme) -> bool:
    """Whether the network's routes let nobody of this citizenship stay as long as it may take."""
    longest = programme.stay_days[1] if programme.stay_days else 0
    country = network.centres[programme.centre].country
    return citizenship != country and not any(
        route.kind == "visa-free" and (route.max_days is None or route.max_days >= longest)
        for route in network.visa_routes
        if route.citizenship == citizenship and route.destination == country
    )


def _programme(draws: Draws, demand: Demand) -> ProgrammeDemand:
    by_code = {p.programme: p for p in demand.programmes}
    return by_code[draws.weighted({code: p.weight for code, p in by_code.items()})]


def _patient(
    draws: Draws, demand: Demand, programme: ProgrammeDemand, entry: Indication,
    origin: Origin, *, child: bool, today: date, serial: int,
) -> PersonFacts:  # fmt: skip
    people: People = demand.peoples[draws.weighted(origin.peoples)]
    sex = demand.one_sex.get(entry.code, "")
    female = sex == "female" or (not sex and draws.chance(0.5))
    born = _born(draws, programme, entry, today, child=child)
    return made_up.person(
        draws, origin, people, born=born, female=female, today=today, serial=serial
    )  # fmt: skip


def case(
    demand: Demand, network: Snapshot, *, seed: int, serial: int, end: str, now: datetime
) -> Planned:
    """One case of the plan.

    Args:
        demand: the parameters.
        network: programmes and indications.
        seed: of the demonstration.
        serial: the case's place in the plan.
        end: how it ends.
        now: when the demonstration is loaded.
    """
    draws = Draws(seed, "case", serial)
    programme = _programme(draws, demand)
    origin = _origin(draws, demand, programme, end)
    child = draws.chance(programme.children)
    weights = programme.child_indications if child else programme.indications
    entry = network.indications[draws.weighted(weights)]
    patient = _patient(
        draws, demand, programme, entry, origin, child=child, today=now.date(), serial=serial
    )  # fmt: skip
    has = {name: draws.chance(share) for name, share in demand.shares.items()}
    late = has["late"]
    visa = needs_visa(network, origin.country, network.programmes[entry.programme])
    chosen = roads.words(end, has, glass=has["glass"], visa=visa)
    steps = roads.steps(Draws(seed, "road", serial), chosen, now, late=late, end=end)
    required = network.programmes[entry.programme].required
    facts = _facts(
        draws, demand, programme, entry, person=patient, required=required, sent=steps[0].at
    )
    if end == "incomplete":
        facts = _incomplete(draws, facts)
    key = f"{SENDER}|{serial:04d}"
    facts = replace(facts, sender_identifiers=(key,))
    attached = draws.one([a.kind for a in facts.attachments]) if facts.attachments else ""
    if attached and "attach" in chosen:
        rest = tuple(a for a in facts.attachments if a.kind != attached)
        facts = replace(facts, attachments=rest)
    return Planned(
        key, end, origin.organisation, facts, tuple(steps), attached, late and end in roads.LATE
    )


def _duplicates(cases: list[Planned], demand: Demand) -> list[Planned]:
    """Give each case that ends as a possible duplicate the person of an earlier case."""
    origins = {origin.organisation: origin for origin in demand.origins}
    models = [c for c in cases if c.end in {"in-panel", "in-treatment", "booked", "loop-closed"}]
    result = list(cases)
    twins = [index for index, c in enumerate(cases) if c.end == "duplicate"]
    for index, model in zip(twins, models, strict=False):
        twin = cases[index]
        person = _twin(model.facts.person, origins[twin.organisation], 5000 + index)
        papers = {a.kind for a in model.facts.attachments} | {model.attached} - {""}
        facts = replace(
            model.facts,
            person=person,
            attachments=tuple(Attachment(kind) for kind in sorted(papers)),
            sender_identifiers=twin.facts.sender_identifiers,
            requested_at=twin.facts.requested_at,
        )
        result[index] = replace(twin, facts=facts)
    return result


def plan(
    demand: Demand, network: Snapshot, *, seed: int, count: int, now: datetime
) -> tuple[Planned, ...]:
    """All cases of the demonstration, in order of their beginning; Aizada's is the first.

    Args:
        demand: the parameters of data/demand.
        network: the network on the day of loading.
        seed: the same seed, the same cases.
        count: how many cases, Aizada's included.
        now: when the demonstration is loaded; all dates are relative to it.
    """
    ends = _ends(demand, count - 1, seed)
    cases = [
        case(demand, network, seed=seed, serial=serial, end=end, now=now)
        for serial, end in enumerate(ends, start=2)
    ]
    cases = _duplicates(cases, demand)
    rest = sorted(cases, key=lambda c: (c.end == "duplicate", c.steps[0].at, c.key))
    key = f"{SENDER}|0001"
    facts, steps = aizada(now, key)
    return (Planned(key, "discharged", "osh-regional-hospital", facts, steps), *rest)
