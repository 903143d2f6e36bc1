"""The entries of the navigation; rooms add theirs when Django starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.kernel import policy
from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from sapar.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A place that the navigation leads to.

    Attributes:
        label: in the reader's language.
        url_name: a name that `reverse` resolves without arguments.
        permission: who sees it; "" is everybody, signed in or not.
        order: smaller stands first.
        icon: a name from design's icon set, or "".
    """

    label: str | _StrPromise
    url_name: str
    permission: str = ""
    order: int = 50
    icon: str = ""


navigation: Registry[Entry] = Registry("navigation")


def entries_for(actor: Actor) -> list[Entry]:
    """The entries this actor may use, in order."""
    return sorted(
        (e for e in navigation if not e.permission or policy.can(actor, e.permission)),
        key=lambda entry: entry.order,
    )
