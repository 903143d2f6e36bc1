"""What a study is worth before it is done: EVSI by regression on what it would observe.

A data set is drawn for every draw of the parameters; net benefit is regressed on its sufficient
statistics (Strong, Oakley, Brennan and Breeze, Med Decis Making 2015;35:570-83). No distribution is
updated here: any prior and any joint group will do. The other method, `nested`, shares nothing with
this one but the parameters' priors and the data's rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.controls import evenly, gains
from sapar.hta.engine.uncertainty.draws import stream
from sapar.hta.engine.uncertainty.joint import groups_of
from sapar.hta.engine.uncertainty.regression import scores_of, worth_of
from sapar.hta.engine.uncertainty.studies import EVENTS, LOG_MEAN, MEAN, ROW, SHARE
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.regression import Worth
    from sapar.hta.engine.uncertainty.sample import Sample
    from sapar.hta.engine.uncertainty.studies import Observed, Study

    Numbers = NDArray[np.float64]
    Data = Callable[[Numbers, np.random.Generator, int, Observed], Numbers]


def people_of(each: Observed, people: int) -> int:
    """How many of a study's people tell about something, at least one."""
    return max(1, round(each.share * people))


def touched(model: AnyModel, study: Study) -> tuple[str, ...]:
    """The parameters about which a study observes something itself."""
    rows = {group.name: group.of for group in groups_of(model)}
    found: list[str] = []
    for each in study.observed:
        found += rows[each.name] if each.rule == ROW else [each.name]
    return tuple(found)


def _mean(values: Numbers, rng: np.random.Generator, number: int, each: Observed) -> Numbers:
    values = np.log(values) if each.rule == LOG_MEAN else values
    noise = each.sd / np.sqrt(number) * rng.standard_normal(values.shape)
    return np.asarray(values + noise)


def _share(values: Numbers, rng: np.random.Generator, number: int, _each: Observed) -> Numbers:
    return rng.binomial(number, values).astype(np.float64)


def _events(values: Numbers, rng: np.random.Generator, number: int, each: Observed) -> Numbers:
    return rng.poisson(values * (number * each.time)).astype(np.float64)


def _row(values: Numbers, rng: np.random.Generator, number: int, _each: Observed) -> Numbers:
    """Counts of all places but the last, which the others tell."""
    found = rng.multinomial(number, np.moveaxis(values, 0, -1))
    return np.moveaxis(found, -1, 0)[:-1].astype(np.float64)


_DATA: dict[str, Data] = {
    MEAN: _mean, LOG_MEAN: _mean, SHARE: _share, EVENTS: _events, ROW: _row,
}  # fmt: skip


def observe(found: Sample, study: Study, people: int, seed: int) -> Numbers:
    """What a study would observe in each draw: its sufficient statistics, (K, statistics).

    Args:
        found: a sample of the model.
        study: what is observed.
        people: of how many people.
        seed: the same seed gives the same data.

    Raises:
        BadModelError: a share outside 0 to 1, a negative rate, a logarithm of what is not positive.
    """
    rows = {group.name: group.of for group in groups_of(found.model)}
    columns: list[Numbers] = []
    for each in study.observed:
        if each.rule == ROW:
            values = np.stack([found.parameters[name] for name in rows[each.name]])
        else:
            values = found.parameters[each.name]
        if not _possible(each.rule, values):
            wrong = Problem.of("hta.input.study_rule", where=study.where, value=each.name)
            raise BadModelError((wrong,))
        rng = stream(seed, f"study:{study.name}:{each.name}", 0)
        data = _DATA[each.rule](values, rng, people_of(each, people), each)
        columns += list(np.atleast_2d(data))
    return np.stack(columns, axis=1)


def _possible(rule: str, values: Numbers) -> bool:
    if rule == SHARE:
        return bool((values >= 0).all() and (values <= 1).all())
    if rule == EVENTS:
        return bool((values >= 0).all())
    return bool(rule != LOG_MEAN or (values > 0).all())


def evsi(found: Sample, study: Study, people: int, threshold: float, *, seed: int = 0) -> Worth:
    """The expected value of a study's information, for one person, by regression.

    Args:
        found: a sample of the model.
        study: what is observed.
        people: of how many people.
        threshold: what one unit of effect is worth.
        seed: of the data.

    Raises:
        BadModelError: a parameter that cannot be observed so.
        KeyError: a parameter that was not drawn.
    """
    names = touched(found.model, study)
    data = observe(found, study, people, seed)
    gain, even = gains(found, names, threshold), evenly(found, names, threshold)
    return worth_of(scores_of(data), gain, even)
