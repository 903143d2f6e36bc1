"""What can be wrong with a model, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sapar.hta.phrases_money import INPUT as MONEY_INPUT
from sapar.hta.phrases_money import RUN as MONEY_RUN
from sapar.hta.phrases_people import INPUT as PEOPLE_INPUT
from sapar.hta.phrases_people import RUN as PEOPLE_RUN

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_NAMES = _("Write one of: {known}.")
_EXPRESSION = _("Mend the expression at column {column}; the reference of models has its language.")
_NUMBERS = _("Look at the expression and at the values that go into it.")

_INPUT = {
    "yaml": (_("This is not YAML."), _("Mend the file at that line.")),
    "large": (_("The document has more than {most} characters."), _("Divide the model.")),
    "deep": (
        _("Lists and mappings lie more than {most} deep inside each other."),
        _("Write the model flatter."),
    ),
    "alias": (
        _("An anchor or an alias may not stand in a model."),
        _("Write the value out where it is needed."),
    ),
    "tag": (_("A tag may not stand in a model."), _("Remove the tag; plain values are enough.")),
    "mapping": (_("Names with values are wanted here."), _("Write “name: value” in each line.")),
    "key": (_("This key is not known here."), _NAMES),
    "missing": (
        _("Something that is needed is missing."),
        _("Add the key that is named as the value."),
    ),
    "schema": (
        _("The document does not say that it is a “{wanted}”."),
        _("Write “{wanted}” under “schema”."),
    ),
    "text": (_("A text is wanted here."), _("Write a text, in quotes if it has a colon.")),
    "choice": (_("This word is not known here."), _NAMES),
    "number": (_("This is not a number."), _("Write a number, with a point for decimals.")),
    "whole": (_("This is not a whole number."), _("Write a whole number.")),
    "range": (
        _("The number is not between {least} and {most}."),
        _("Write a number from {least} to {most}."),
    ),
    "date": (_("This is not a date."), _("Write the date as 2027-03-01.")),
    "cycle": (
        _("This is not the length of a cycle."),
        _("Write a number with year, month, week or day, for instance “1 month”."),
    ),
    "steps": (
        _("The years from which rates count do not begin with 0, or are not in order."),
        _("Begin with the year 0 and go on with later ones."),
    ),
    "name": (
        _("This cannot be a name in an expression."),
        _("Write letters, digits and underscores, a letter first."),
    ),
    "reserved": (_("This name has a meaning of its own."), _("Choose another name.")),
    "twice": (
        _("The same name is given to a parameter and to an expression."),
        _("Choose another name."),
    ),
    "one_value": (
        _("A parameter has a value, or one for each strategy, and not both."),
        _("Write “value” or “by_strategy”."),
    ),
    "not_drawn": (
        _("The parameter “{name}” has no distribution, or does not exist."),
        _("Name parameters that are drawn: {known}."),
    ),
    "drawn_once": (
        _("A distribution belongs to one value, and not to one for each strategy."),
        _("Give each strategy's value a parameter of its own, and name them here."),
    ),
    "strategy": (_("There is no such strategy."), _NAMES),
    "strategy_missing": (
        _("The value of this strategy is missing."),
        _("Add it; each strategy has a value."),
    ),
    "empty": (_("Nothing stands here."), _("Add at least one line.")),
    "order": (
        _("The keys of a table are not in order: {before} comes before."),
        _("Write the keys from the smallest to the largest, each once."),
    ),
    "gap": (
        _("The table leaves a row out: after this key comes {after}."),
        _("Add the rows between them."),
    ),
    "states": (
        _("A model has between 1 and {most} states."),
        _("Join states; time in a state needs no states of its own, but a memory."),
    ),
    "stays": (
        _("Who stays in a state is not written: it is the rest."),
        _("Remove this line."),
    ),
    "trap": (
        _("Nothing leaves this state and nobody dies in it."),
        _("Write a transition out of it, or say “dead: true” or “absorbing: true”."),
    ),
    "risen": (
        _("Somebody leaves a state in which nobody is alive."),
        _("Remove this transition, or “dead: true” of the state."),
    ),
    "work": (
        _(
            "{transitions} transitions or a memory of {memory} cycles, times so many cycles, are "
            "more than {most}."
        ),
        _("Take fewer cycles, fewer transitions or a shorter memory."),
    ),
    "same_reward": (
        _("The cost and the effect that decide are the same."),
        _("Name two rewards under “decision”."),
    ),
    "many": (
        _("The document has more than {most} keys and values."),
        _("Divide the model."),
    ),
    "control": (
        _("A text has a sign that cannot be shown."),
        _("Remove the sign; letters of every script may stay."),
    ),
    "yes": (_("True or false is wanted here."), _("Write “true” or “false”.")),
    "unit": (
        _("This unit is not known."),
        _("Write a currency's three letters, or one of: {known}; for instance USD/year."),
    ),
    "units_differ": (
        _("“{text}” brings {left} and {right} together."),
        _("Give both the same unit, or correct the unit of an input."),
    ),
    "unit_plain": (
        _("“{text}” uses {unit} where a plain number is wanted."),
        _("Divide by a quantity of the same unit, or correct the unit of an input."),
    ),
    "unit_rate": (
        _("The rate in “{text}” is not {wants}."),
        _("Convert it to {wants}, or give the time as the second argument."),
    ),
    "unit_wanted": (
        _("“{text}” has another unit than {wants}, which is wanted here."),
        _("Correct the unit of an input or of the reward, or convert the value."),
    ),
    "arrow": (
        _("This is not a transition between two states."),
        _("Write “A -> B”; * is any state. The states are: {known}."),
    ),
    "rest": (
        _("More than one branch is the rest."),
        _("Give all branches but one a chance."),
    ),
    "tree": (
        _("A tree has no conventions of counting."),
        _("Give a cohort model to this command."),
    ),
    "expression": (_("An expression is wanted here."), _("Write a number or an expression.")),
    "expression_character": (_("“{found}” has no meaning in an expression."), _EXPRESSION),
    "expression_unexpected": (_("“{found}” cannot stand there in an expression."), _EXPRESSION),
    "expression_ends": (_("The expression ends too early."), _EXPRESSION),
    "expression_deep": (
        _("The expression lies more than {found} deep inside itself."),
        _EXPRESSION,
    ),
    "expression_long": (
        _("The expression is longer than {found} parts."),
        _("Give names to its parts under “let”."),
    ),
    "expression_chain": (
        _("Two comparisons follow each other: nobody knows what is meant."),
        _("Write “a < b and b < c”, or put one of them in parentheses."),
    ),
    "expression_twice": (_("The argument “{found}” is given twice."), _EXPRESSION),
    "unknown": (
        _("The expression “{text}” uses a name that the model does not have."),
        _("Correct the name, or add it to the parameters or under “let”."),
    ),
    "function": (
        _("The expression “{text}” calls a function or table that does not exist."),
        _("Correct the name; the reference of models lists the functions."),
    ),
    "arguments": (
        _("The function in “{text}” does not take these arguments."),
        _("Give it the arguments that the reference of models names."),
    ),
    "circle": (_("Expressions need each other in a circle."), _("Break the circle.")),
    "sojourn": (
        _("“{text}” asks for the time in a state that keeps no memory."),
        _("Give the state a “memory” of as many cycles as count."),
    ),
    "curve": (
        _("There is no such curve before this one."),
        _("Name a curve that stands above, or write a law: {known}."),
    ),
    "curve_kind": (
        _("A model of people one by one, or of queues, has no curves of survival."),
        _("Remove the section; write the laws in the transitions."),
    ),
    "curve_unknown": (
        _("“{text}” asks a survival curve that does not exist."),
        _("Name a curve of the section “survival” first, then the time: survival(os, time)."),
    ),
    "law": (_("This law of survival is not known."), _NAMES),
    "law_inside": (
        _("The law is made of other laws, and they are not as many as it needs."),
        _("Write {known}; where LAW stands, a law or the name of a curve above."),
    ),
    "law_arguments": (
        _("The law does not have these arguments, or lacks them."),
        _("Write {known}, each with its name and “=”."),
    ),
    "law_table": (
        _("A life table is needed here."),
        _("Write “table=” and the name of a table: {known}."),
    ),
    "law_table_negative": (
        _("A life table has a hazard below zero."),
        _("Correct the table; its rows are yearly hazards by age."),
    ),
    "one_law": (
        _("A curve has a law, or one for each strategy, and not both."),
        _("Write “law” or “by_strategy”."),
    ),
    "psm_curves": (
        _("The curves of a partitioned model are not named here, each once."),
        _("Write a list of curves of the section “survival”, from the lowest: {known}."),
    ),
    "psm_states": (
        _("The model has not one state more than curves."),
        _("Write {wanted} states: below the first curve, between each two, and dead."),
    ),
    "psm_memory": (
        _("Only a state between two curves can have a memory."),
        _("Remove it; in the first state “time” is the time spent there."),
    ),
    "psm_arrow": (
        _("Curves of survival do not say how many go this way."),
        _("Pay on one of these: {known}."),
    ),
    "fit_column": (_("The table has no such column."), _("Name a column: {known}.")),
    "fit_rows": (
        _("The table has too many rows."),
        _("Join equal rows, and give a column of weights."),
    ),
    "fit_time": (
        _("A time to an event is not a number above zero."),
        _("Correct the time; an event on the first day has half a day."),
    ),
    "fit_event": (
        _("Whether the event was seen is neither 1 nor 0."),
        _("Write 1 for an event, 0 where observation ended before it."),
    ),
    "fit_entry": (
        _("Observation begins before zero, or not before the time at which it ends."),
        _("Correct the entry; it is a time on the same clock, below the time of the event."),
    ),
    "fit_weight": (
        _("A weight is not a number above zero."),
        _("Write how many people the row stands for, or remove the row."),
    ),
    "fit_knots": (
        _("The knots of the spline are not all different, in their order."),
        _("Take fewer knots; events need as many different times."),
    ),
    "fit_events": (
        _("No event was seen, so that nothing can be fitted."),
        _("Look whether the column of events is the right one."),
    ),
    "unsteady": (
        _("“{text}” uses something here that changes with time, or that asks a curve."),
        _("Use parameters, and names that do not change from cycle to cycle."),
    ),
    "simpson": (
        _("Simpson's rule needs an even number of cycles."),
        _("Choose another number of cycles or another rule."),
    ),
    "distribution": (_("This distribution is not known."), _NAMES),
    "distribution_arguments": (
        _("The distribution does not have these arguments."),
        _("Write one of these sets: {known}."),
    ),
    "distribution_constant": (
        _("A distribution takes numbers, and not the name “{name}”."),
        _("Write the number."),
    ),
    "joint_names": (
        _("A group needs a list of at least two parameters."),
        _("Write their names under “of”."),
    ),
    "joint_unknown": (
        _("The model has no parameter of this name."),
        _("Correct the name, or add it to the parameters."),
    ),
    "joint_twice": (
        _("The parameter would be drawn twice: here and by “{group}”."),
        _("Remove its own distribution, or take it out of one group."),
    ),
    "joint_size": (
        _("There are not {wanted} numbers here, one for each parameter of the group."),
        _(
            "Write {wanted} numbers, in the order of “of”; a row of a matrix may end at its "
            "diagonal."
        ),
    ),
    "joint_symmetric": (
        _("The matrix is not the same on both sides of its diagonal."),
        _("Correct the pair, or write each row up to its diagonal."),
    ),
    "joint_pair": (
        _("This is not a pair of two parameters of the group."),
        _("Write “first, second: number”; the parameters are: {known}."),
    ),
    "joint_spread": (
        _("The variance of this parameter is not above zero."),
        _("Correct its standard error or the diagonal of the matrix."),
    ),
    "joint_correlation": (
        _("The correlation of these two would not lie between −1 and 1."),
        _("Compare the covariance with the standard errors: often a unit or a sign is wrong."),
    ),
    "joint_definite": (
        _("No parameters can vary together so: the matrix is not positive definite."),
        _("Look for a wrong sign or number; the value is its least eigenvalue, as correlations."),
    ),
    "joint_matrix": (
        _("It is not clear how the parameters vary together."),
        _(
            "Write one of: covariance; se with covariances, correlations or correlation; for a "
            "copula correlations or correlation."
        ),
    ),
    "joint_count": (
        _("The count of this place is not above zero."),
        _("Give the row a “prior”, or leave the place out."),
    ),
    "joint_sum": (
        _("The values of the parameters of a row do not have the sum 1."),
        _("Write each as its count divided by their sum."),
    ),
    "joint_margin": (
        _("A copula joins parameters that have distributions, and this one has none."),
        _("Give it a distribution, or take it out of the group."),
    ),
    "joint_freedom": (
        _("Degrees of freedom belong to a t copula, and it needs them."),
        _("Write “freedom” with “family: t”, and only there."),
    ),
    "joint_measure": (
        _("For a t copula Spearman's correlation has no formula."),
        _("Give Kendall's with “measure: kendall”, or that of the scores with “measure: scores”."),
    ),
    "study": (_("The model has no such study."), _NAMES),
    "study_name": (
        _("A study cannot observe this: it is not drawn."),
        _("Name parameters that are drawn, or with “rule: row” a Dirichlet group: {known}."),
    ),
    "study_rule": (
        _("The parameter cannot be observed by this rule."),
        _(
            "A proportion lies between 0 and 1, a rate of events is not negative, a logarithm "
            "needs values above 0."
        ),
    ),
    "study_sizes": (
        _("Sizes are between 1 and {most} whole numbers in ascending order."),
        _("Write for instance [50, 100, 200]."),
    ),
    "two": (
        _("Two different inputs are wanted."),
        _("Write two of these with a comma between them: {known}."),
    ),
    "distribution_value": (
        _("The distribution cannot have this value: {name}."),
        _("Correct it; the distribution has no draws outside its support."),
    ),
}

_RUN = {
    "reference": (
        _("The model has nothing that takes “{value}” of the reference case."),
        _("Name what the model has, after one of: {known}."),
    ),
    "observed": (
        _("Nothing that was observed can update “{value}” in this way ({kind})."),
        _("Give the input a distribution of its own: beta for shares, gamma for rates."),
    ),
    "negative": (
        _("A probability out of “{state}” is below zero with “{strategy}” in cycle {cycle}."),
        _NUMBERS,
    ),
    "above_one": (
        _(
            "Probabilities out of “{state}” are together above one with “{strategy}” in cycle "
            "{cycle}."
        ),
        _NUMBERS,
    ),
    "undefined": (
        _("The expression has no value with “{strategy}” in cycle {cycle}."),
        _("Look for a division by zero, or a logarithm or root of a negative number."),
    ),
    "outside": (
        _("The table {table} is asked outside its rows, which go from {least} to {until}."),
        _("Add rows, or change the number of cycles or the age at the start."),
    ),
    "chance": (_("The chance of “{state}” is below zero with “{strategy}”."), _NUMBERS),
    "chances": (
        _("The chances of the branches of “{state}” do not have the sum 1 with “{strategy}”."),
        _("Correct the chances, or write “rest” for one of them."),
    ),
    "crossing": (
        _("The curve “{curve}” lies above “{next}” with “{strategy}” at time {time}."),
        _("Correct the laws, or write “crossing: cap” to let no curve rise above the next one."),
    ),
    "law_argument": (
        _("The argument “{name}” of “{law}” cannot have this value with “{strategy}”."),
        _("Correct the inputs that it is made of; hazards are not negative, times ascend."),
    ),
    "law_falls": (
        _("The spline falls somewhere with “{strategy}”, so that survival would grow."),
        _("Correct the gammas and knots, or draw them together as they were estimated."),
    ),
    "share": (
        _("The share in “{state}” at the start is below zero or above one with “{strategy}”."),
        _("Correct “start”."),
    ),
    "start": (
        _("The shares at the start do not have the sum 1."),
        _("Correct “start”."),
    ),
}

PHRASES: dict[str, _StrPromise] = {}
for _kind, _table in (
    ("input", _INPUT | MONEY_INPUT | PEOPLE_INPUT),
    ("run", _RUN | MONEY_RUN | PEOPLE_RUN),
):
    for _code, (_what, _remedy) in _table.items():
        PHRASES[f"hta.{_kind}.{_code}"] = _what
        PHRASES[f"hta.{_kind}.{_code}.remedy"] = _remedy
