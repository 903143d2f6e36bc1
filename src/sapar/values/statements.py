"""What an engine says, before anyone has chosen a language.

Engines know neither Django nor the reader's language. They return codes with
parameters; `kernel.languages.phrases` turns them into sentences. So one answer can be
stored once, read in five languages, and compared by a test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from sapar.values.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

Param = str | int | Decimal | date | datetime | Money | None
"""What a phrase may be filled with. A `date` is shown in the reader's form; a str as it is;
a str under a key ending in `_country` or `_code` is looked up (see kernel.languages.phrases)."""

NO_PARAMS: Mapping[str, Param] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence in code form, for instance `Statement("visa.not_needed", {"country": "KG"})`.

    Attributes:
        code: `<room>.<what>`, the key of a phrase.
        params: the values that the phrase's placeholders take.
    """

    code: str
    params: Mapping[str, Param] = field(default_factory=lambda: NO_PARAMS)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with an input: what, where, the value and the remedy.

    Attributes:
        code: the key of two phrases, `<code>` (what is wrong) and `<code>.remedy`.
        where: a path a person can follow: a form field, a FHIRPath, a file and line.
        value: the offending value, shortened to 200 characters by `of`.
        params: further values for the phrases.
        fatal: False for a warning: the rest was taken, this was not.
    """

    code: str
    where: str = ""
    value: str = ""
    params: Mapping[str, Param] = field(default_factory=lambda: NO_PARAMS)
    fatal: bool = True

    @classmethod
    def of(
        cls,
        code: str,
        *,
        where: str = "",
        value: object = "",
        fatal: bool = True,
        **params: Param,
    ) -> Problem:
        """Make a problem; `value` may be anything and is shortened to 200 characters."""
        text = str(value)
        shown = text if len(text) <= 200 else text[:197] + "..."
        return cls(code, where, shown, MappingProxyType(params), fatal)
