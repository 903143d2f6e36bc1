"""The demonstration's logins: at least one for each role, all with one published password.

They are refused in production, three times: this loader does not run there, sign-in does not
take them (`adapters.signin`), and `sapar manage check --deploy` names them (`site.checks`). The
people are made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.accounts.models import Membership, Organisation, User
from sapar.kernel.demonstration import PASSWORD, require_demonstration
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from sapar.kernel.demonstration import Tell

DOMAIN = "sapar.example"
"""A domain that cannot exist (RFC 2606): no mail ever leaves for it."""
MOTHER = f"mother@{DOMAIN}"
"""Aizada's mother; her right to speak for the child comes with the case."""


@dataclass(frozen=True, slots=True)
class Login:
    """One person: the part of the address before @, the name, where, as what, in which language."""

    local: str
    full_name: str
    organisation: str
    roles: tuple[Role, ...]
    language: str

    @property
    def email(self) -> str:
        """The address they sign in with."""
        return f"{self.local}@{DOMAIN}"


_R = Role
LOGINS: tuple[Login, ...] = (
    # The first person of each role is the one that `sapar demo` prints.
    Login("referrer", "Айгүл Токтосунова", "osh-regional-hospital", (_R.REFERRER,), "ky"),
    Login("coordinator", "Сәуле Ахметова", "proton-astana", (_R.COORDINATOR,), "kk"),
    Login("clinician", "Марат Ибраев", "proton-astana", (_R.CLINICIAN,), "ru"),
    Login("scheduler", "Тимур Оспанов", "proton-astana", (_R.SCHEDULER,), "kk"),
    Login("physicist", "Асхат Нұрпейісов", "proton-astana", (_R.PHYSICIST,), "kk"),
    Login("therapist", "Динара Сағынтаева", "proton-astana", (_R.THERAPIST,), "kk"),
    Login("funding", "Гүлнар Сейітова", "payer-kz", (_R.FUNDING_OFFICER,), "kk"),
    Login("travel", "Әсел Нұрланова", "proton-astana", (_R.TRAVEL_DESK,), "kk"),
    Login("sanatorium", "Нұрлан Жұмабаев", "okzhetpes", (_R.SANATORIUM,), "kk"),
    Login("transplant", "Арман Тілеубаев", "transplant-astana", (_R.TRANSPLANT_COORDINATOR,), "kk"),
    Login("hta", "Дана Есенова", "ministry-kz", (_R.HTA_ANALYST,), "kk"),
    Login("committee", "Бауыржан Мұқанов", "ministry-kz", (_R.HTA_COMMITTEE,), "kk"),
    Login("procurement", "Ержан Серіков", "ministry-kz", (_R.PROCUREMENT_OFFICER,), "ru"),
    Login("medicines", "Меруерт Әбенова", "ministry-kz", (_R.MEDICINES_ASSESSOR,), "kk"),
    Login("inspector", "Виктор Соколов", "ministry-kz", (_R.GMP_INSPECTOR,), "ru"),
    Login("epidemiologist", "Назгүл Осмонова", "ministry-kg", (_R.EPIDEMIOLOGIST,), "ky"),
    Login("courses", "Алия Мұратова", "adult-oncology-almaty", (_R.COURSE_ORGANISER,), "kk"),
    Login("learner", "Эрлан Бектуров", "osh-regional-hospital", (_R.LEARNER,), "ky"),
    Login("ministry", "Қанат Әбенов", "ministry-kz", (_R.MINISTRY_ANALYST,), "kk"),
    Login("mother", "Гүлмира Мамытова", "", (), "ky"),
    Login("administrator", "Ерлан Қасымов", "proton-astana", (_R.ADMINISTRATOR,), "kk"),
    Login("protection", "Мадина Сәрсенова", "proton-astana", (_R.DATA_PROTECTION_OFFICER,), "en"),
    # Further people, so that every case has somebody on each side.
    Login("bishkek", "Бакыт Асанов", "bishkek-national-hospital", (_R.REFERRER,), "ky"),
    Login("tashkent", "Dilnoza Karimova", "tashkent-oncology", (_R.REFERRER,), "uz"),
    Login("dushanbe", "Фаррух Назаров", "dushanbe-national-centre", (_R.REFERRER,), "ru"),
    Login("almaty", "Ольга Ковалева", "adult-oncology-almaty", (_R.REFERRER,), "ru"),
    Login("zarina", "Зарина Бекова", "payer-kg", (_R.FUNDING_OFFICER,), "ky"),
    Login("ainura", "Айнура Сыдыкова", "ministry-kg", (_R.MINISTRY_ANALYST,), "ky"),
    Login("kg-procurement", "Улан Исаков", "ministry-kg", (_R.PROCUREMENT_OFFICER,), "ky"),
    Login("committee-2", "Әлия Нұрланова", "ministry-kz", (_R.HTA_COMMITTEE,), "kk"),
    Login("committee-3", "Ермек Қасымов", "ministry-kz", (_R.HTA_COMMITTEE,), "ru"),
    Login("mankent", "Жансая Серікова", "mankent", (_R.SANATORIUM,), "kk"),
    Login("osh-administrator", "Медет Маматов", "osh-regional-hospital", (_R.ADMINISTRATOR,), "ky"),
    Login("children", "Аружан Оспанова", "onco-haematology-astana", (_R.COORDINATOR,), "kk"),
    Login("children-doctor", "Дәурен Нұрланов", "onco-haematology-astana", (_R.CLINICIAN,), "kk"),
    Login("heart", "Айша Ибраева", "heart-surgery-astana", (_R.COORDINATOR,), "kk"),
    Login("heart-doctor", "Санжар Есенов", "heart-surgery-astana", (_R.CLINICIAN,), "ru"),
    Login("oncology", "Екатерина Смирнова", "adult-oncology-almaty", (_R.COORDINATOR,), "ru"),
    Login("oncology-doctor", "Алихан Мұқанов", "adult-oncology-almaty", (_R.CLINICIAN,), "kk"),
    Login("organs", "Томирис Ахметова", "transplant-astana", (_R.COORDINATOR,), "kk"),
    Login("organs-doctor", "Мирас Тілеубаев", "transplant-astana", (_R.CLINICIAN,), "kk"),
    Login("infections", "Анна Захарова", "infectious-diseases-almaty", (_R.COORDINATOR,), "ru"),
    Login("infections-doctor", "Олег Лебедев", "infectious-diseases-almaty", (_R.CLINICIAN,), "kk"),
)  # fmt: skip

