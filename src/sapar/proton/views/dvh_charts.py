"""Dose-volume histograms, photon against proton: one small chart an organ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from sapar.design.charts import Axis, Line, LineChart, line_chart
from sapar.design.charts.scale import round_ticks
from sapar.proton.engine.selection.dvh.histogram import DoseVolume
from sapar.proton.views import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.safestring import SafeString

POINTS = 90
"""So many points of a curve are drawn; the figures beside it are of the whole histogram."""
HEIGHT = 132
QUARTERS = (0.0, 0.5, 1.0)


def histogram(document: Mapping[str, Any] | None) -> DoseVolume | None:
    """The histogram of an organ as a question keeps it, or None where only its mean is known."""
    if document is None or "edges_gy" not in document:
        return None
    return DoseVolume.from_json({"minimum_gy": 0.0, "covered": 1.0, **document})


def points_of(curve: DoseVolume, most: float) -> tuple[tuple[float, float], ...]:
    """Points of the cumulative curve: (dose in Gy, share of the volume with at least it)."""
    whole = curve.measured_cc or 1.0
    doses = np.linspace(0.0, most, POINTS)
    shares = np.interp(doses, curve.edges_gy, curve.cumulative() / whole, left=1.0, right=0.0)
    return tuple((float(d), float(s)) for d, s in zip(doses, shares, strict=True))


def chart(
    key: str, name: str, photon: DoseVolume | None, proton: DoseVolume | None, most: float
) -> SafeString:
    """The curves of one organ, as a share of its volume.

    Args:
        key: unique on the page.
        name: of the organ.
        photon: its histogram, or None.
        proton: the same of the other plan.
        most: where the dose axis ends, Gy; the same for all organs, so that they can be compared.
    """
    lines = []
    if photon is not None:
        lines.append(Line(_("Photons"), points_of(photon, most)))
    if proton is not None:
        lines.append(Line(_("Protons"), points_of(proton, most), "dashed"))
    ticks = tuple((tick, words.decimal(tick)) for tick in round_ticks(0.0, most, 4) if tick <= most)
    shares = tuple((each, f"{round(100 * each)} %") for each in QUARTERS)
    return line_chart(
        LineChart(
            key,
            _("{organ}: share of the volume by dose").format(organ=name),
            Axis(0.0, most, ticks, _("Dose, Gy")),
            Axis(0.0, 1.0, shares, _("Share of the volume")),
            tuple(lines),
            height=HEIGHT,
            described_by="organs",
        )
    )


def names(*, proton: bool) -> SafeString:
    """Which stroke is which, once for all charts."""
    found = [(_("Photons"), "curve")] + ([(_("Protons"), "curve dashed")] if proton else [])
    return format_html(
        '<ul class="chart-names">{}</ul>',
        format_html_join(
            "",
            '<li><svg width="32" height="12" aria-hidden="true" focusable="false">'
            '<path class="{}" d="M0 6h32"/></svg>{}</li>',
            ((look, name) for name, look in found),
        ),
    )


def charts(question: Mapping[str, Any], organs: Sequence[str]) -> list[dict[str, Any]]:
    """Charts of these organs, in this order; an organ without any histogram is left out.

    Args:
        question: the document, with the organs of both plans.
        organs: TG-263 names.
    """
    photons = (question.get("photon") or {}).get("organs", {})
    protons = (question.get("proton") or {}).get("organs", {})
    pairs = [(name, histogram(photons.get(name)), histogram(protons.get(name))) for name in organs]
    tops = [curve.maximum_gy for _name, *both in pairs for curve in both if curve is not None]
    most = max(round_ticks(0.0, max([*tops, 1.0]), 4))
    return [
        {"name": name, "chart": chart(f"dvh-{n}", name, photon, proton, most)}
        for n, (name, photon, proton) in enumerate(pairs)
        if photon is not None or proton is not None
    ]
