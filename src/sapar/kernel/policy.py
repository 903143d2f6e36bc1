"""Who may do and see what: one table, asked in two ways.

`can(actor, permission, obj)` answers for one object, `visible_to(actor, permission, rows)`
for a list. Both read the same rules, and each rule's scope is written once; a property test
proves that they agree. Rooms keep their rules as data in `policy.py` and register them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from sapar.kernel import context
from sapar.kernel.errors import NotAllowedError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sapar.kernel.actors import Actor
    from sapar.kernel.roles import Role

_M = TypeVar("_M", bound=Model)
NOTHING = Q(pk__in=[])


class Scope(ABC):
    """The objects that a rule reaches, for one actor."""

    name: str

    @abstractmethod
    def covers(self, actor: Actor, obj: Model) -> bool:
        """Whether the rule reaches this object."""

    @abstractmethod
    def query(self, actor: Actor) -> Q:
        """The same, as a filter."""


@dataclass(frozen=True)
class Everything(Scope):
    """Every object."""

    name: str = "everything"

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Always."""
        return True

    def query(self, actor: Actor) -> Q:
        """No restriction."""
        return Q()


@dataclass(frozen=True)
class Except(Scope):
    """Every object but those whose field is among some values, whoever asks."""

    name: str
    field: str
    values: tuple[Any, ...]

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Whether the object's value is none of them."""
        return _follow(obj, self.field) not in self.values

    def query(self, actor: Actor) -> Q:
        """The same, as a filter."""
        return _is_none_of(self.field, self.values)


@dataclass(frozen=True)
class Where(Scope):
    """Objects whose field equals, or lies in, an attribute of the actor.

    Attributes:
        name: the scope in words, for the generated documentation.
        field: a field path with double underscores; foreign keys only, no lists.
        attribute: the Actor's attribute: a value or a frozenset. An empty one reaches nothing.
        also: further `(field path, value)` pairs that must be equal.
        but_not: `(field path, values)` pairs whose value must not be among the values.
    """

    name: str
    field: str
    attribute: str
    also: tuple[tuple[str, Any], ...] = ()
    but_not: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Compare the object's value with the actor's."""
        wanted = getattr(actor, self.attribute)
        value = _follow(obj, self.field)
        if value is None or wanted in (None, "", frozenset()):
            return False
        if not (value in wanted if isinstance(wanted, frozenset) else value == wanted):
            return False
        return all(_follow(obj, path) == expected for path, expected in self.also) and all(
            _follow(obj, path) not in values for path, values in self.but_not
        )

    def query(self, actor: Actor) -> Q:
        """The same comparison in the database."""
        wanted = getattr(actor, self.attribute)
        if wanted in (None, "", frozenset()):
            return NOTHING
        suffix = "__in" if isinstance(wanted, frozenset) else ""
        result = Q(**{self.field + suffix: wanted}) & Q(**dict(self.also))
        for path, values in self.but_not:
            result &= _is_none_of(path, values)
        return result


@dataclass(frozen=True)
class Listed(Scope):
    """Objects named by rows of another table: grants, invitations, panels.

    Attributes:
        name: the scope in words.
        rows: from an actor to the rows that grant; evaluated at each question.
        field: the field of those rows that holds the object's id.
    """

    name: str
    rows: Callable[[Actor], QuerySet[Any]]
    field: str

    def covers(self, actor: Actor, obj: Model) -> bool:
        """Whether a row names the object."""
        return self.rows(actor).filter(**{self.field: obj.pk}).exists()

    def query(self, actor: Actor) -> Q:
        """The same, as EXISTS."""
        return Q(Exists(self.rows(actor).filter(**{self.field: OuterRef("pk")})))


def _is_none_of(path: str, values: tuple[Any, ...]) -> Q:
    """Rows whose value is none of these, those without a value among them.

    Said twice, since Django leaves rows without a value out of `~Q` where another rule of the same
    question has joined the table.
    """
    return Q(**{path + "__isnull": True}) | ~Q(**{path + "__in": values})


def _follow(obj: Any, path: str) -> Any:
    for part in path.split("__"):
        if obj is None:
            return None
        obj = getattr(obj, part)
    return obj


@dataclass(frozen=True, slots=True)
class Rule:
    """These roles may use this permission within this scope.

    `anyone` is for what needs no role: asking for access, one's own account.
    """

    permission: str
    roles: frozenset[Role]
    scope: Scope
    anyone: bool = False


def rule(permission: str, scope: Scope, *roles: Role) -> Rule:
    """A row of the table; reads as a sentence in the rooms' policy.py."""
    return Rule(permission, frozenset(roles), scope)


def anyone(permission: str, scope: Scope) -> Rule:
    """A row that asks for no role. With a scope by `user_id` it means whoever is signed in."""
    return Rule(permission, frozenset(), scope, anyone=True)


_rules: dict[str, list[Rule]] = {}


def register(rules: Iterable[Rule]) -> None:
    """Add a room's rules; registering the same rule twice changes nothing."""
    for entry in rules:
        known = _rules.setdefault(entry.permission, [])
        if entry not in known:
            known.append(entry)


def rules() -> list[Rule]:
    """The whole table, in order of permission; the docs are generated from it."""
    return [entry for permission in sorted(_rules) for entry in _rules[permission]]


def _applicable(actor: Actor, permission: str) -> list[Scope]:
    return [
        entry.scope
        for entry in _rules.get(permission, ())
        if entry.anyone or entry.roles & actor.roles
    ]


def can(actor: Actor, permission: str, obj: Model | None = None) -> bool:
    """Whether the actor may do this, to this object if one is given.

    Without an object: whether there is any rule for the actor's roles (menus ask this).
    The system itself may do everything; its actions are audited under its name.
    """
    if actor.system:
        return True
    scopes = _applicable(actor, permission)
    if obj is None:
        return bool(scopes)
    return any(scope.covers(actor, obj) for scope in scopes)


def require(actor: Actor, permission: str, obj: Model | None = None) -> None:
    """As `can`, raising. Actions call this; the action decorator checks that they did.

    Raises:
        NotAllowedError: the table has no rule for it.
    """
    running = context.current()
    if isinstance(running, context.Running):
        running.authorised = True
    if not can(actor, permission, obj):
        where = f"{obj._meta.label_lower}:{obj.pk}" if obj is not None else ""  # noqa: SLF001
        raise NotAllowedError(Problem.of("kernel.not_allowed", where=where, value=permission))


def visible_to(actor: Actor, permission: str, rows: QuerySet[_M]) -> QuerySet[_M]:
    """The rows for which `can(actor, permission, row)` is true, as one query."""
    if actor.system:
        return rows
    reached = NOTHING
    for scope in _applicable(actor, permission):
        query = scope.query(actor)
        if query == Q():
            return rows
        reached = query if reached is NOTHING else reached | query
    return rows.filter(reached)
