"""What the room says beside the mistakes of a model: of questions and of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_ASK = {
    "kind": (_("The engine has no such question."), _("Ask one of: {known}.")),
    "seed": (_("The seed is not between 0 and {most}."), _("Take a smaller whole number.")),
    "draws": (_("The number of draws is not between 2 and {most}."), _("Correct the number.")),
    "threshold": (
        _("The worth of one unit of effect is missing, or is below zero."),
        _("Write a number, in the currency of the model."),
    ),
}

WORDS: dict[str, str | _StrPromise] = {
    "hta.job.reading": _("Reading the model"),
    "hta.job.counting": _("Working the model out"),
    "hta.job.drawing": _("Drawing the inputs and working the model out"),
    "hta.job.replaying": _("Working a decision out again"),
    "hta.job.judging": _("Judging a decision under the new reference case"),
    "hta.job.looking": _("Looking at a decision again"),
    "hta.job.knowing": _("Working out what it is worth to know more"),
}
for _kind, _table in (("ask", _ASK),):
    for _code, (_what, _remedy) in _table.items():
        WORDS[f"hta.{_kind}.{_code}"] = _what
        WORDS[f"hta.{_kind}.{_code}.remedy"] = _remedy
