"""Actions: the only way to change records.

    @action("cases.accept")
    def accept(*, by: Actor, case: UUID, version: int, reason: str) -> None:
        record = Case.objects.claim(case, version)
        policy.require(by, "cases.decide", record)
        ...
        note(root=("case", case), what={"reason": reason})

One function for one thing a user can do: keyword-only, atomic, the actor as `by=`. It must
ask the policy and write at least one audit row; the decorator refuses one that does not.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from django.db import transaction

from sapar.kernel import context
from sapar.kernel.audit import chain
from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

P = ParamSpec("P")
T = TypeVar("T")


class ActionDefectError(RuntimeError):
    """An action broke a rule of the house. A bug, never a user's mistake."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A registered action: its name and the function's first line of documentation."""

    name: str
    summary: str
    function: Callable[..., Any]


actions: Registry[ActionSpec] = Registry("actions")


def action(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Register a function as an action.

    Args:
        name: `<room>.<verb>`, as the audit trail will keep it.

    Raises:
        ActionDefectError: at import, if the function is not keyword-only with `by`; at run
            time, if it returned without asking the policy or without an audit row.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        parameters = inspect.signature(function).parameters
        if "by" not in parameters or any(
            p.kind is not inspect.Parameter.KEYWORD_ONLY for p in parameters.values()
        ):
            message = f"action {name}: parameters are keyword-only and one is `by`"
            raise ActionDefectError(message)

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            by: Any = kwargs["by"]
            with transaction.atomic(), context.running(context.Running(name, by)) as running:
                result = function(*args, **kwargs)
                if not running.authorised:
                    message = f"action {name} did not ask the policy"
                    raise ActionDefectError(message)
                if not running.noted:
                    message = f"action {name} wrote no audit row"
                    raise ActionDefectError(message)
                return result

        summary = (inspect.getdoc(function) or "").split("\n", 1)[0]
        actions.add(name, ActionSpec(name, summary, run))
        return run

    return decorate


def note(
    *,
    root: tuple[str, UUID],
    about: tuple[str, UUID] | None = None,
    what: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Write an audit row for the running action, in its transaction.

    Args:
        root: the chain it belongs to, such as ("case", id), ("patient", id), ("organisation", id).
        about: the record within it, if another.
        what: ids, codes, states and versions only; never names or clinical content, since
            the trail is kept when a person is erased.

    Raises:
        ActionDefectError: no action is running.
    """
    running = context.current()
    if isinstance(running, context.Unaudited):
        return
    if running is None:
        message = "note() outside an action"
        raise ActionDefectError(message)
    running.noted += 1
    chain.append(
        root_type=root[0],
        root_id=root[1],
        action=running.name,
        by=running.by,
        about=about or root,
        what=dict(what or {}),
    )
