"""Times to an event as they were observed, and what they say without any law."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

MOST_ROWS, MOST_PROBLEMS = 1_000_000, 50


@dataclass(frozen=True, slots=True)
class Data:
    """Observed times, right-censored and left-truncated.

    Attributes:
        times: (N,) years until the event or the end of observation, above 0.
        events: (N,) 1 where the event was seen, 0 where observation ended before it.
        entries: (N,) years from which each is observed, at least 0 and below the time.
        weights: (N,) how many each row stands for.
    """

    times: Numbers
    events: Numbers
    entries: Numbers
    weights: Numbers

    @classmethod
    def of(
        cls,
        times: Numbers,
        events: Numbers,
        entries: Numbers | None = None,
        weights: Numbers | None = None,
    ) -> Data:
        """Data from arrays; nobody entered late, and each row counts once, where not said.

        Raises:
            BadModelError: the first row of each mistake; no event at all.
        """
        made = np.asarray(times, dtype=np.float64)
        found = cls(
            made,
            np.asarray(events, dtype=np.float64),
            np.zeros_like(made) if entries is None else np.asarray(entries, dtype=np.float64),
            np.ones_like(made) if weights is None else np.asarray(weights, dtype=np.float64),
        )
        problems = []
        with np.errstate(invalid="ignore"):
            for name, code, wrong in (
                ("times", "hta.input.fit_time", ~((found.times > 0) & np.isfinite(found.times))),
                ("events", "hta.input.fit_event", ~np.isin(found.events, (0.0, 1.0))),
                (
                    "entries",
                    "hta.input.fit_entry",
                    ~((found.entries >= 0) & (found.entries < found.times)),
                ),
                (
                    "weights",
                    "hta.input.fit_weight",
                    ~((found.weights > 0) & np.isfinite(found.weights)),
                ),
            ):
                if wrong.any():
                    row = int(np.nonzero(wrong)[0][0])
                    value = f"{float(getattr(found, name)[row]):g}"
                    problems.append(_problem(code, f"row {row + 1}", value))
        if not problems and not found.events.any():
            problems.append(_problem("hta.input.fit_events", "", len(made)))
        if problems:
            raise BadModelError(tuple(problems))
        return found


def _problem(code: str, where: str, value: object) -> Problem:
    return Problem.of(code, where=where, value=value)


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns of a table; "" for one that is not there."""

    time: str
    event: str
    entry: str = ""
    weight: str = ""


def read_rows(text: str, columns: Columns, years: float = 1.0) -> Data:
    """Data from a table with commas.

    Args:
        text: CSV with a head line.
        columns: which column is which.
        years: years of one unit of time in the table.

    Raises:
        BadModelError: every wrong row, up to 50, with its line and value.
    """
    reader = csv.DictReader(text.splitlines(keepends=True))
    known = list(reader.fieldnames or ())
    asked = [each for each in (columns.time, columns.event, columns.entry, columns.weight) if each]
    problems = [
        Problem.of(
            "hta.input.fit_column", where="line 1", value=each, known=", ".join(known) or "-"
        )
        for each in asked
        if each not in known
    ]
    if problems:
        raise BadModelError(tuple(problems))
    rows: list[tuple[float, float, float, float]] = []
    for row in reader:
        if len(rows) >= MOST_ROWS:
            problems.append(_problem("hta.input.fit_rows", f"line {reader.line_num}", MOST_ROWS))
            break
        rows.append(_row(row, columns, f"line {reader.line_num}", problems))
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise BadModelError(tuple(problems))
    found = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return Data.of(found[:, 0] * years, found[:, 1], found[:, 2] * years, found[:, 3])


def _row(
    row: Mapping[str, str | None], columns: Columns, where: str, problems: list[Problem]
) -> tuple[float, float, float, float]:
    """One row: time, event, entry, weight; what is wrong is noted."""

    def number(column: str, default: float, code: str) -> float:
        if not column:
            return default
        text = (row.get(column) or "").strip()
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            problems.append(_problem(code, where, text))
            return math.nan
        return found

    time = number(columns.time, 1.0, "hta.input.fit_time")
    event = number(columns.event, 1.0, "hta.input.fit_event")
    entry = number(columns.entry, 0.0, "hta.input.fit_entry")
    weight = number(columns.weight, 1.0, "hta.input.fit_weight")
    if time <= 0:
        problems.append(_problem("hta.input.fit_time", where, f"{time:g}"))
    elif entry < 0 or entry >= time:
        problems.append(_problem("hta.input.fit_entry", where, f"{entry:g}"))
    if event not in {0.0, 1.0} and not math.isnan(event):
        problems.append(_problem("hta.input.fit_event", where, f"{event:g}"))
    if weight <= 0:
        problems.append(_problem("hta.input.fit_weight", where, f"{weight:g}"))
    return time, event, entry, weight


@dataclass(frozen=True, slots=True)
class Steps:
    """The estimate of Kaplan and Meier: survival after each time with an event.

    Attributes:
        times: (M,) ascending.
        at_risk, events: (M,) weights under observation just before, and with the event.
        survival: (M,) after it.
        error: (M,) its standard error by Greenwood's formula.
    """

    times: Numbers
    at_risk: Numbers
    events: Numbers
    survival: Numbers
    error: Numbers


def kaplan_meier(data: Data) -> Steps:
    """Survival without a law; who enters late is at risk from then on.

    Kaplan and Meier, J Am Stat Assoc 1958;53:457-81 (unverified). Whose observation ends at the
    time of an event is still at risk then; whoever enters at it is not yet.
    """
    times = np.unique(data.times[data.events == 1])
    order, late = np.argsort(data.times), np.argsort(data.entries)
    left = np.concatenate([[0.0], np.cumsum(data.weights[order])])
    entered = np.concatenate([[0.0], np.cumsum(data.weights[late])])
    gone = left[np.searchsorted(data.times[order], times, side="left")]
    come = entered[np.searchsorted(data.entries[late], times, side="left")]
    at_risk = come - gone
    place = np.searchsorted(times, data.times[data.events == 1])
    events = np.bincount(place, weights=data.weights[data.events == 1], minlength=len(times))
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - events / at_risk)
        spread = np.cumsum(events / (at_risk * (at_risk - events)))
        error = np.where(survival > 0, survival * np.sqrt(spread), 0.0)
    return Steps(times, at_risk, np.asarray(events, np.float64), survival, error)
