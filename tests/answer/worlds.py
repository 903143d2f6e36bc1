"""A small network for the engine's tests: two centres, three programmes, one agreement."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sapar.answer.engine.problem import IdentityState, Question
from sapar.booking.engine.places import FreeDay
from sapar.cases.engine.referral import Attachment, ReferralFacts
from sapar.network.engine.snapshot import (
    Accreditation,
    Agreement,
    Centre,
    Indication,
    Programme,
    Quota,
    Snapshot,
    StartWindow,
    Tariff,
    VisaRoute,
)
from sapar.people.engine.facts import (
    ContactFact,
    GuardianFact,
    IdentifierFact,
    NameFact,
    PersonFacts,
)
from sapar.values.marks import Mark, Source
from sapar.values.money import Money

TODAY = date(2026, 3, 2)
LAW = Source("Agreement of two ministries", date(2025, 11, 28), Mark.VERIFIED)
DEMO = Source("Demonstration", date(2026, 1, 1), Mark.DEMONSTRATION)
RUMOUR = Source("A newspaper", None, Mark.UNVERIFIED, who_can_tell="Ministry of Health")


def named(text: str) -> dict[str, str]:
    return dict.fromkeys(("kk", "ky", "uz", "ru", "en"), text)


PROTONS = Programme(
    code="protons",
    source=LAW,
    centre="proton-astana",
    names=named("Proton therapy"),
    specialty="proton-therapy",
    capacity_per_year=800,
    required=(
        "identity",
        "birth-date",
        "citizenship",
        "icd10",
        "urgency",
        "mri",
        "consent-transfer",
    ),
    needs=frozenset({"gantry"}),
    lead_days=14,
    stay_days=(42, 56),
    rehabilitation="rehabilitation-okzhetpes",
    letters=("acceptance", "estimate"),
)
REHABILITATION = Programme(
    code="rehabilitation-okzhetpes",
    source=LAW,
    centre="okzhetpes",
    names=named("Rehabilitation"),
    specialty="rehabilitation",
    min_age=4,
)
ADULTS = Programme(
    code="adult-oncology",
    source=LAW,
    centre="adult-oncology-almaty",
    names=named("Adult oncology"),
    specialty="adult-oncology",
    min_age=18,
    lead_days=7,
    stay_days=(30, 40),
)
MEDULLOBLASTOMA = Indication(
    code="medulloblastoma",
    source=LAW,
    programme="protons",
    icd10=("C71.6",),
    names=named("Medulloblastoma"),
    funded=True,
    max_age=25,
    needs=frozenset({"craniospinal"}),
    start_windows=(
        StartWindow(code="w1", source=LAW, urgency="", days=49, counted_from="surgery"),
    ),
    alternative="photons-at-home",
)
BRAIN = Indication(
    code="brain",
    source=LAW,
    programme="protons",
    icd10=("C71",),
    names=named("Brain tumour"),
    funded=True,
    start_windows=(StartWindow(code="w2", source=DEMO, urgency="urgent", days=30),),
)
LUNG = Indication(
    code="lung",
    source=LAW,
    programme="adult-oncology",
    icd10=("C34",),
    names=named("Lung"),
    funded=False,
)
LUNG_PROTONS = Indication(
    code="lung-protons", source=RUMOUR, programme="protons", icd10=("C34.1",), names=named("Lung")
)


def network(*, demonstration: bool = True, day: date = TODAY, **changes: object) -> Snapshot:
    fields: dict[str, object] = {
        "day": day,
        "demonstration": demonstration,
        "fingerprint": "f" * 64,
        "centres": {
            "proton-astana": Centre(
                code="proton-astana",
                source=LAW,
                names=named("Proton centre"),
                country="KZ",
                capabilities=frozenset({"gantry", "craniospinal", "paediatric-anaesthesia"}),
            ),
            "adult-oncology-almaty": Centre(
                code="adult-oncology-almaty", source=LAW, names=named("Oncology"), country="KZ"
            ),
            "okzhetpes": Centre(
                code="okzhetpes", source=LAW, names=named("Okzhetpes"), country="KZ"
            ),
        },
        "programmes": {p.code: p for p in (PROTONS, REHABILITATION, ADULTS)},
        "indications": {i.code: i for i in (MEDULLOBLASTOMA, BRAIN, LUNG, LUNG_PROTONS)},
        "accreditations": (
            Accreditation(
                code="jci",
                source=LAW,
                centre="proton-astana",
                scheme="JCI",
                valid_to=date(2027, 1, 1),
            ),
        ),
        "agreements": (
            Agreement(
                code="kg-kz",
                source=LAW,
                patient_country="KG",
                centre_country="KZ",
                payer="payer-kz",
                route="intergovernmental",
                programmes=("protons",),
                covers=frozenset({"treatment", "lodging", "companion"}),
                quotas=(Quota(code="kg-2026", source=LAW, programme="protons", places=20),),
                approval_days=10,
            ),
            Agreement(
                code="uz-kz",
                source=DEMO,
                patient_country="UZ",
                centre_country="KZ",
                payer="payer-uz",
                route="state-quota",
            ),
            Agreement(
                code="tj-kz",
                source=RUMOUR,
                patient_country="TJ",
                centre_country="KZ",
                payer="payer-tj",
                route="charity",
            ),
        ),
        "tariffs": (
            Tariff(
                code="t1",
                source=DEMO,
                programme="protons",
                item="treatment",
                amount=Money(Decimal(9_000_000), "KZT"),
                unit="course",
            ),
            Tariff(
                code="t2",
                source=DEMO,
                programme="protons",
                item="anaesthesia",
                amount=Money(Decimal(40_000), "KZT"),
                unit="session",
                typical_units=(28, 30),
            ),
            Tariff(
                code="t3",
                source=DEMO,
                programme="protons",
                item="companion-day",
                amount=Money(Decimal(12_000), "KZT"),
                unit="day",
            ),
            Tariff(
                code="t4",
                source=DEMO,
                programme="protons",
                item="rehabilitation-day",
                amount=Money(Decimal(30_000), "KZT"),
                unit="day",
                typical_units=(14, 21),
            ),
        ),
        "visa_routes": (
            VisaRoute(code="kg", source=LAW, citizenship="KG", destination="KZ", kind="visa-free"),
            VisaRoute(
                code="in",
                source=DEMO,
                citizenship="IN",
                destination="KZ",
                kind="digital",
                max_days=90,
                processing_days=5,
                documents=("invitation", "passport"),
            ),
            VisaRoute(
                code="tm",
                source=RUMOUR,
                citizenship="TM",
                destination="KZ",
                kind="consular",
                max_days=30,
            ),
        ),
    }
    return Snapshot(**(fields | changes))  # type: ignore[arg-type]


def aizada(**changes: object) -> ReferralFacts:
    """Aizada, 7, from Osh, operated on four weeks ago: everything that protons ask for."""
    fields: dict[str, object] = {
        "person": PersonFacts(
            names=(NameFact("Токтогулова", "Айзада", script="Cyrl"),),
            identifiers=(IdentifierFact("birth-certificate", "KG-123456", "KG"),),
            birth_date=date(2018, 6, 1),
            gender="female",
            citizenship="KG",
            residence="KG",
            language="ky",
            contacts=(ContactFact("phone", "+996555123456"),),
            guardians=(GuardianFact(NameFact("Токтогулова", "Гүлнара"), "MTH"),),
        ),
        "programme": "protons",
        "urgency": "urgent",
        "icd10": "C71.6",
        "diagnosis_text": "Медуллобластома",
        "question": "Craniospinal irradiation",
        "surgery_on": TODAY - timedelta(days=28),
        "needs": frozenset({"paediatric-anaesthesia"}),
        "fit_to_travel": True,
        "consents": frozenset({"care", "transfer"}),
        "attachments": (Attachment("mri"), Attachment("pathology")),
    }
    return ReferralFacts(**(fields | changes))  # type: ignore[arg-type]


def open_days(count: int = 120, *, first: int = 0, free: int = 2) -> tuple[FreeDay, ...]:
    days = [TODAY + timedelta(days=first + n) for n in range(count)]
    return tuple(FreeDay(d, free, free) for d in days if d.weekday() < 5)


def question(facts: ReferralFacts | None = None, **changes: object) -> Question:
    fields: dict[str, object] = {
        "facts": facts or aizada(),
        "snapshot": network(),
        "as_of": TODAY,
        "received_on": TODAY,
        "identity": IdentityState.NEW,
        "places": {"protons": open_days(), "adult-oncology": open_days()},
    }
    return Question(**(fields | changes))  # type: ignore[arg-type]
