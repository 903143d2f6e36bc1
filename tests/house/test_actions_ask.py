"""Every action asks the policy, as its text shows; when it runs, the decorator sees to it too."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from sapar.kernel import policy
from sapar.kernel.actions import actions
from sapar.site import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEEP = 4
"""Through how many helpers the question is looked for."""


def called(function: Callable[..., Any]) -> Iterator[Any]:
    """The functions of ours that a function's text calls."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        if isinstance(target, ast.Name):
            found = function.__globals__.get(target.id)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            found = getattr(function.__globals__.get(target.value.id), target.attr, None)
        else:
            continue
        if inspect.isfunction(found) and found.__module__.startswith("sapar."):
            yield inspect.unwrap(found)


def asks(function: Callable[..., Any], deep: int = DEEP) -> bool:
    """Whether the policy is asked in a function, or in a helper that it calls."""
    found = list(called(function))
    if policy.require in found:
        return True
    return deep > 0 and any(asks(helper, deep - 1) for helper in found if helper is not function)


ROOMS = {
    "accounts", "answer", "booking", "cases", "documents", "funding", "hta", "network", "people",
    "proton",
}  # fmt: skip


def test_the_actions_of_all_rooms_are_known() -> None:
    assert urls.urlpatterns  # they bring every room's actions with them
    assert {name.partition(".")[0] for name, _spec in actions.items()} >= ROOMS


@pytest.mark.parametrize(
    "name", [name for name, _spec in actions.items() if name.partition(".")[0] in ROOMS]
)
def test_an_action_asks_the_policy(name: str) -> None:
    assert asks(inspect.unwrap(actions.get(name).function))


def test_a_function_that_asks_nothing_is_found_out() -> None:
    def silent() -> str:
        return textwrap.dedent("x")

    assert not asks(silent)