AUTHORITIES = {
    "KG": "Кыргыз Республикасынын Саламаттык сактоо министрлиги",
    "UZ": "Oʻzbekiston Respublikasi Sogʻliqni saqlash vazirligi",
    "TJ": "Вазорати тандурустӣ ва ҳифзи иҷтимоии аҳолии Ҷумҳурии Тоҷикистон",
    "KZ": "Қазақстан Республикасының Денсаулық сақтау министрлігі",
}
"""Who licenses doctors, for the demonstration's licences."""
VETTED_AT = "proton-astana"
VETTED = timedelta(days=300)
"""So long ago the demonstration's people were approved."""
LICENCE = timedelta(days=900)


def _member(user: User, login: Login, role: Role, number: int) -> None:
    organisation = Organisation.objects.get(code=login.organisation)
    referrer = role is Role.REFERRER
    vetted_at = Organisation.objects.get(code=VETTED_AT) if referrer else None
    vetter = User.objects.get(email=f"coordinator@{DOMAIN}") if referrer else None
    Membership.objects.get_or_create(
        user=user,
        organisation=organisation,
        role=role.value,
        state=Membership.State.APPROVED,
        defaults={
            "approved_at": timezone.now() - VETTED,
            "approved_by": vetter,
            "valid_from": timezone.localdate() - VETTED,
            "vetted_at_organisation": vetted_at,
            "licence_number": f"DEMO-{organisation.country}-{number:04d}" if referrer else "",
            "licence_authority": AUTHORITIES.get(organisation.country, "") if referrer else "",
            "licence_expires": timezone.localdate() + LICENCE if referrer else None,
            "licence_seen": referrer,
        },
    )


def load(tell: Tell) -> None:
    """Make the logins that are not there yet; a second run changes nothing.

    Raises:
        ConfigurationError: this is a production installation.
    """
    require_demonstration()
    password = make_password(PASSWORD)  # once: it is the same for all, and slow by intention
    total = len(LOGINS)
    ordered = sorted(LOGINS, key=lambda login: login.local != "coordinator")
    with context.writing_as("demo"):
        users = {login.local: _user(login, password) for login in LOGINS}
        for done, login in enumerate(ordered):
            for role in login.roles:
                _member(users[login.local], login, role, done)
            tell(done + 1, total)


def _user(login: Login, password: str) -> User:
    zone = "Asia/Almaty"
    if login.organisation:
        zone = Organisation.objects.get(code=login.organisation).time_zone
    user, _created = User.objects.get_or_create(
        email=login.email,
        defaults={
            "full_name": login.full_name,
            "language": login.language,
            "time_zone": zone,
            "is_demonstration": True,
            "password": password,
        },
    )
    return user
