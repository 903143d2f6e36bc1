"""What a test is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sapar.hta.engine.verification.subject import Subject

PASSED, SKIPPED, WARNED, FAILED = "passed", "not-applicable", "warning", "failed"
STATUSES = (FAILED, WARNED, PASSED, SKIPPED)
"""In the order in which people want to read them."""


def gettext_noop(text: str) -> str:
    """Mark a text for translation; engines know no languages, whoever shows it translates."""
    return text


GROUPS: dict[str, str] = {
    "structure": gettext_noop("Structure"),
    "conventions": gettext_noop("Conventions"),
    "discounting": gettext_noop("Discounting"),
    "horizon": gettext_noop("Horizon"),
    "costs": gettext_noop("Costs"),
    "effects": gettext_noop("Effects"),
    "arms": gettext_noop("Strategies"),
    "parameters": gettext_noop("Inputs"),
    "distributions": gettext_noop("Distributions"),
    "draws": gettext_noop("Draws"),
    "sources": gettext_noop("Sources and units"),
    "answer": gettext_noop("Answer"),
}
"""The groups of tests, in the order of a table, with their titles."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one test found.

    Attributes:
        status: one of `STATUSES`.
        why: a sentence with places for `params`; empty where a test passed.
        found, expected: numbers or short texts to compare; empty where there are none.
        names: the states, strategies, inputs or expressions that it is about.
    """

    status: str
    why: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    found: str = ""
    expected: str = ""
    names: tuple[str, ...] = ()


Check = "Callable[[Subject], Outcome]"


@dataclass(frozen=True, slots=True)
class Test:
    """One test.

    Attributes:
        id: group and name, for instance `costs.doubled`.
        group: a key of `GROUPS`.
        says: what must hold.
        needs: keys of `subject.NEEDS`; where a model lacks one the test is not applicable.
        check: looks.
    """

    id: str
    group: str
    says: str
    needs: tuple[str, ...]
    check: Callable[[Subject], Outcome]


TESTS: dict[str, Test] = {}
"""All tests by id, in the order in which their modules give them."""


def test(
    group: str, says: str, *needs: str
) -> Callable[[Callable[[Subject], Outcome]], Callable[[Subject], Outcome]]:
    """Make a function on a subject a test of a group; its name ends the id."""

    def made(check: Callable[[Subject], Outcome]) -> Callable[[Subject], Outcome]:
        name = f"{group}.{check.__name__}"
        TESTS[name] = Test(name, group, says, needs, check)
        return check

    return made


def passed(found: object = "", expected: object = "") -> Outcome:
    """It holds."""
    return Outcome(PASSED, found=shown(found), expected=shown(expected))


def skipped(why: str, **params: object) -> Outcome:
    """It cannot be asked of this model."""
    return Outcome(SKIPPED, why, {key: shown(each) for key, each in params.items()})


def failed(
    found: object = "", expected: object = "", names: Iterable[str] = (), *, why: str = ""
) -> Outcome:
    """It does not hold: a mistake."""
    return _wrong(FAILED, why, (found, expected), names)


def warned(
    found: object = "", expected: object = "", names: Iterable[str] = (), *, why: str = ""
) -> Outcome:
    """It does not hold, and there may be a reason."""
    return _wrong(WARNED, why, (found, expected), names)


def _wrong(status: str, why: str, values: tuple[object, object], names: Iterable[str]) -> Outcome:
    listed = tuple(dict.fromkeys(names))
    params = {"names": listing(listed)} if why else {}
    return Outcome(status, why, params, shown(values[0]), shown(values[1]), listed)


def listing(names: tuple[str, ...]) -> str:
    """Some names in one text."""
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "")


def shown(value: object) -> str:
    """A number in up to nine digits, anything else as it is."""
    return f"{float(value):.9g}" if isinstance(value, int | float) else str(value)
