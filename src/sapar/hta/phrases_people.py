"""What can be wrong with models of people one by one and of shared resources, and the remedies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from sapar.hta.phrases_money import Table

_NAMES = _("Write one of: {known}.")
_NUMBERS = _("Look at the expression and at the values that go into it.")

INPUT: Table = {
    "time_law": (_("This is not a law of time."), _NAMES),
    "time_law_arguments": (
        _("The law of time does not have these arguments."),
        _("Name them: {known}."),
    ),
    "moving": (
        _("“{text}” asks for a time, but it is worked out once for each person."),
        _("Use what a person has at the start, an attribute for instance."),
    ),
    "nobody_dies": (
        _("There is a highest age, but no state of the dead."),
        _("Say “dead: true” of one state, or remove the highest age."),
    ),
    "list": (_("A list is wanted here."), _("Write “[a, b, c]”.")),
    "rate_or_times": (
        _("It is not said in one way when people come."),
        _("Give either a rate or the times."),
    ),
    "no_queue": (
        _("Nobody waits where no resource is needed."),
        _("Name the resource of this step, or remove this."),
    ),
    "clock_only": (
        _("This counts in continuous time only."),
        _("Remove it; with the clock “cycle” the cycles say how long people are followed."),
    ),
}

RUN: Table = {
    "chance_of": (_("The chance is not between 0 and 1 with “{strategy}”."), _NUMBERS),
    "capacity": (
        _("The capacity is not a number from 0 to {most} with “{strategy}”."),
        _NUMBERS,
    ),
    "time": (_("The time is below zero with “{strategy}”."), _NUMBERS),
    "sum_of": (
        _("The chances do not have the sum 1 with “{strategy}”."),
        _("Correct the chances, or write “rest” for one of them."),
    ),
    "people": (
        _("The runs of all draws and strategies have more than {most} people."),
        _("Let fewer people come, or make fewer runs; “runs_a_draw” is the number in each draw."),
    ),
    "nobody": (
        _("In a run nobody comes who counts."),
        _("Let more people come, or count for a longer time."),
    ),
    "lives": (
        _("So many people in {draws} draws and all strategies are more than {most} lives."),
        _("Take fewer people, or fewer draws; “people_a_draw” is the number in each draw."),
    ),
    "endless": (
        _("Somebody has more than this number of events."),
        _("Look for a circle of states that takes almost no time."),
    ),
    "time_law": (
        _("The law of time cannot have this {name} with “{strategy}”."),
        _NUMBERS,
    ),
}
