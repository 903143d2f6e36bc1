"""The cast: fixed people with fixed rights, the same in the tests of every room.

    from tests import cast

    by = cast.actor("aigul")          # an Actor with her roles, in her organisation
    client = cast.client("saule")     # a django.test.Client, signed in
    osh = cast.organisation("osh-regional-hospital")

Rows are made when they are first asked for; tests need `@pytest.mark.django_db`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.test import Client
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.accounts.extras import with_extras
from sapar.kernel.accounts.models import Membership, Organisation, User, actor_for
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from sapar.kernel.actors import Actor

PASSWORD = "correct horse battery staple"

ORGANISATIONS: dict[str, tuple[str, str, str, str]] = {
    # code: kind, country, time zone, English name
    "proton-astana": ("centre", "KZ", "Asia/Almaty", "Proton Centre"),
    "onco-haematology-astana": ("centre", "KZ", "Asia/Almaty", "Children's Onco-haematology"),
    "heart-surgery-astana": ("centre", "KZ", "Asia/Almaty", "Children's Heart Surgery"),
    "adult-oncology-almaty": ("centre", "KZ", "Asia/Almaty", "Adult Oncology"),
    "transplant-astana": ("centre", "KZ", "Asia/Almaty", "Transplant Centre"),
    "infectious-diseases-almaty": ("centre", "KZ", "Asia/Almaty", "Infectious Diseases Centre"),
    "mankent": ("sanatorium", "KZ", "Asia/Almaty", "Mankent"),
    "okzhetpes": ("sanatorium", "KZ", "Asia/Almaty", "Okzhetpes"),
    "osh-regional-hospital": ("hospital", "KG", "Asia/Bishkek", "Osh Regional Hospital"),
    "bishkek-national-hospital": ("hospital", "KG", "Asia/Bishkek", "National Hospital, Bishkek"),
    "tashkent-oncology": ("hospital", "UZ", "Asia/Tashkent", "Oncology Centre, Tashkent"),
    "dushanbe-national-centre": ("hospital", "TJ", "Asia/Dushanbe", "National Centre, Dushanbe"),
    "ministry-kz": ("ministry", "KZ", "Asia/Almaty", "Ministry of Health, Kazakhstan"),
    "ministry-kg": ("ministry", "KG", "Asia/Bishkek", "Ministry of Health, Kyrgyzstan"),
    "payer-kz": ("payer", "KZ", "Asia/Almaty", "Payer, Kazakhstan"),
    "payer-kg": ("payer", "KG", "Asia/Bishkek", "Payer, Kyrgyzstan"),
}


@dataclass(frozen=True)
class Part:
    """One of the cast: their name, where they act, in which roles, in which language."""

    full_name: str
    organisation: str = ""
    roles: tuple[Role, ...] = ()
    language: str = "ru"


CAST: dict[str, Part] = {
    "aigul": Part("Айгүл Токтосунова", "osh-regional-hospital", (Role.REFERRER,), "ky"),
    "bakyt": Part("Бакыт Асанов", "bishkek-national-hospital", (Role.REFERRER,), "ky"),
    "dilnoza": Part("Dilnoza Karimova", "tashkent-oncology", (Role.REFERRER,), "uz"),
    "saule": Part("Сәуле Ахметова", "proton-astana", (Role.COORDINATOR,), "kk"),
    "marat": Part("Марат Ибраев", "proton-astana", (Role.CLINICIAN,)),
    "timur": Part("Тимур Оспанов", "proton-astana", (Role.SCHEDULER,)),
    "askhat": Part("Асхат Нұрпейісов", "proton-astana", (Role.PHYSICIST,), "kk"),
    "dinara": Part("Динара Сағынтаева", "proton-astana", (Role.THERAPIST,), "kk"),
    "gulnar": Part("Гүлнар Сейітова", "payer-kz", (Role.FUNDING_OFFICER,), "kk"),
    "zarina": Part("Зарина Бекова", "payer-kg", (Role.FUNDING_OFFICER,), "ky"),
    "asel": Part("Әсел Нұрланова", "proton-astana", (Role.TRAVEL_DESK,), "kk"),
    "nurlan": Part("Нұрлан Жұмабаев", "okzhetpes", (Role.SANATORIUM,), "kk"),
    "kanat": Part("Қанат Әбенов", "ministry-kz", (Role.MINISTRY_ANALYST,), "kk"),
    "ainura": Part("Айнура Сыдыкова", "ministry-kg", (Role.MINISTRY_ANALYST,), "ky"),
    # Her right to speak for a patient is the people room's (PatientAccess), not a membership.
    "aizada_mother": Part("Гүлмира Мамытова", "", (), "ky"),
    "yerlan": Part("Ерлан Қасымов", "proton-astana", (Role.ADMINISTRATOR,), "kk"),
    "madina": Part("Мадина Сәрсенова", "proton-astana", (Role.DATA_PROTECTION_OFFICER,), "kk"),
    "stranger": Part("Иван Прохожий"),
    "almaty": Part("Алия Мұратова", "adult-oncology-almaty", (Role.COORDINATOR,), "kk"),
}


def organisation(code: str) -> Organisation:
    """The organisation with this code, made if it is not there yet."""
    kind, country, zone, name = ORGANISATIONS[code]
    with context.writing_as("fixture"):
        found, _ = Organisation.objects.get_or_create(
            code=code,
            defaults={
                "kind": kind,
                "country": country,
                "time_zone": zone,
                "names": {"en": name, "ru": name},
            },
        )
    return found


def user(name: str) -> User:
    """The account of one of the cast, with their memberships."""
    part = CAST[name]
    email = f"{name}@example.org"
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found
    with context.writing_as("fixture"):
        made = User.objects.create_user(
            email,
            PASSWORD,
            full_name=part.full_name,
            language=part.language,
            time_zone=ORGANISATIONS[part.organisation][2] if part.organisation else "Asia/Almaty",
        )
    for role in part.roles:
        member(made, part.organisation, role)
    return made


def member(
    account: User,
    code: str,
    role: Role,
    *,
    state: str = "approved",
    licence_expires: date | None = None,
) -> Membership:
    """Give an account a role; a referrer's licence is seen and holds for a year unless said."""
    referrer = role is Role.REFERRER
    approved = state == "approved"
    with context.writing_as("fixture"):
        return Membership.objects.create(
            user=account,
            organisation=organisation(code),
            role=role,
            state=state,
            vetted_at_organisation=organisation("proton-astana") if referrer else None,
            licence_number="L-1001" if referrer else "",
            licence_authority="Ministry of Health" if referrer else "",
            licence_expires=licence_expires
            or (timezone.localdate() + timedelta(days=365) if referrer else None),
            licence_seen=referrer and approved,
            approved_at=timezone.now() if approved else None,
        )


def actor(name: str) -> Actor:
    """Who they act as: the `by=` of an action."""
    account = user(name)
    return with_extras(account, actor_for(account))


def client(name: str) -> Client:
    """A browser in which they are signed in."""
    made = Client()
    made.force_login(user(name))
    return made


def everybody() -> dict[str, Actor]:
    """All actors of the cast by name."""
    return {name: actor(name) for name in CAST}
