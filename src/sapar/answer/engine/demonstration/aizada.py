"""Aizada, 7, from Osh: the demonstration's first case, told step by step (docs/mission).

She is made up. What is said of her disease and its treatment is an example and binds nobody.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sapar.answer.engine.demonstration.roads import Step, by_day
from sapar.cases.engine.referral import ClinicalItem, ReferralFacts
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)

if TYPE_CHECKING:
    from sapar.answer.engine.demonstration.roads import Given

BEGAN = 168
"""So many days before the demonstration is loaded, the referral was written."""

FILES = ("mri", "ct", "pathology", "operation-note", "blood-count", "passport")
"""What is attached to her referral, each as a stored file."""

_STORY: tuple[tuple[str, str, float, Given], ...] = (
    # who, what, days after the beginning
    ("referrer", "keep", 0, {}),
    *(("referrer", "attach", 0.02 + 0.01 * n, {"kind": kind}) for n, kind in enumerate(FILES)),
    ("referrer", "send", 0.1, {}),
    ("referrer", "access", 0.12, {"relation": "guardian"}),
    ("coordinator", "receive", 0.13, {}),
    ("coordinator", "consents", 0.2, {}),
    (
        "coordinator",
        "say",
        0.3,
        {"text": "Здравствуйте! Направление получено. Кто поедет с Айзадой?"},
    ),
    (
        "referrer",
        "say",
        0.5,
        {"text": "Энеси барат, паспорту бар. Кыз наркоз менен дарыланганда тынч болот."},
    ),
    ("coordinator", "start_triage", 0.6, {}),
    ("coordinator", "send_to_panel", 1.0, {}),
    (
        "clinician",
        "accept",
        1.6,
        {"text": "Показано краниоспинальное облучение протонами. Начать до конца окна."},
    ),
    ("coordinator", "give", 1.7, {}),
    ("coordinator", "hold_funding", 1.8, {}),
    ("coordinator", "apply_for_funding", 2.1, {}),
    ("payer", "approve_funding", 5.0, {"text": "По межправительственному соглашению."}),
    ("desk", "mark_visa_not_needed", 5.2, {}),
    ("scheduler", "hold_place", 5.4, {"days": 17}),
    ("scheduler", "confirm_place", 6.1, {}),
    (
        "coordinator",
        "say",
        6.2,
        {"text": "Место подтверждено. Письмо-приглашение отправлено семье."},
    ),
    ("desk", "record_departure", 20.5, {}),
    ("desk", "record_arrival", 21.1, {}),
    ("clinician", "admit", 21.4, {}),
    ("clinician", "start_treatment", 23.2, {}),
    (
        "stranger",
        "break_glass",
        30.0,
        {"text": "Ребёнок поступил ночью с температурой, нужны данные о лечении."},
    ),
    (
        "clinician",
        "interrupt_treatment",
        34.2,
        {"reason": "infection", "text": "Температура, ОРВИ."},
    ),
    ("clinician", "resume_treatment", 38.2, {}),
    ("clinician", "finish_treatment", 68.2, {"text": "Курс завершён полностью."}),
    ("clinician", "start_rehabilitation", 71.0, {"sanatorium": "okzhetpes"}),
    ("sanatorium", "say", 90.0, {"text": "Айзада ходит сама, настроение хорошее."}),
    (
        "sanatorium",
        "discharge",
        BEGAN - 2.4,
        {"text": "Выписка и план наблюдения отправлены в Ош."},
    ),
)


def aizada(now: datetime, key: str) -> tuple[ReferralFacts, tuple[Step, ...]]:
    """Her referral and her road until the summary went home; her doctor's receipt is awaited.

    Args:
        now: when the demonstration is loaded.
        key: the sender's identifier.
    """
    start = now - timedelta(days=BEGAN)
    day = start.date()
    steps = [
        _step(who, what, start + timedelta(days=after), given, now)
        for who, what, after, given in _STORY
    ]
    return _facts(day, start, key), tuple(steps)


def _step(who: str, what: str, at: datetime, given: Given, now: datetime) -> Step:
    return Step(who, what, by_day(at, now), given)


def _person(day: date) -> PersonFacts:
    born = date(day.year - 7, 3, 14)
    if (day.month, day.day) < (3, 14):
        born = date(day.year - 8, 3, 14)
    mother = GuardianFact(
        name=NameFact("Мамытова", "Гүлмира", "Асановна", "Cyrl", "official"),
        relationship="MTH",
        contacts=(ContactFact("phone", "+996555000001", "mobile"),),
        guardian=True,
        companion=True,
    )
    return PersonFacts(
        names=(
            NameFact("Мамытова", "Айзада", "Нурлановна", "Cyrl", "official"),
            NameFact("Mamytova", "Aizada", "", "Latn", "transliterated"),
        ),
        identifiers=(
            IdentifierFact("kg-pin", f"1{born:%d%m%Y}00017", "KG"),
            IdentifierFact("passport", "AC9000001", "KG"),
        ),
        birth_date=born,
        gender="female",
        citizenship="KG",
        residence="KG",
        city="Ош",
        language="ky",
        guardians=(mother,),
    )


def _facts(day: date, start: datetime, key: str) -> ReferralFacts:
    operated = day - timedelta(days=12)
    return ReferralFacts(
        person=_person(day),
        programme="protons",
        urgency="urgent",
        icd10="C71.6",
        diagnosis_text="Медуллобластома, операциядан кийин",
        question=(
            "Айзада 7 жашта, медуллобластома, операциядан кийинки абал. "
            "Жүлүн-мээге протон менен нурлантуу мүмкүнбү? Бизде бул дарылоо жок."
        ),
        diagnosed_on=day - timedelta(days=25),
        surgery_on=operated,
        stage="M0, калдыгы 1,5 см²дан аз",
        needs=frozenset({"craniospinal", "paediatric-anaesthesia"}),
        fit_to_travel=True,
        companions=1,
        payer_wish="agreement",
        consents=frozenset({"care", "transfer"}),
        items=(
            ClinicalItem(
                "procedures",
                "Арткы чуңкурдагы шишикти алып салуу",
                when=operated.isoformat(),
                status="completed",
            ),
            ClinicalItem("functional-status", "Lansky 80", when=day.isoformat()),
            ClinicalItem("medications", "Дексаметазон", value="2 мг", status="active"),
            ClinicalItem("allergies", "Аллергиясы жок", absent=True),
            ClinicalItem("results", "Гемоглобин", value="118 г/л", when=day.isoformat()),
            ClinicalItem("results", "Лейкоциты", value="6.4 ×10⁹/л", when=day.isoformat()),
        ),
        requested_at=start,
        sender_identifiers=(key,),
    )
