"""From a study to the question of a comparison, and to its answer.

Jobs, `sapar proton select` and the replay use it; what is heavy is imported where it is used. The
question is a document of its own (`sapar.selection/1`): an answer depends on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from sapar.kernel.rerun.canonical import plain
from sapar.proton.data_files import data_digests, knowledge, text_of
from sapar.proton.engine.selection.assess.spared import TARGETS
from sapar.proton.engine.selection.assess.structures import BODIES
from sapar.proton.engine.selection.plan import DoseType, Modality, Summation
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.selection.plan import DoseGrid, Study

SCHEMA = "sapar.selection/1"
DRAWS = 10_000
SENT = Mark.VERIFIED
"""Of a dose as a planning system gave it: what stands against it are the findings of its study."""
WHOLE = 0.999
"""From this share within the dose grid on a structure is wholly in it; the rest is rounding."""
SCENARIO_BINS = 5
"""So many bins of a histogram become one where plans with errors are kept: there are many."""


class CannotCompareError(Exception):
    """The study does not give what a comparison needs; `problems` say what."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep what is wrong."""
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


def highest(dose: DoseGrid) -> float:
    """The highest dose of a grid, Gy: the bound for an organ that was not sent."""
    return round(float(dose.gy.max()), 6)


@dataclass(frozen=True, slots=True, eq=False)
class Doses:
    """The doses of a study that are compared.

    Attributes:
        photon: the plan sum of the photon plan, or None where it was not sent.
        submitted: the plan sum of a proton plan that was sent with it, or None.
    """

    photon: DoseGrid | None
    submitted: DoseGrid | None


def doses_of(study: Study) -> Doses:
    """The photon plan's dose, and a proton plan's where one was sent.

    A plan sum whose modality nobody knows counts as photon where it is a physical dose: it is what
    is asked for, and proton plans say what they are or have an RBE in their numbers.
    """
    sums = [d for d in study.doses if d.summation in {Summation.PLAN, Summation.MULTI_PLAN}]
    protons = [d for d in sums if d.modality is Modality.PROTON]
    others = [
        d
        for d in sums
        if d.modality is Modality.PHOTON
        or (d.modality is Modality.UNKNOWN and d.dose_type is DoseType.PHYSICAL)
    ]
    others.sort(key=lambda dose: dose.modality is not Modality.PHOTON)
    return Doses(others[0] if others else None, protons[0] if protons else None)


def prescribed(study: Study) -> tuple[float | None, int | None]:
    """What the plan of the photon dose says: the prescription in Gy and the fractions, or None.

    A sum over several plans has no one prescription, and of a plan that was not sent it is not
    known: a person says it.
    """
    dose = doses_of(study).photon
    if dose is not None and dose.summation is Summation.MULTI_PLAN:
        return None, None
    own = [plan for plan in study.plans if dose is not None and plan.uid == dose.plan_uid]
    photon = [plan for plan in study.plans if plan.modality is Modality.PHOTON]
    if dose is not None and dose.plan_uid and not own:
        photon = []  # it is of a plan that was not sent
    plan = next(iter(own or (photon if len(photon) == 1 else [])), None)
    return (plan.prescription_gy or None, plan.fractions or None) if plan else (None, None)


def histograms_of(
    study: Study, names: Mapping[str, str], dose: DoseGrid
) -> dict[str, dict[str, Any]]:
    """The histogram of every named structure by its TG-263 name, as JSON.

    Args:
        study: with structures as sent.
        names: TG-263 name of each name as sent; where two bear one name, the first counts.
        dose: of the whole course.
    """
    from sapar.proton.engine.selection.assess.problem import NAMED  # noqa: PLC0415 - heavy
    from sapar.proton.engine.selection.dvh.compute import histograms  # noqa: PLC0415 - the same

    wanted = {}
    for structure in study.structures:
        name = names.get(structure.name, "")
        if NAMED.match(name) and structure.contours and name not in wanted:
            wanted[name] = structure
    planes = study.image.grid.z if study.image is not None else None
    found = histograms(list(wanted.values()), dose, planes=planes)
    return {
        name: replace(each, name=name).as_json() for name, each in zip(wanted, found, strict=True)
    }


def scenario_of(
    study: Study, names: Mapping[str, str], dose: DoseGrid
) -> dict[str, dict[str, Any]]:
    """As `histograms_of`, of a plan with an error: organs of models in wider bins, else the mean.

    Whether an organ is spared is asked of every organ, so each has its mean dose here.
    """
    library, _protocols = knowledge()
    apart = (*TARGETS, *BODIES)
    wanted = {sent: name for sent, name in names.items() if name and not name.startswith(apart)}
    found = histograms_of(study, wanted, dose)
    return {
        name: _widened(each)
        if name in library.structures or each["covered"] < WHOLE
        else {"mean_gy": each["mean_gy"], "total_cc": each["total_cc"]}
        for name, each in found.items()
    }


def _widened(histogram: dict[str, Any]) -> dict[str, Any]:
    """The same in wider bins."""
    volumes, edges = histogram["volume_cc"], histogram["edges_gy"]
    return {
        **histogram,
        "volume_cc": [
            sum(volumes[n : n + SCENARIO_BINS]) for n in range(0, len(volumes), SCENARIO_BINS)
        ],
        "edges_gy": [*edges[:-1:SCENARIO_BINS], edges[-1]],
    }


