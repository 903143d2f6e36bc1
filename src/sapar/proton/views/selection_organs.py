"""The table organ by organ: dose under photons and protons, and what it does to the risks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.proton.data_files import knowledge
from sapar.proton.engine.selection.models.doses import OrganDose, measure, readable
from sapar.proton.views import words
from sapar.proton.views.dvh_charts import histogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.design.components import Meaning
    from sapar.proton.engine.selection.models.doses import DoseInput

SAYS: dict[str, tuple[Meaning, Any]] = {
    "spared": ("done", gettext_lazy("Spared")),
    "not-spared": ("stopped", gettext_lazy("Not for this organ")),
    "not-shown": ("waiting", gettext_lazy("Not shown")),
}
LEAST = 0.0005
"""Shares of a risk below a twentieth of a point are not listed."""
ORDER = {"organ": 0, "target": 1, "body": 2}


def organ_rows(
    answer: Mapping[str, Any],
    question: Mapping[str, Any],
    names: Mapping[str, str],
    asked: Sequence[str],
) -> list[dict[str, Any]]:
    """The rows: organs of the models first, then the other organs, then targets and the body.

    Args:
        answer: the document.
        question: with the histograms.
        names: of the complications, by id.
        asked: the structures that the models read.
    """
    place = {name: n for n, name in enumerate(asked)}
    shares = _shares(answer, names)
    readings = _readings(answer, question)
    rows = sorted(
        answer.get("organs", ()),
        key=lambda row: (row["organ"] not in place, ORDER[row["role"]],
                         place.get(row["organ"], 0), row["organ"]),
    )  # fmt: skip
    return [
        _row(row, row["organ"] in place, shares.get(row["organ"], []), readings) for row in rows
    ]


def _row(
    row: Mapping[str, Any],
    counts: bool,  # noqa: FBT001 - whether a model reads it
    shares: list[str],
    readings: Mapping[str, list[dict[str, str]]],
) -> dict[str, Any]:
    photon, proton = row["photon_mean_gy"], row["proton_mean_gy"]
    meaning, word = SAYS.get(row["says"] or "", ("", ""))
    sd, between = row["proton_sd_gy"], row["proton_scenarios_gy"]
    note = ""
    if between:
        note = _("{low} to {high} with errors").format(low=gy(between[0]), high=gy(between[1]))
    elif sd:
        # An estimate's error is symmetrical; no dose lies below zero.
        low, high = max(proton - 1.96 * sd, 0.0), proton + 1.96 * sd
        note = _("{low} to {high}, 95 %").format(low=gy(low), high=gy(high))
    return {
        "name": row["organ"],
        "role": row["role"],
        "counts": counts,
        "photon": gy(photon),
        "proton": "–" if proton is None else gy(proton),
        "note": note,
        "difference": "–" if proton is None else signed(photon - proton),
        "shares": shares,
        "readings": readings.get(row["organ"], []),
        "meaning": meaning,
        "word": word,
    }


def gy(value: float) -> str:
    """A dose with one decimal, also where it is whole: figures stand under each other."""
    return number_format(Decimal(str(value)).quantize(Decimal("0.1")), 1)


def signed(value: float) -> str:
    """A difference with its sign; what rounds to nothing has none."""
    text = gy(abs(value))
    if round(abs(value), 1) == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def _shares(answer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, list[str]]:
    """By organ: how many points of each complication that counts its dose takes off."""
    found: dict[str, list[str]] = {}
    for endpoint in answer.get("endpoints", ()):
        for each in endpoint["organs"]:
            if endpoint["counts"] and abs(each["share"]) >= LEAST:
                said = _("{what}: {points}").format(
                    what=names[endpoint["id"]], points=signed(100 * each["share"])
                )
                found.setdefault(each["organ"], []).append(said)
    return found


def _dose(kept: Mapping[str, Any] | None, name: str) -> OrganDose | None:
    curve = histogram(kept)
    if curve is None:
        return None
    return OrganDose(name, curve.mean_gy, curve, curve.maximum_gy, curve.total_cc)


def _readings(
    answer: Mapping[str, Any], question: Mapping[str, Any]
) -> dict[str, list[dict[str, str]]]:
    """By organ: what models read besides the mean, such as the volume above 60 Gy."""
    library, _protocols = knowledge()
    wanted: dict[DoseInput, None] = {}
    for endpoint in answer.get("endpoints", ()):
        for name in endpoint["models"]:
            model = library.models.get(name)
            inputs = model.inputs if model is not None else ()
            wanted |= dict.fromkeys(i for i in inputs if i.metric not in {"mean", "response"})
    photons = (question.get("photon") or {}).get("organs", {})
    protons = (question.get("proton") or {}).get("organs", {})
    fractions = question.get("fractions")
    found: dict[str, list[dict[str, str]]] = {}
    for asked in wanted:
        bare = replace(asked, transform="none")
        pair = [_dose(plan.get(asked.organ), asked.organ) for plan in (photons, protons)]
        if pair[0] is None:
            continue
        values = [
            words.decimal(float(measure(bare, dose, fractions)))
            if dose is not None and readable(bare, dose, fractions)
            else "–"
            for dose in pair
        ]
        line = {"what": reading_words(bare), "photon": values[0], "proton": values[1]}
        found.setdefault(asked.organ, []).append(line)
    return found


def reading_words(asked: DoseInput) -> str:
    """What is read: "volume above 60 Gy, %"."""
    if asked.metric == "volume-at":
        return _("volume with {gy} Gy or more, %").format(gy=words.decimal(asked.at))
    if asked.metric == "dose-at":
        share = words.decimal(100 * asked.at)
        return _("dose to the hottest {share} %, Gy").format(share=share)
    return _("generalised mean, a = {a}, Gy").format(a=words.decimal(asked.at))
