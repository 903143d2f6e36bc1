"""A body of assessment with its people: analysts, a committee, the ministry, and somebody outside.

by = process_world.actor("dana")
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.test import Client

from sapar.hta import actions
from sapar.kernel import context
from sapar.kernel.accounts.models import User, actor_for
from sapar.kernel.jobs import worker
from sapar.kernel.roles import Role
from tests import cast

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

PEOPLE: dict[str, tuple[str, str, tuple[Role, ...]]] = {
    "dana": ("Дана Есенова", "ministry-kz", (Role.HTA_ANALYST,)),
    "arman": ("Арман Сейітов", "ministry-kz", (Role.HTA_ANALYST,)),
    "bauyrzhan": ("Бауыржан Мұқанов", "ministry-kz", (Role.HTA_COMMITTEE,)),
    "aliya": ("Әлия Нұрланова", "ministry-kz", (Role.HTA_COMMITTEE,)),
    "ermek": ("Ермек Қасымов", "ministry-kz", (Role.HTA_COMMITTEE,)),
    "zhanar": ("Жанар Ибраева", "ministry-kz", (Role.HTA_COMMITTEE,)),
    "kanat": ("Қанат Әбенов", "ministry-kz", (Role.MINISTRY_ANALYST,)),
    "gulmira": ("Гүлмира Оспанова", "ministry-kz", (Role.MINISTRY_ANALYST,)),
    "marat": ("Марат Ибраев", "proton-astana", (Role.CLINICIAN,)),
    "kyrgyz": ("Улан Исаков", "ministry-kg", (Role.HTA_ANALYST,)),
}
COMMITTEE = ("bauyrzhan", "aliya", "ermek", "zhanar")


def user(name: str) -> User:
    """The account, made when it is first asked for."""
    full_name, organisation, roles = PEOPLE[name]
    email = f"{name}@example.org"
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found
    with context.writing_as("fixture"):
        made = User.objects.create_user(
            email, cast.PASSWORD, full_name=full_name, language="ru", time_zone="Asia/Almaty"
        )
    for role in roles:
        cast.member(made, organisation, role)
    return made


def actor(name: str) -> Actor:
    """Who they act as."""
    return actor_for(user(name))


def client(name: str) -> Client:
    """A browser in which they are signed in."""
    made = Client()
    made.force_login(user(name))
    return made


MODEL = """
schema: sapar.hta.model/1
id: small
title: A small example
version: "1"
settings:
  {cycles: 20, cycle: 1 year, start_age: 40, within_cycle: half-cycle,
   discount: {costs: 0.03, effects: 0.03},
   currency: USD, price_year: 2019, perspective: payer}
strategies: {soc: Standard of care, b: Treatment B, ab: Both treatments}
parameters:
  p_die:
    {value: 0.1, distribution: "beta(a=100, b=900)", unit: "1", source: book, mark: verified}
  hr_B:
    {value: 0.6, distribution: "lognormal(meanlog=ln(0.6), sdlog=0.02)", unit: "1", source: book,
     mark: verified}
  u_S1:
    {value: 0.75, distribution: "beta(a=130, b=45)", unit: "1", source: book, mark: verified}
  u_A: {value: 0.95, unit: "1", source: book, mark: verified}
  c_A: {value: 14000, unit: USD/year, source: book, mark: verified}
  c_B: {value: 9000, unit: USD/year, source: book, mark: verified}
  on_A: {by_strategy: {soc: 0, b: 0, ab: 1}}
  on_B: {by_strategy: {soc: 0, b: 1, ab: 1}}
states: {S1: {label: Sick}, D: {label: Dead, dead: true}}
start: {S1: 1}
transitions: {S1: {D: "p_die * if(on_B, hr_B, 1)"}}
rewards:
  cost:
    {label: Costs, unit: USD, discount: costs, per: year, states: {S1: c_A * on_A + c_B * on_B}}
  qaly:
    {label: QALYs, unit: QALY, discount: effects, per: year, states: {S1: "if(on_A, u_A, u_S1)"}}
decision: {cost: cost, effect: qaly}
"""
"""At 60,000 for a QALY B is best; nothing pays below 48,711, both together from 70,000."""
ABOUT = """
about:
  plan: The plan of the analysis was written before it and stands in the topic.
  setting: Specialised hospitals in Kazakhstan.
  engagement: Two associations of patients read the question.
  engagement_effect: The utility of the treated was asked for.
  funding: The ministry's own budget.
