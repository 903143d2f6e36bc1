"""A comparison worked out from a study: its question, its answer, and the same again later.

Jobs, `sapar proton select` and the replay use it; what is heavy is imported where it is used. The
question is a document of its own (`sapar.selection/1`): an answer depends on nothing else.
"""

from __future__ import annotations

import functools
import hashlib
import math
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rfc8785
from django.conf import settings

from sapar.proton.engine.selection.plan import DoseType, Modality, Summation
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.plan import DoseGrid, Study
    from sapar.proton.engine.selection.rules.protocol import Protocols

SCHEMA = "sapar.selection/1"
DRAWS = 10_000
LIBRARIES = ("numpy", "scipy", "ruamel.yaml")
FILES = ("models", "protocols")
"""The data files that an answer depends on."""
DOSE_FILES = ("ct-curves", "planning", "calibration")
"""Those that an estimated or planned proton dose depends on: the question holds its histograms."""
PLANNING = "planning."
"""How the keys of a version's `lock` begin that come from the planning environment."""
ENVIRONMENT = f"{PLANNING}environment"
"""The key with the digest of the list of packages of that environment."""
SENT = Mark.VERIFIED
"""Of a dose as a planning system gave it: what stands against it are the findings of its study."""
SAFE = 1 << 53
"""Whole numbers up to here are the same as floats and in JSON (RFC 8785)."""


def text_of(name: str) -> str:
    """A data file of the selection, such as "models"."""
    return (settings.DATA / "proton" / "selection" / f"{name}.yaml").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=2)
def _read(models: str, protocols: str) -> tuple[Library, Protocols]:
    from sapar.proton.engine.selection.models.library import read_models  # noqa: PLC0415
    from sapar.proton.engine.selection.rules.protocol import read_protocols  # noqa: PLC0415

    library = read_models(models)
    return library, read_protocols(protocols, library)


def knowledge() -> tuple[Library, Protocols]:
    """The models and the protocols of this installation; read anew where a file has changed."""
    return _read(text_of("models"), text_of("protocols"))


@functools.cache
def engine_digest() -> str:
    """SHA-256 over the engine's files, names and text, in order of name."""
    folder = Path(__file__).parent / "engine" / "selection"
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    named = [(name, metadata.version(name)) for name in LIBRARIES]
    return (("python", platform.python_version()), ("machine", platform.machine()), *named)


def lock() -> dict[str, str]:
    """Versions of Python, the machine's kind and the libraries that count."""
    return dict(_versions())


def data_digests() -> dict[str, str]:
    """SHA-256 of each data file that an answer depends on."""
    return _digests(FILES)


def dose_digests() -> dict[str, str]:
    """SHA-256 of each data file that an estimated or planned proton dose depends on."""
    return _digests(DOSE_FILES)


def _digests(names: Sequence[str]) -> dict[str, str]:
    return {name: hashlib.sha256(text_of(name).encode()).hexdigest() for name in names}


def plain(value: Any) -> Any:
    """A value as JSON keeps it on every database: no negative zero, not-finite numbers as words.

    Keys are sorted: PostgreSQL keeps no order of its own, and an answer lists organs in order.
    """
    if isinstance(value, dict):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | str):
        return value
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, int):
        return number if abs(number) < SAFE else float(number)
    if isinstance(number, float):
        return number + 0.0 if math.isfinite(number) else str(number)
    return str(number)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON (RFC 8785): equal only if every number has the same bits."""
    return hashlib.sha256(rfc8785.dumps(plain(value))).hexdigest()


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

    A sum over several plans has no one prescription: a person says it.
    """
    dose = doses_of(study).photon
    if dose is not None and dose.summation is Summation.MULTI_PLAN:
        return None, None
    own = [plan for plan in study.plans if dose is not None and plan.uid == dose.plan_uid]
    photon = [plan for plan in study.plans if plan.modality is Modality.PHOTON]
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
    return {name: found.as_json() for name, found in _histograms(study, names, dose).items()}


def _histograms(study: Study, names: Mapping[str, str], dose: DoseGrid) -> dict[str, DoseVolume]:
    import dataclasses  # noqa: PLC0415

    from sapar.proton.engine.selection.assess.problem import NAMED  # noqa: PLC0415
    from sapar.proton.engine.selection.dvh.compute import histograms  # noqa: PLC0415 - heavy

    wanted = {}
    for structure in study.structures:
        name = names.get(structure.name, "")
        if NAMED.match(name) and structure.contours and name not in wanted:
            wanted[name] = structure
    planes: NDArray[np.float64] | None = study.image.grid.z if study.image is not None else None
    found = histograms(list(wanted.values()), dose, planes=planes)
    return {
        name: dataclasses.replace(each, name=name) for name, each in zip(wanted, found, strict=True)
    }


