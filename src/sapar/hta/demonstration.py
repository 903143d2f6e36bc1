"""What the demonstration has of assessments: one topic decided and published, one in work.

The published one is a worked example of the literature, so that every input has its source; the
one in work is the pack of protons for children, whose placeholders keep it from being decided.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from ruamel.yaml import YAML

from sapar.hta import actions, queries
from sapar.hta.gates import LANGUAGES
from sapar.hta.models import ReferenceCase, Topic
from sapar.hta.processes import schemes
from sapar.hta.work import answer
from sapar.kernel.accounts.demonstration import DOMAIN
from sapar.kernel.accounts.models import Organisation, User, actor_for
from sapar.kernel.actors import Actor
from sapar.kernel.demonstration import at, require_demonstration

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.demonstration import Tell

BODY = "ministry-kz"
PUBLISHED = "Which prosthesis for a new hip"
IN_WORK = "Protons for children with medulloblastoma"
COMMITTEE = ("committee", "committee-2", "committee-3")
AGO = timedelta(days=60)
"""So long ago the published topic was submitted."""
THRESHOLD = 12_000.0
"""What a QALY is judged to be worth in the example, in its own currency: for demonstration."""
ITEMS = {
    4: "The plan stands in the book from which the example is taken.",
    6: "Hospitals that replace hips.",
    8: "The health service that pays.",
    15: "Pounds, in the prices of the book.",
    21: "Nobody took part: it is an example.",
    25: "Nothing: nobody took part.",
    27: "Nobody paid: it is an example.",
}


def _by(local: str) -> Actor:
    return actor_for(User.objects.get(email=f"{local}@{DOMAIN}"))


def _reference(analyst: Actor) -> None:
    """The reference case of data/hta/reference, entries that are not there yet."""
    for path in sorted((settings.DATA / "hta" / "reference").glob("*.yaml")):
        found: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
        for row in found["entries"]:
            known = ReferenceCase.objects.filter(
                organisation__code=BODY, country=found["country"], key=row["key"],
                valid_from=row["valid_from"],
            )  # fmt: skip
            if found["country"] == analyst.country and not known.exists():
                actions.set_reference(by=analyst, **row)


def _run(analyst: Actor, version: UUID, document: str, kind: str, **options: Any) -> UUID:
    """A run with its answer at once: the demonstration waits for no worker."""
    run = actions.ask_run(by=analyst, version=version, kind=kind, options=options, seed=1)
    actions.finish_run(
        by=Actor.machine("demo"), run=run, result=answer(document, kind, options, 1),
        started_at=timezone.now(),
    )  # fmt: skip
    return run


def _submitted(who: str, title: str, **given: Any) -> UUID:
    body = Organisation.objects.get(code=BODY)
    topic = actions.submit_topic(by=_by(who), body=body.pk, title=title, process="kz", **given)
    analyst = _by("hta")
    actions.take_up(by=analyst, topic=topic)
    criteria = schemes()[-1].criteria
    for place, name in enumerate(COMMITTEE):
        values = {each: 1 + (place + n) % 3 for n, each in enumerate(criteria)}
        actions.score_topic(by=_by(name), topic=topic, values=values)
    actions.rank_topic(by=analyst, topic=topic)
    actions.open_scope(by=analyst, topic=topic)
    return topic


def _settle(topic: UUID, **content: Any) -> None:
    analyst = _by("hta")
    number = actions.propose_scope(by=analyst, topic=topic, content=content)
    actions.settle_scope(by=analyst, topic=topic, number=number)


def _appraised(topic: UUID, version: UUID, runs: list[UUID]) -> None:
    """The committee sits and votes."""
    members = [User.objects.get(email=f"{each}@{DOMAIN}").pk for each in COMMITTEE]
    appraisal = actions.open_appraisal(
        by=_by("hta"), topic=topic, model_version=version, runs=runs, members=members, quorum=2,
        held_on=timezone.localdate(),
    )  # fmt: skip
    reasons = dict.fromkeys(schemes()[-1].criteria, "As the dossier says.")
    for name in COMMITTEE:
        member = _by(name)
        if name == COMMITTEE[-1]:
            actions.declare(
                by=member, appraisal=appraisal, conflict="serious", interests="Advises a maker."
            )
            continue
        actions.declare(by=member, appraisal=appraisal, conflict="none")
        actions.vote(by=member, appraisal=appraisal, verdict="recommended", reasons=reasons)


def _published() -> None:
    """A topic from its submission to the register."""
    document = (settings.DATA / "hta" / "hip-replacement.yaml").read_text("utf-8")
    topic = _submitted(
        "clinician", PUBLISHED, technology="NP1 prosthesis", comparator="Standard prosthesis",
        condition="Arthrosis of the hip", icd=["M16.1"], population="Women of sixty years",
    )  # fmt: skip
    _settle(
        topic, population="Women of sixty years with arthrosis of the hip",
        intervention="NP1 prosthesis", comparators=["Standard prosthesis"],
        outcomes=["QALYs", "revisions"],
    )  # fmt: skip
    analyst, ministry = _by("hta"), _by("ministry")
    version = actions.save_version(by=analyst, document=document, topic=topic)
    study = actions.add_evidence(
        by=analyst, topic=topic, design="economic", supports=["p_operative", "p_rerevision"],
        citation="Briggs, Claxton, Sculpher: Decision Modelling for Health Economic Evaluation",
    )  # fmt: skip
    risk = {"identity": "low", "completeness": "some", "transfer": "high"}
    actions.appraise_evidence(
        by=analyst, evidence=study, risk=risk, certainty="low", why="Another country and time."
    )
    runs = [
        _run(analyst, version, document, "base"),
        _run(analyst, version, document, "psa", draws=500, thresholds=[THRESHOLD]),
        _run(analyst, version, document, "sensitivity", threshold=THRESHOLD),
    ]
    for item, text in ITEMS.items():
        actions.fill_item(by=analyst, topic=topic, item=item, text=text)
    actions.send_to_review(by=analyst, topic=topic)
    _appraised(topic, version, runs)
    today = timezone.localdate()
    decision = actions.decide(
        by=ministry, topic=topic, verdict="recommended", funded="np1", threshold=THRESHOLD,
        reasons=dict.fromkeys(schemes()[-1].criteria, "As the committee voted."),
        currency="GBP", valid_from=today, reassess_by=today + timedelta(days=3 * 365),
    )  # fmt: skip
    drafts = queries.draft_plain(analyst, decision)
    for language in LANGUAGES:
        actions.write_plain(by=analyst, decision=decision, language=language, text=drafts[language])
    actions.publish(by=ministry, decision=decision)


def _in_work() -> None:
    """A topic whose dossier is being written, with the pack of protons for children."""
    pack = settings.DATA / "hta" / "packs" / "proton-medulloblastoma.yaml"
    topic = _submitted(
        "clinician", IN_WORK, technology="Proton therapy", comparator="Photon therapy",
        condition="Medulloblastoma", icd=["C71.6"], population="Children of five years",
        programme="protons",
    )  # fmt: skip
    _settle(
        topic, population="Children with medulloblastoma after resection",
        intervention="Craniospinal protons", comparators=["Photons"],
        outcomes=["QALYs", "late effects"],
    )  # fmt: skip
    analyst = _by("hta")
    document = pack.read_text("utf-8")
    version = actions.save_version(by=analyst, document=document, topic=topic)
    _run(analyst, version, document, "base")


def load(tell: Tell) -> None:
    """Make the topics that are not there yet; a second run changes nothing.

    Raises:
        ConfigurationError: this is a production installation.
    """
    require_demonstration()
    _reference(_by("hta"))
    tell(1, 3)
    for place, (title, make) in enumerate(((PUBLISHED, _published), (IN_WORK, _in_work)), 2):
        if not Topic.objects.filter(title=title).exists():
            with at(timezone.now() - AGO):
                make()
        tell(place, 3)
