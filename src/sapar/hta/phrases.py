"""What can be wrong with a model, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

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
    "distribution_value": (
        _("The distribution cannot have this value: {name}."),
        _("Correct it; the distribution has no draws outside its support."),
    ),
}

_RUN = {
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
    "start": (
        _("The shares at the start do not have the sum 1."),
        _("Correct “start”."),
    ),
}

PHRASES: dict[str, _StrPromise] = {}
for _kind, _table in (("input", _INPUT), ("run", _RUN)):
    for _code, (_what, _remedy) in _table.items():
        PHRASES[f"hta.{_kind}.{_code}"] = _what
        PHRASES[f"hta.{_kind}.{_code}.remedy"] = _remedy