SCENARIO_BINS = 5
"""So many bins of a histogram become one where plans with errors are kept: there are many."""


def scenario_of(
    study: Study, names: Mapping[str, str], dose: DoseGrid
) -> dict[str, dict[str, Any]]:
    """As `histograms_of`, of a plan with an error: the organs of models alone, in wider bins."""
    library, _protocols = knowledge()
    wanted = {sent: name for sent, name in names.items() if name in library.structures}
    found = histograms_of(study, wanted, dose)
    for each in found.values():
        volumes = each["volume_cc"]
        each["volume_cc"] = [
            sum(volumes[n : n + SCENARIO_BINS]) for n in range(0, len(volumes), SCENARIO_BINS)
        ]
        edges = each["edges_gy"]
        each["edges_gy"] = [*edges[:-1:SCENARIO_BINS], edges[-1]]
    return found


class CannotCompareError(Exception):
    """The study does not give what a comparison needs; `problems` say what."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep what is wrong."""
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


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
    proton = {
        "organs": histograms_of(study, names, dose), "scenarios": [], "dose_sd_gy": {},
        "bias_gy": {}, "maximum_gy": highest(dose), "source": "submitted", "mark": str(SENT),
    }  # fmt: skip
    return proton, dose


def answer_to(document: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the engine to a question.

    Raises:
        BadProblemError: the question has mistakes.
    """
    from sapar.proton.engine.selection.assess.assess import assess  # noqa: PLC0415
    from sapar.proton.engine.selection.assess.problem import read_problem  # noqa: PLC0415

    library, protocols = knowledge()
    question = read_problem(plain(dict(document)), library, protocols)
    found: dict[str, Any] = plain(assess(question, library, protocols).as_json())
    return found


def checked(document: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, once the independent checker has derived it again in its own way.

    Raises:
        CannotCompareError: it finds something else: a fault of ours, and nothing is shown.
    """
    from sapar.proton.engine.selection.assess.verify import check  # noqa: PLC0415

    wrong = check(plain(dict(document)), answer, text_of("models"), text_of("protocols"))
    if wrong:
        raise CannotCompareError(wrong)
    return answer


@dataclass(frozen=True, slots=True)
class Replayed:
    """What working a version out again found.

    Attributes:
        same: the answer has the same bits.
        answer: SHA-256 of the answer now.
        same_engine, same_data, same_lock: whether engine, data files and libraries are the same.
        same_dose: whether the data files and the planning environment are the same from which the
            proton dose came. A replay begins at the question, which holds that dose already: where
            they differ its answer is the same, but a new comparison may get another dose.
        differences: the first paths at which the answers differ.
    """

    same: bool
    answer: str
    same_engine: bool
    same_data: bool
    same_lock: bool
    same_dose: bool
    differences: tuple[str, ...]


MOST_DIFFERENCES = 20


def differences(then: Any, now: Any, path: str = "") -> list[str]:
    """The paths at which two documents differ."""
    if isinstance(then, dict) and isinstance(now, dict):
        found = []
        for key in sorted({*then, *now}):
            below = f"{path}.{key}" if path else str(key)
            if key not in then or key not in now:
                found.append(below)
            else:
                found += differences(then[key], now[key], below)
        return found
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [each for n, (a, b) in pairs for each in differences(a, b, f"{path}[{n}]")]
    return [] if then == now and type(then) is type(now) else [path]


def _same_dose(record: Mapping[str, Any]) -> bool:
    """Whether what the proton dose of a record came from is here, too; True where it has none."""
    from sapar.proton.adapters.planning.environment import lock_digest  # noqa: PLC0415

    kept = {name: value for name, value in record["data"].items() if name in DOSE_FILES}
    now = dose_digests()
    planned = record["lock"].get(ENVIRONMENT)
    return all(now[name] == value for name, value in kept.items()) and planned in {
        None,
        lock_digest(),
    }


def replay(record: Mapping[str, Any]) -> Replayed:
    """Work a version out again from its record (`queries.selection.record_of`).

    Raises:
        CannotCompareError: its question is not the one of its digest.
        BadProblemError: this engine cannot read the question.
    """
    question = record["question"]
    if digest(question) != record["digests"]["question"]:
        raise CannotCompareError([Problem.of("proton.selection.record_changed", where="question")])
    now = answer_to(question)
    found = digest(now)
    return Replayed(
        found == record["digests"]["answer"],
        found,
        record["digests"]["engine"] == engine_digest(),
        {name: value for name, value in record["data"].items() if name not in DOSE_FILES}
        == data_digests(),
        {name: value for name, value in record["lock"].items() if not name.startswith(PLANNING)}
        == lock(),
        _same_dose(record),
        tuple(differences(record["answer"], now)[:MOST_DIFFERENCES]),
    )
