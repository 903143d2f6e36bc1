"""The dossier's words: the 28 items, the nine domains, and what a model says for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHEERS: tuple[str | _StrPromise, ...] = (
    _("The title says that it is an economic evaluation, and what is compared"),
    _("A structured summary"),
    _("Context, question and why it matters"),
    _("Whether there was a plan of the analysis, and where it is"),
    _("The people it is about"),
    _("Setting and place"),
    _("What is compared, and why"),
    _("Whose costs and effects count"),
    _("The time horizon"),
    _("Discount rates, and why"),
    _("Which outcomes were chosen"),
    _("How outcomes were measured"),
    _("How outcomes were valued"),
    _("Resources and what they cost"),
    _("Currency, date of prices and conversion"),
    _("The model, why this one, and where it can be had"),
    _("Analyses and assumptions"),
    _("How differences between people were looked at"),
    _("How the distribution over groups was looked at"),
    _("How uncertainty was looked at"),
    _("How patients and others took part"),
    _("Inputs with distributions and sources"),
    _("Main results"),
    _("What uncertainty does to the results"),
    _("What the taking part of others has changed"),
    _("Findings, limits, fairness, and where else they hold"),
    _("Who paid for the work"),
    _("Conflicts of interest"),
)
DOMAINS: dict[str, str | _StrPromise] = {
    "CUR": _("The health problem and what is done today"),
    "TEC": _("The technology and how it works"),
    "SAF": _("Safety"),
    "EFF": _("Clinical effect"),
    "ECO": _("Costs and economic evaluation"),
    "ETH": _("Ethics"),
    "ORG": _("Organisation"),
    "SOC": _("Patients and society"),
    "LEG": _("Law"),
}
_ASKS = {
    "course": _("How the illness runs, and what decides its course."),
    "burden": _("How many people have it, and what it takes from them."),
    "practice": _("What is done today, and by whom."),
    "features": _("What the technology is, and how it differs from what is used now."),
    "maturity": _("Where it is approved and used."),
    "training": _("What skills and equipment it needs."),
    "harms": _("Which harms are known, how often and how grave."),
    "comparison": _("How its harms compare with those of what is used now."),
    "evidence": _("Which studies show the effect, and how sure they are."),
    "outcomes": _("Which outcomes matter to patients, and what is known of each."),
    "budget": _("What it costs the payer in each of the next years."),
    "validity": _("How the model was checked, and by whom."),
    "losers": _("Who gains and who loses if it is paid for."),
    "autonomy": _("What it asks of patients' own choice."),
    "places": _("Where it would be done, and for how many."),
    "staff": _("Who would do it, and what changes in the work."),
    "patients": _("What patients said of it."),
    "families": _("What it asks of families: travel, time, money."),
    "licence": _("Whether it is licensed, and which law applies."),
    "consent": _("What the law asks of consent and data."),
}
_SAID = {
    "text": _("{text}"),
    "title": _("{title}: an economic evaluation of {compared}."),
    "abstract": _("{count} strategies are compared by {cost} and {effect}."),
    "question": _("Which of {compared} gives how much {effect} for how much {cost}?"),
    "population": _("People aged {age} at the start, in the states {states}."),
    "compared": _("Compared are: {compared}."),
    "perspective": _("Perspective: {perspective}."),
    "no_perspective": _("The model does not say whose costs count."),
    "horizon": _("{years} years in {cycles} cycles of {cycle} years."),
    "no_time": _("A decision tree: everything happens within one period."),
    "discount": _("Discount rate of {what}, with the year from which it counts: {rates}."),
    "no_discount": _("Nothing is discounted: there is one period."),
    "outcome": _("Outcome: {label}, in {unit}."),
    "measured": _("{count} inputs of the outcome come from: {sources}."),
    "valued": _("Valued in {unit}, with: {values}."),
    "valued_itself": _("{label} counts as it is, in {unit}."),
    "resources": _("{count} inputs of costs: {values}. From: {sources}."),
    "currency": _("Prices in {currency} of {year}."),
    "model_cohort": _("A cohort in {count} states; the model is {id}."),
    "model_sojourn": _("A cohort in {count} states that remembers time in a state; it is {id}."),
    "model_tree": _("A decision tree; the model is {id}."),
    "model_other": _("The model is {id}."),
    "public": _("The document of version {version} can be read and run again by anybody."),
    "conventions": _("Counted {rule_phrase}; {discounting_phrase}; {lets} named expressions."),
    "rolled": _("Rolled back from its ends; {lets} named expressions."),
    "populations": _("The model counts several groups of people."),
    "no_subgroups": _("One group of people: no subgroups were looked at."),
    "equity": _("Costs and effects are also counted by group, with their distribution."),
    "no_equity": _("The distribution over groups was not looked at."),
    "uncertainty": _("{drawn} inputs are drawn from distributions; {fixed} are fixed."),
    "parameters": _(
        "{count} inputs with their sources, {drawn} with distributions, {verified} verified."
    ),
    "result": _("{label}: costs {cost}, {effect_label} {effect}."),
    "result_icer": _(
        "{label}: costs {cost}, {effect_label} {effect}; {icer} for one more unit than with "
        "{against}."
    ),
    "result_dominated": _("{label}: costs {cost}, {effect_label} {effect}; others are better."),
    "chance": _("At {threshold} for one unit: {best} is best, in {percent} % of {draws} draws."),
    "moves_most": _("These inputs move the result most: {names}."),
    "limits": _(
        "Of the inputs {unverified} are not verified, {demonstration} are for demonstration, "
        "{placeholders} have no source."
    ),
    "course": _("The course of the illness as the model has it: {states}."),
    "harms": _("The model has {states} states, {dead} of them death; harms are those among them."),
    "gains": _("{label}: {effect} ({what})."),
    "everybody_alike": _("The model counts one unit of {label} alike for everybody."),
    "capacity": _("Capacity or a budget is part of the model."),
    "no_capacity": _("The model has no capacity: it takes for granted that there are places."),
    "stands_on": _("The model stands on: {sources}. Inputs that are not verified: {unverified}."),
}
_RULES = {
    "begin": _("at the beginning of each cycle"),
    "end": _("at the end of each cycle"),
    "both": _("at both ends of each cycle"),
    "half-cycle": _("with half a cycle at both ends"),
    "life-table": _("as the mean of the two ends of each cycle"),
    "simpson": _("by Simpson's rule"),
    "darth": _("with the weights of the DARTH tutorial"),
}
_DISCOUNTING = {
    "discrete": _("discounted once a cycle"),
    "continuous": _("discounted continuously"),
}

DOSSIER: dict[str, str | _StrPromise] = {
    **{f"hta.cheers.{n}": text for n, text in enumerate(CHEERS, start=1)},
    **{f"hta.domain.{code}": text for code, text in DOMAINS.items()},
    **{f"hta.ask_for.{name}": text for name, text in _ASKS.items()},
    **{f"hta.said.{name}": text for name, text in _SAID.items()},
    **{f"hta.rule.{name}": text for name, text in _RULES.items()},
    **{f"hta.discounting.{name}": text for name, text in _DISCOUNTING.items()},
}