def with_age_in_doubt(
    given: Mapping[str, Any], sent: int | None
) -> tuple[dict[str, Any], list[Problem]]:
    """What was given, with the age that counts where the study's files say another; what is told.

    Models of adults never decide for a child. Where only the files say that the patient is one, the
    age counts as unknown, so that they decide nothing; where only the case says so, it stays one.

    Args:
        given: as of `question_of`.
        sent: years, as the files say; None where they do not, or do not contradict.
    """
    from sapar.proton.engine.selection.assess.problem import ADULT  # noqa: PLC0415 - heavy

    patient = dict(given.get("patient", {}))
    known = given.get("age") if given.get("age") is not None else patient.get("age")
    if not isinstance(known, int | float) or sent is None or (known < ADULT) == (sent < ADULT):
        return dict(given), []
    told = Problem.of("proton.selection.age_in_doubt", fatal=False, sent=sent, known=int(known))
    if known < ADULT:
        return dict(given), [told]
    patient.pop("age", None)
    return {**given, "age": None, "patient": patient}, [told]


def question_of(
    study: Study,
    names: Mapping[str, str],
    given: Mapping[str, Any],
    *,
    seed: int = 1,
    draws: int = DRAWS,
) -> dict[str, Any]:
    """The document of a question, as far as the photon plan goes; stage 0.

    Args:
        study: with its photon dose.
        names: TG-263 name of each structure as sent.
        given: `site`, `protocol`, `child`, `age`, `patient`; `prescription_gy` and `fractions`
            where the plan does not say.
        seed: of the draws.
        draws: how many.

    Raises:
        CannotCompareError: there is no photon dose, or nobody knows the prescription.
    """
    dose = doses_of(study).photon
    if dose is None:
        raise CannotCompareError([Problem.of("proton.selection.no_photon", where="dose")])
    gy, fractions = prescribed(study)
    gy = given.get("prescription_gy") or gy
    fractions = given.get("fractions") or fractions
    missing = [name for name, value in (("dose", gy), ("fractions", fractions)) if not value]
    if missing:
        raise CannotCompareError(
            [Problem.of("proton.selection.no_prescription", where="plan", value=missing[0])]
        )
    return {
        "schema": SCHEMA,
        "site": given.get("site", ""),
        **({"protocol": given["protocol"]} if given.get("protocol") else {}),
        "child": bool(given.get("child", False)),
        "age": given.get("age"),
        "patient": dict(given.get("patient", {})),
        "fractions": int(fractions or 0),
        "prescription_gy": float(gy or 0.0),
        "seed": seed,
        "draws": draws,
        "stage": "zero",
        "demonstration": bool(settings.DEMONSTRATION),
        "photon": {
            "organs": histograms_of(study, names, dose),
            "maximum_gy": highest(dose),
            "source": "submitted",
            "mark": str(SENT),
        },
        "proton": None,
        "data": data_digests(),
    }


def with_submitted(
    document: Mapping[str, Any], study: Study, names: Mapping[str, str]
) -> tuple[dict[str, Any], DoseGrid]:
    """The question with the referrer's own proton plan, and its effective dose.

    Raises:
        CannotCompareError: none was sent, or its dose type cannot be read.
    """
    sent = doses_of(study).submitted
    if sent is None:
        raise CannotCompareError([Problem.of("proton.selection.no_proton", where="dose")])
    proton, dose = submitted_part(study, names, sent)
    return {**document, "stage": "submitted", "proton": proton}, dose


def submitted_part(
    study: Study, names: Mapping[str, str], sent: DoseGrid
) -> tuple[dict[str, Any], DoseGrid]:
    """The part `proton` of a question for a proton dose that was sent, and its effective dose.

    Args:
        study: whose structures count.
        names: TG-263 name of each of them.
        sent: the plan sum, with or without its RBE, as its type says.
    """
    from sapar.proton.engine.selection.estimate.rbe import effective  # noqa: PLC0415

    dose = effective(sent)
    return proton_part(histograms_of(study, names, dose), dose, "submitted", SENT), dose


def proton_part(
    organs: Mapping[str, Any], dose: DoseGrid, source: str, mark: Mark, **errors: Any
) -> dict[str, Any]:
    """The part `proton` of a question.

    Args:
        organs: histograms by TG-263 name, as JSON.
        dose: that they are of, Gy(RBE).
        source: "estimate", "plan" or "submitted".
        mark: of the dose.
        **errors: `scenarios`, `dose_sd_gy`, `bias_gy`, where it has some.
    """
    return {
        "organs": dict(organs), "scenarios": [], "dose_sd_gy": {}, "bias_gy": {},
        "maximum_gy": highest(dose), "source": source, "mark": str(mark), **errors,
    }  # fmt: skip


def answer_to(document: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the engine to a question.

    Raises:
        BadProblemError: the question has mistakes.
    """
    from sapar.proton.engine.selection.assess.assess import assess  # noqa: PLC0415
    from sapar.proton.engine.selection.assess.problem import read_problem  # noqa: PLC0415

    library, protocols = knowledge()
    question = read_problem(plain(dict(document), sort=True), library, protocols)
    found: dict[str, Any] = plain(assess(question, library, protocols).as_json(), sort=True)
    return found


def checked(document: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, once the independent checker has derived it again in its own way.

    Raises:
        CannotCompareError: it finds something else: a fault of ours, and nothing is shown.
    """
    from sapar.proton.engine.selection.assess.verify import check  # noqa: PLC0415

    wrong = check(plain(dict(document), sort=True), answer, text_of("models"), text_of("protocols"))
    if wrong:
        raise CannotCompareError(wrong)
    return answer
