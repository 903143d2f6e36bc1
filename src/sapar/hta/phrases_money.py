"""What can be wrong with centres, budgets, groups, eligibility and money, and the remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Table = dict[str, tuple["_StrPromise", "_StrPromise"]]

_NUMBERS = _("Look at the expression and at the values that go into it.")

INPUT: Table = {
    "facility_volume": (
        _("A centre needs either “volume”, in fractions, or “courses”."),
        _("Write one of the two."),
    ),
    "facility_years": (
        _("The years of a volume do not begin with 1, or are not in order."),
        _("Begin with the year 1 and go on with later ones, up to “years”."),
    ),
    "facility_missing": (
        _("The model says nothing about centres."),
        _("Add a section “facility”; the reference of models has its keys."),
    ),
    "facility_input": (
        _("This is not an input of the model that is one number for all strategies."),
        _("Write one of: {known}."),
    ),
    "budget_year": (
        _("This is not a year of the budget."),
        _("Write a year up to {last}; the budget begins with {first}."),
    ),
    "budget_order": (_("The years are not in order."), _("Write the earliest year first.")),
    "budget_above": (
        _("Whoever is above a capacity cannot get a strategy that has a capacity itself."),
        _("Write “wait”, or a strategy without a capacity."),
    ),
    "budget_missing": (
        _("The model says nothing about budgets."),
        _("Add a section “budget”; the reference of models has its keys."),
    ),
    "budget_shares": (
        _("The shares of those who pay the same are not between 0 and 1, or have another sum."),
        _("Correct the shares."),
    ),
    "above": (
        _("The number is not above 0, or is more than {most}."),
        _("Write a number above 0, up to {most}."),
    ),
    "groups_input": (
        _("A group can only have its own value of an input that is one for all strategies."),
        _("Name such an input of the model."),
    ),
    "groups_number": (
        _("There are no groups, or more than {most}."),
        _("Name at least one group, and join small ones."),
    ),
    "groups_missing": (
        _("The model says nothing about groups of people."),
        _("Add a section “groups”; the reference of models has its keys."),
    ),
    "eligibility_patients": (
        _("There is no patient, or there are more than {most}."),
        _("Write the predicted difference of each patient, or a distribution."),
    ),
    "eligibility_missing": (
        _("The model says nothing about whom to treat."),
        _("Add a section “eligibility”; the reference of models has its keys."),
    ),
    "money_rate": (
        _("There is no rate from {one} to {other} for {year}."),
        _("Add it to the table of rates with its source, or state the price in another year."),
    ),
    "money_index": (
        _("There is no price index of {currency} for {year}."),
        _("Add it to the table of indices with its source, or state the price in another year."),
    ),
    "money_model": (
        _("The model does not say in which currency and of which year its prices are."),
        _("Write “currency” and “price_year” in the settings."),
    ),
    "money_currency": (
        _("This is no currency."),
        _("Write the three letters of ISO 4217, for instance KZT."),
    ),
    "money_twice": (
        _("A rate or an index stands twice for the same year."),
        _("Keep one of them."),
    ),
    "anchor_name": (
        _("A formula of an anchor names what has no figure."),
        _("Name one of: {known}."),
    ),
    "anchor_figure": (
        _("This is not a published figure."),
        _("Write the figure as it was printed, in quotes, or “value” with “rounded”."),
    ),
}

RUN: Table = {
    "facility_total": (
        _("The items of the centre cost more in a year than the total that is given."),
        _("Correct the items or “total”."),
    ),
    "budget_strategy": (
        _("This number of the budget depends on the strategy."),
        _("Write an expression that is the same for all strategies."),
    ),
    "budget_range": (
        _("A number of people, a share or a limit of {year} is not possible."),
        _("Numbers begin with 0; shares end with 1."),
    ),
    "budget_uptake": (
        _("The shares of the strategies in {year} do not have the sum 1."),
        _("Correct the shares, or write “rest” for one of them."),
    ),
    "budget_shares": (
        _("The shares of those who pay the same are not between 0 and 1, or have another sum."),
        _("Correct the shares."),
    ),
    "limit_above": (_("“{name}” is not above 0, or is more than {most}."), _NUMBERS),
    "limit_range": (_("“{name}” is not between {least} and {most}."), _NUMBERS),
    "groups_sum": (
        _("Shares of the groups are not above zero, or do not have the sum 1."),
        _("Correct the shares."),
    ),
    "groups_health": (
        _("The health of a group would not stay above zero."),
        _("Correct the baseline, or what the group gains and bears."),
    ),
    "eligibility_value": (
        _("The value of “{name}” is not possible in the section “eligibility”."),
        _("Spreads and costs are above zero; a mean of a beta law is between 0 and 1."),
    ),
}

SAID: dict[str, _StrPromise] = {
    "hta.eligibility.above": _(
        "The expected gain of {health} is at least the {limit} from which the cost is worth it."
    ),
    "hta.eligibility.below": _(
        "The expected gain of {health} is less than the {limit} from which the cost is worth it."
    ),
    "hta.eligibility.less": _("Most of it: {name} becomes {percent} of 100 less likely."),
    "hta.eligibility.more": _("Against it: {name} becomes {percent} of 100 more likely."),
    "hta.eligibility.chance": _("That it is worth the cost is true with a chance of {percent} %."),
    "hta.eligibility.uncertain": _(
        "That it is worth the cost is true with a chance of {percent} %: this is not clear enough."
    ),
}
