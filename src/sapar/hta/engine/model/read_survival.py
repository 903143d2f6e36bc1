"""The section `survival`: curves by name, each a law of the time to an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.parse import Call, Name
from sapar.hta.engine.model.model import MARKS, Expression, Use
from sapar.hta.engine.model.parts import read_date
from sapar.hta.engine.model.section import Found
from sapar.hta.engine.survival.curves import Curve, LawText
from sapar.hta.engine.survival.forms import FORMS, MOST_SERIES, Form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sapar.hta.engine.expressions.parse import Node
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = ("law", "by_strategy", "label", "source", "date", "mark")
_NUMBERED = re.compile(r"([a-z]+)(\d{1,2})")
NOTHING = LawText("", "", (), {}, {}, "", "", "")


class _Laws:
    """Reads laws; what is wrong is noted."""

    def __init__(self, r: Reader, known: Known, curves: Mapping[str, Curve]) -> None:
        self.r, self.known, self.curves = r, known, curves

    def read(self, place: Place) -> LawText:
        """The law that stands at a place."""
        expression = self.r.expression(place)
        return self.law(expression.node, expression, place)

    def note(self, code: str, place: Place, value: str, **params: str) -> LawText:
        """Add a mistake."""
        self.r.note(code, place, value, **params)
        return NOTHING

    def law(self, node: Node, whole: Expression, place: Place) -> LawText:
        """A law, or the name of an earlier curve."""
        if isinstance(node, Name):
            if node.name not in self.curves:
                return self.note("curve", place, node.name, known=", ".join(self.curves) or "-")
            return LawText("", node.name, (), {}, {}, "", place.where, whole.text)
        if not isinstance(node, Call) or node.name not in FORMS:
            name = node.name if isinstance(node, Call) else whole.text
            return self.note("law", place, name, known=", ".join(FORMS))
        form = FORMS[node.name]
        if len(node.args) != form.laws:
            return self.note("law_inside", place, node.name, known=f"{node.name}({form.written()})")
        laws = tuple(self.law(each, whole, place) for each in node.args)
        given = {key: Expression(whole.text, each, whole.where) for key, each in node.named}
        table = self.table(form, node, given, place)
        series = self.series(form, node.name, given, place)
        needed = set(form.arguments)
        allowed = needed | ({"age"} if form.table else set())
        wrong = [key for key in given if key not in allowed]
        missing = [key for key in form.arguments if key not in given]
        if wrong or missing:
            written = f"{node.name}({form.written()})"
            return self.note("law_arguments", place, ", ".join(wrong or missing), known=written)
        return LawText(node.name, "", laws, given, series, table, place.where, whole.text)

    def table(self, form: Form, node: Call, given: dict[str, Expression], place: Place) -> str:
        """The name of the life table, which is taken out of the arguments."""
        if not form.table:
            return ""
        named = given.pop("table", None)
        name = named.node.name if named is not None and isinstance(named.node, Name) else ""
        if name not in self.known.tables:
            known = ", ".join(self.known.tables) or "-"
            self.note("law_table", place, name or node.name, known=known)
        elif min(self.known.tables[name].values) < 0:
            self.note("law_table_negative", place, name)
        return name

    def series(
        self, form: Form, name: str, given: dict[str, Expression], place: Place
    ) -> dict[str, tuple[Expression, ...]]:
        """Numbered arguments in their order, which are taken out of the arguments."""
        found: dict[str, dict[int, Expression]] = {key: {} for key in form.series}
        for key in list(given):
            numbered = _NUMBERED.fullmatch(key)
            if numbered and numbered[1] in found:
                found[numbered[1]][int(numbered[2])] = given.pop(key)
        if not form.series:
            return {}
        lengths = [len(each) for each in found.values()]
        first = [start for start, _ in form.series.values()]
        whole = all(
            sorted(each) == list(range(start, start + len(each)))
            for each, start in zip(found.values(), first, strict=True)
        )
        fits = (
            2 <= lengths[0] == lengths[1]
            if name.startswith("spline")
            else 1 <= lengths[0] == lengths[1] + 1
        )
        if not whole or not fits or max(lengths) > MOST_SERIES:
            self.note("law_arguments", place, name, known=f"{name}({form.written()})")
        return {key: tuple(each[k] for k in sorted(each)) for key, each in found.items()}


def _curve(r: Reader, name: str, inside: Place, known: Known, curves: Mapping[str, Curve]) -> Curve:
    laws = _Laws(r, known, curves)
    found: dict[str, LawText] = {}
    if not isinstance(inside.value, str) and r.mapping(inside, KEYS):
        one, each = r.part(inside, "law"), r.part(inside, "by_strategy")
        if (one is None) == (each is None):
            r.note("one_law", inside, name)
        elif one is not None:
            found = {"": laws.read(one)}
        elif each is not None and r.mapping(each, known.strategies, known.strategies):
            found = {key: laws.read(place) for key, place in each.items()}
    elif isinstance(inside.value, str):
        # The short form: a name and its law.
        found = {"": laws.read(inside)}
    return Curve(
        name=name,
        laws=found,
        label=r.text(inside, "label", name),
        source=r.text(inside, "source"),
        read=read_date(r, r.part(inside, "date")),
        mark=r.choice(inside, "mark", MARKS, "unverified"),
        where=inside.where,
    )


def _uses(curves: Iterable[Curve]) -> Iterable[Use]:
    for curve in curves:
        for law in curve.laws.values():
            for expression, wants in law.expressions():
                yield Use(expression, wants, steady=True)


def read_survival(r: Reader, place: Place, known: Known) -> Found:
    """The curves of a document.

    Args:
        r: notes mistakes.
        place: the section.
        known: what it may name.

    Returns:
        Its value is a mapping from names to `Curve`.
    """
    curves: dict[str, Curve] = {}
    if not r.mapping(place, None):
        return Found(curves)
    for name, inside in place.items():
        r.name(inside, name)
        if name in known.parameters or name in known.tables:
            r.note("twice", inside, name)
        curves[name] = _curve(r, name, inside, known, curves)
    named = {each for curve in curves.values() for text in _inner(curve) for each in text.named()}
    return Found(curves, uses=tuple(_uses(curves.values())), touches=tuple(sorted(named)))


def _inner(curve: Curve) -> Iterable[LawText]:
    waiting = list(curve.laws.values())
    while waiting:
        text = waiting.pop()
        yield text
        waiting += text.laws
