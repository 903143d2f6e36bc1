"""What other rooms know of an account: the people room adds the patients it speaks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.kernel.accounts.models import User
    from sapar.kernel.actors import Actor

    ActorExtra = Callable[[User, Actor], Actor]

actor_extras: Registry[ActorExtra] = Registry("actor extras")
"""Room name to a function that returns the actor with more in it (`dataclasses.replace`)."""


def with_extras(user: User, actor: Actor) -> Actor:
    """The actor with what the rooms add, in the order of their registration."""
    for extra in actor_extras:
        actor = extra(user, actor)
    return actor
