"""Foretold against observed complications: the plot, the table beside it, and the table as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sapar.design.charts import Cloud, Curve, Drawing, Guide, Plot, figure, plot
from sapar.design.charts.lines import Axis
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of, signed_in
from sapar.kernel.languages import formats, phrases
from sapar.kernel.roles import Role
from sapar.proton import source_words
from sapar.proton.policy import Permission
from sapar.proton.queries.outcome_data import library
from sapar.proton.queries.predictions import compared, foretold
from sapar.proton.views import outcome_words as words
from sapar.proton.views.desk import rail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from sapar.kernel.actors import Actor
    from sapar.proton.engine.outcomes.calibration import Bin, Calibration, Interval
    from sapar.proton.queries.predictions import AtBaseline, Compared

TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
CLINICAL = frozenset({Role.CLINICIAN, Role.PHYSICIST})
HEIGHT = 320
WIDEST = 2.0
"""An interval of the calibration in the large wider than this, in log odds, says nothing."""


def _read(request: HttpRequest) -> tuple[Actor, str, bool, tuple[Compared, ...]]:
    """Who reads, which group of sites, whether small cells are hidden, and what was compared.

    The people of a centre see their own patients in full; everybody else all centres together,
    without small cells.
    """
    actor = actor_of(request)
    policy.require(actor, Permission.COUNT_OUTCOMES)
    own = bool(actor.roles & CLINICAL) and actor.organisation_id is not None
    group = request.GET.get("group", "")
    if group not in {*library().fields.groups, "general"}:
        group = ""
    rows = foretold(actor.organisation_id if own else None)
    return actor, group, not own, compared(rows, shared=not own, group=group)


@require_safe
@signed_in
def calibration(request: HttpRequest) -> HttpResponseBase:
    """One plot for each endpoint, by group of sites; a table with the same figures under each."""
    actor, group, shared, found = _read(request)
    groups = [("", _("All sites"))]
    groups += [(code, words.group(code)) for code in (*library().fields.groups, "general")]
    page = {
        "lists": rail(actor, "proton:outcomes") if policy.can(actor, Permission.VIEW) else [],
        "groups": groups,
        "group": group,
        "narrowed": bool(group),
        "shared": shared,
        "parts": [_part(place, each) for place, each in enumerate(found)],
        "source": source_words.shown(library().sources["endpoints"].title),
        "csv": urlencode({"group": group}) if group else "",
    }
    return render(request, "proton/calibration.html", page)


def _percent(share: float) -> str:
    return f"{formats.number(Decimal(str(round(100 * share, 1))))} %"


def _number(value: float) -> str:
    return formats.number(Decimal(str(round(value, 2))))


def _interval(found: Interval | None) -> str:
    if found is None:
        return ""
    span = _("{value} (95 % interval {low} to {high})")
    return span.format(value=_number(found.value), low=_number(found.low), high=_number(found.high))


def _part(place: int, each: Compared) -> dict[str, Any]:
    fit = each.calibration
    key = f"calibration-{place}"
    return {
        "key": key,
        "title": words.endpoint(each.endpoint.id),
        "suppressed": fit.suppressed,
        "nobody": not fit.suppressed and not fit.count,
        "chart": figure(_drawing(key, each)) if fit.bins else "",
        "count": formats.number(fit.count),
        "events": formats.number(fit.events),
        "expected": formats.number(Decimal(str(round(fit.expected, 1)))),
        "in_the_large": _interval(fit.in_the_large),
        "slope": _interval(fit.slope),
        "said": _said(fit),
        "models": ", ".join(each.models),
        "unknown": formats.number(each.unknown) if each.unknown else "",
        "asks": each.asks,
        "before": _before(each.at_baseline),
        "bins": [_bin(one) for one in fit.bins],
    }


def _before(found: AtBaseline | None) -> list[dict[str, str]]:
    """Who had it before treatment: a line for each kind of which there is anybody."""
    if found is None:
        return []
    kinds = (("left-out", found.left_out), ("kept", found.kept), ("unknown", found.unknown))
    return [
        {
            "what": phrases.word(f"proton.outcome.before.{kind}"),
            "count": formats.number(some.count),
            "events": formats.number(some.events),
            "expected": formats.number(Decimal(str(round(some.expected, 1)))),
        }
        for kind, some in kinds
        if some.count
    ]


def _said(fit: Calibration) -> str:
    """What the numbers say, in one sentence, and no more than they do."""
    large = fit.in_the_large
    if large is None or large.high - large.low > WIDEST:
        return _("There is too little to say whether the predictions fit.")
    if large.low > 0:
        return _("More patients had it than was foretold.")
    if large.high < 0:
        return _("Fewer patients had it than was foretold.")
    if fit.slope is not None and fit.slope.high < 1:
        return _("As many had it as was foretold, but the predictions are too extreme.")
    return _("What was foretold and what happened agree within the intervals.")


def _bin(one: Bin) -> dict[str, str]:
    ends = dict.fromkeys((_percent(one.lowest), _percent(one.highest)))
    return {
        "range": " – ".join(ends),
        "count": formats.number(one.count),
        "predicted": _percent(one.predicted),
        "observed": _percent(one.observed.value),
        "interval": f"{_percent(one.observed.low)} – {_percent(one.observed.high)}",
    }


def _drawing(key: str, each: Compared) -> Drawing:
    """The plot, with one entry for all its points in the list below it."""
    drawn = plot(_plot(key, each))
    return replace(drawn, names=tuple(entry for entry in drawn.names if entry.name))


def _plot(key: str, each: Compared) -> Plot:
    """Observed over predicted: a whisker and a shape for each group, and the line of equality."""
    bins = each.calibration.bins
    ticks = tuple((tick, _percent(tick)) for tick in TICKS)
    return Plot(
        key=key,
        title=words.endpoint(each.endpoint.id),
        x=Axis(0.0, 1.0, ticks, _("Foretold")),
        y=Axis(0.0, 1.0, ticks, _("Observed, with its 95 % interval")),
        layers=(Guide(_("equal"), (0.0, 0.0), (1.0, 1.0)), *_points(bins)),
        height=HEIGHT,
        described_by=f"{key}-table",
    )


def _points(bins: Sequence[Bin]) -> tuple[Curve | Cloud, ...]:
    found: list[Curve | Cloud] = []
    for one in bins:
        at = one.predicted
        found.append(Curve("", ((at, one.observed.low), (at, one.observed.high))))
    for place, one in enumerate(bins):
        name = _("Patients with like predictions") if place == 0 else ""
        middle = (one.predicted, one.observed.value)
        found.append(Cloud(name, (), middle=middle, contour=False))
    return tuple(found)


@require_safe
@signed_in
def table(request: HttpRequest) -> HttpResponseBase:
    """The same figures as CSV: one line for each group of like predictions."""
    _actor, group, _shared, found = _read(request)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("endpoint", "group", "lowest", "highest", "count", "events", "predicted", "observed",
         "low", "high", "left_out_at_baseline", "kept_at_baseline", "baseline_not_known")
    )  # fmt: skip
    for each in found:
        before = each.at_baseline
        some = (before.left_out, before.kept, before.unknown) if before is not None else ()
        beside: list[int | str] = [one.count for one in some] or ["", "", ""]
        for one in each.calibration.bins:
            share = one.observed
            numbers = (one.lowest, one.highest, one.count, one.events, one.predicted)
            ends = (share.value, share.low, share.high)
            writer.writerow((each.endpoint.id, group or "all", *numbers, *ends, *beside))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="calibration.csv"'
    return response
