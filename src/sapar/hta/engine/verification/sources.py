"""Tests of what stands behind the numbers: sources, marks, units, currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.hta.engine.model.unit import CURRENCIES
from sapar.hta.engine.model.units import check_units
from sapar.hta.engine.verification.kinds import Outcome, failed, gettext_noop, passed, test, warned
from sapar.hta.engine.verification.subject import Subject, tokens

if TYPE_CHECKING:
    from sapar.values.statements import Problem

GROUP = "sources"
HEALTH = {"QALY", "DALY", "LY"}


def _numbers(subject: Subject) -> list[str]:
    """Inputs that bring a number: switches, and those that only name others, do not."""
    own = set(subject.model.parameters)
    return [
        name
        for name in subject.model.parameters
        if name not in subject.switches and not (subject.closure[name] - {name}) & own
    ]


@test(GROUP, gettext_noop("Every input has a source."))
def sources(subject: Subject) -> Outcome:
    """Without one it is a placeholder, and the model is not assessable."""
    names = [name for name in _numbers(subject) if not subject.model.parameters[name].source]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every source has the date on which it was read."))
def dates(subject: Subject) -> Outcome:
    """Sources change."""
    names = [
        name
        for name in _numbers(subject)
        if subject.model.parameters[name].source and subject.model.parameters[name].read is None
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every input is verified."))
def marks(subject: Subject) -> Outcome:
    """Neither a demonstration nor unverified."""
    names = [
        name for name in _numbers(subject) if subject.model.parameters[name].mark != "verified"
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every quantity has the unit that it is used with."))
def units(subject: Subject) -> Outcome:
    """As the reader of documents asks, also for models that a program made."""
    problems: list[Problem] = []
    check_units(subject.model, problems)
    if problems:
        return failed(names=[f"{each.where} {each.value}" for each in problems])
    return passed()


@test(GROUP, gettext_noop("All money is in one currency."))
def one_currency(subject: Subject) -> Outcome:
    """Of inputs, rewards and settings."""
    found = {
        word
        for each in (
            *(parameter.unit for parameter in subject.model.parameters.values()),
            *(reward.unit for reward in subject.model.rewards.values()),
            subject.model.settings.currency,
        )
        for word in tokens(each) & CURRENCIES
    }
    if len(found) > 1:
        return failed(names=sorted(found))
    return passed(", ".join(found))


@test(GROUP, gettext_noop("The cost is in money, and the effect is not."))
def costs_are_money(subject: Subject) -> Outcome:
    """By their units."""
    model = subject.model
    cost, effect = tokens(model.rewards[model.cost].unit), tokens(model.rewards[model.effect].unit)
    if effect & CURRENCIES or cost & HEALTH:
        return failed(", ".join(cost), ", ".join(effect))
    if not cost & CURRENCIES:
        return warned(", ".join(cost), why=gettext_noop("The cost has no currency."))
    return passed(", ".join(cost))


@test(GROUP, gettext_noop("The model says the year of its prices and whose costs they are."))
def perspective(subject: Subject) -> Outcome:
    """`price_year` and `perspective` of the settings."""
    settings = subject.model.settings
    names = [
        name
        for name, each in (
            ("price_year", settings.price_year),
            ("perspective", settings.perspective),
        )
        if not each
    ]
    return warned(names=names) if names else passed()


@test(GROUP, gettext_noop("Every input and every state has a label for readers."))
def labels(subject: Subject) -> Outcome:
    """A name of its own, in words."""
    names = [name for name, each in subject.model.parameters.items() if each.label in {"", name}]
    names += [each.name for each in subject.model.states if each.label == each.name]
    return warned(names=names) if names else passed()