"""
DOCUMENT = MODEL + ABOUT
# Half a QALY at 60,000: a complication less is worth 30,000; the course costs 3,000 more.
CHOOSING = """
eligibility:
  difference: normal(mean=0.08, sd=0.05)
  cost: 3000
  loss: 0.5
  threshold: 60000
"""
CRITERIA = ("burden", "alternatives", "clinical", "economic", "budget", "ethics")
REASONS = {name: f"what is said of {name}" for name in CRITERIA}
LANGUAGES = ("kk", "ky", "uz", "ru", "en")
PICO = {
    "population": "Adults who have fallen sick",
    "intervention": "Treatment B",
    "comparators": ["Standard of care"],
    "outcomes": ["QALYs", "deaths"],
}


def submitted(by: str = "marat", **more: Any) -> UUID:
    """A topic, submitted by a clinician outside."""
    given: dict[str, Any] = {
        "body": cast.organisation("ministry-kz").pk, "title": "Treatment B for the sick",
        "technology": "Treatment B", "condition": "Being sick", "icd": ["C71.6"],
        "population": "Adults who have fallen sick", "process": "kz",
    }  # fmt: skip
    return actions.submit_topic(by=actor(by), **{**given, **more})


def scored(**more: Any) -> UUID:
    """A topic with its place in the order of priority."""
    topic = submitted(**more)
    actions.take_up(by=actor("dana"), topic=topic)
    actions.score_topic(by=actor("bauyrzhan"), topic=topic, values=dict.fromkeys(CRITERIA, 2))
    actions.rank_topic(by=actor("dana"), topic=topic)
    return topic


def assessed(**more: Any) -> UUID:
    """A topic whose question is settled."""
    topic, dana = scored(**more), actor("dana")
    actions.open_scope(by=dana, topic=topic)
    number = actions.propose_scope(by=dana, topic=topic, content=PICO)
    actions.settle_scope(by=dana, topic=topic, number=number)
    return topic


def modelled(document: str = DOCUMENT, **more: Any) -> tuple[UUID, UUID, list[UUID]]:
    """A topic in review with its model and two runs: topic, version, runs."""
    topic, dana = assessed(**more), actor("dana")
    version = actions.save_version(by=dana, document=document, topic=topic)
    asked = {"draws": 20, "thresholds": [60_000]}
    runs = [
        actions.ask_run(by=dana, version=version, kind="base"),
        actions.ask_run(by=dana, version=version, kind="psa", options=asked, seed=7),
    ]
    worker.drain()
    actions.send_to_review(by=dana, topic=topic)
    return topic, version, runs


def sitting(
    document: str = DOCUMENT, *, quorum: int = 3, declare: bool = True, **more: Any
) -> tuple[UUID, UUID]:
    """A topic before its committee, where everybody has declared: topic and appraisal."""
    topic, version, runs = modelled(document, **more)
    appraisal = actions.open_appraisal(
        by=actor("dana"), topic=topic, model_version=version, runs=runs,
        members=[user(name).pk for name in COMMITTEE], quorum=quorum, held_on=date(2027, 3, 1),
    )  # fmt: skip
    for name in COMMITTEE if declare else ():
        actions.declare(by=actor(name), appraisal=appraisal, conflict="none")
    return topic, appraisal


def voted(document: str = DOCUMENT, *, verdict: str = "recommended", **more: Any) -> UUID:
    """A topic whose committee has voted."""
    topic, appraisal = sitting(document, **more)
    for name in COMMITTEE[:3]:
        actions.vote(by=actor(name), appraisal=appraisal, verdict=verdict, reasons=REASONS)
    return topic


def decided(document: str = DOCUMENT, *, topic: UUID | None = None, **more: Any) -> UUID:
    """A decision that is not published yet."""
    topic = voted(document) if topic is None else topic
    given: dict[str, Any] = {
        "verdict": "recommended", "reasons": REASONS, "threshold": 60_000.0, "currency": "USD",
        "valid_from": date(2027, 4, 1), "reassess_by": date(2030, 4, 1), "funded": "b",
    }  # fmt: skip
    return actions.decide(by=actor("kanat"), topic=topic, **{**given, **more})


def ready(document: str = DOCUMENT, **more: Any) -> UUID:
    """A decision with everything that its gates ask for."""
    decision = decided(document, **more)
    for language in LANGUAGES:
        actions.write_plain(
            by=actor("dana"), decision=decision, language=language, text=f"Plain words, {language}"
        )
    return decision


def published(document: str = DOCUMENT, **more: Any) -> UUID:
    """A decision in the public register."""
    decision = ready(document, **more)
    actions.publish(by=actor("kanat"), decision=decision)
    return decision
