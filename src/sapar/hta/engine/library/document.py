"""A document that Python fills: what comes out is what a YAML file would say, and is checked so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from sapar.hta.engine.library.terms import Term, call
from sapar.hta.engine.model.read import read_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.hta.engine.model.model import AnyModel

    Value = Term | float | str

WIDTH = 100


class _Pieces:
    """What YAML writes into."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def write(self, text: str | bytes) -> None:
        """Keep a piece."""
        self.said.append(text.decode() if isinstance(text, bytes) else text)


def _plain(value: Any) -> Any:
    """Terms as text, in mappings and lists, too; what is None is left out."""
    if isinstance(value, Term):
        return value.text
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


@dataclass(slots=True)
class Document:
    """A cohort model or a decision tree under construction.

    Every method returns what an expression may use, or the document itself. Names, units, places
    of a distribution are checked by `model`, as those of a file are.

    Attributes:
        id: of the model.
        title: for people.
        schema: the kind of the model.
        version: of the document.
        parts: what was said so far, as the keys of the YAML document.
    """

    id: str
    title: str = ""
    schema: str = "sapar.hta.model/1"
    version: str = "1"
    parts: dict[str, Any] = field(default_factory=dict)

    def settings(self, **given: Any) -> Document:
        """How the model is counted: the keys of `settings`, for instance `cycles=75`."""
        self.parts.setdefault("settings", {}).update(given)
        return self

    def strategy(self, name: str, label: str = "") -> Document:
        """Something that is compared."""
        self.parts.setdefault("strategies", {})[name] = label or name
        return self

    def parameter(
        self,
        name: str,
        value: Value | Mapping[str, Value],
        *,
        unit: str | None = None,
        distribution: Term | str | None = None,
        label: str | None = None,
        source: str | None = None,
        read: date | None = None,
        mark: str | None = None,
    ) -> Term:
        """An input; `value` by strategy where it is a mapping. See `model.Parameter`."""
        one = isinstance(value, Term | float | int | str)
        given = {
            "value": value if one else None,
            "by_strategy": None if one else value,
            "unit": unit,
            "distribution": distribution,
            "label": label,
            "source": source,
            "date": read,
            "mark": mark,
        }
        self.parts.setdefault("parameters", {})[name] = given
        return Term(name)

    def table(
        self, name: str, rows: Mapping[float, float], **given: Any
    ) -> Callable[[Term | float], Term]:
        """Values by a number; what comes back is called in expressions, `death(age)`."""
        self.parts.setdefault("tables", {})[name] = {**given, "rows": dict(rows)}
        return lambda place: call(name, place)

    def let(self, name: str, value: Value) -> Term:
        """A named expression."""
        self.parts.setdefault("let", {})[name] = value
        return Term(name)

    def state(self, name: str, label: str = "", *, start: Value = 0, **given: Any) -> Document:
        """A state: `memory=75`, `dead=True`, `absorbing=True`; `start` is its share at first."""
        self.parts.setdefault("states", {})[name] = {"label": label or name, **given}
        begin = self.parts.setdefault("start", {})
        if isinstance(start, Term | str) or start:
            begin[name] = start
        return self

    def transition(self, origin: str, to: str, probability: Value) -> Document:
        """A probability of a cycle."""
        self.parts.setdefault("transitions", {}).setdefault(origin, {})[to] = probability
        return self

    def reward(
        self,
        name: str,
        states: Mapping[str, Value] | None = None,
        transitions: Mapping[tuple[str, str], Value] | None = None,
        **given: Any,
    ) -> Document:
        """A cost or an effect: `unit`, `discount`, `per`, `label`; see `model.Reward`."""
        arrows = {f"{a} -> {b}": each for (a, b), each in (transitions or {}).items()}
        inside = {**given, "states": dict(states or {}) or None, "transitions": arrows or None}
        self.parts.setdefault("rewards", {})[name] = inside
        return self

    def tree(self, root: Mapping[str, Any]) -> Document:
        """The branches of a decision tree, as the document's `tree`."""
        self.parts["tree"] = root
        return self

    def decision(self, cost: str, effect: str) -> Document:
        """The rewards that decide."""
        self.parts["decision"] = {"cost": cost, "effect": effect}
        return self

    def section(self, name: str, inside: Any) -> Document:
        """Another section of the document, for instance `joint`."""
        self.parts[name] = inside
        return self

    def text(self) -> str:
        """The YAML document."""
        head = {"schema": self.schema, "id": self.id, "title": self.title or self.id}
        out, yaml = _Pieces(), YAML()
        yaml.default_flow_style, yaml.width = False, WIDTH
        yaml.dump(_plain({**head, "version": self.version, **self.parts}), out)
        return "".join(out.said)

    def model(self) -> AnyModel:
        """The model.

        Raises:
            BadModelError: with every mistake, its path, and its line in `text`.
        """
        return read_model(self.text())
