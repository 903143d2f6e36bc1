"""The section `eligibility`: how predicted benefits are distributed, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ruamel.yaml.comments import CommentedSeq

from sapar.hta.engine.eligibility.document import Eligibility
from sapar.hta.engine.eligibility.rule import KINDS
from sapar.hta.engine.expressions.parse import Call
from sapar.hta.engine.model.limits import SHARE, Between, Limit, limited
from sapar.hta.engine.model.model import Expression, Use
from sapar.hta.engine.model.section import Found

if TYPE_CHECKING:
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

KEYS = ("difference", "cost", "loss", "threshold", "saving", "patients", "prediction")
FORMS = {"normal": ({"mean", "sd"},), "beta": ({"a", "b"}, {"mean", "sd"})}
MOST_PATIENTS = 100_000
NORMAL = {"mean": Between(-1.0, 1.0), "sd": Between(0.0, 1.0, above=True)}
"""A difference of two probabilities lies between -1 and 1, and so does not vary by more than 1."""


@dataclass(slots=True)
class _Section:
    r: Reader
    uses: list[Use] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    def expression(self, place: Place) -> Expression:
        """An expression of the model's inputs."""
        found = self.r.expression(place)
        self.uses.append(Use(found, "", steady=True))
        return found

    def optional(self, place: Place, key: str) -> Expression | None:
        """An expression that may be missing."""
        inside = self.r.part(place, key)
        return None if inside is None else self.expression(inside)

    def law(self, place: Place) -> tuple[str, dict[str, Expression], tuple[float, ...]]:
        """The distribution of benefits: a law with its arguments, or patients one by one."""
        if isinstance(place.value, CommentedSeq):
            numbers = [self.r.number(place.at(k), -1, 1) for k in range(len(place.value))]
            if not 1 <= len(numbers) <= MOST_PATIENTS:
                self.r.note("eligibility_patients", place, len(numbers), most=MOST_PATIENTS)
            return "patients", {}, tuple(numbers)
        found = self.r.expression(place)
        call = found.node
        if not isinstance(call, Call) or call.name not in FORMS or call.args:
            self.r.note("distribution", place, found.text, known=", ".join(FORMS))
            return "patients", {}, (0.0,)
        if set(dict(call.named)) not in FORMS[call.name]:
            known = "; ".join(", ".join(sorted(form)) for form in FORMS[call.name])
            self.r.note("distribution_arguments", place, found.text, known=known)
            return "patients", {}, (0.0,)
        arguments = {key: Expression(found.text, node, found.where) for key, node in call.named}
        self.uses += [Use(each, "", steady=True) for each in arguments.values()]
        if call.name == "normal":
            for key, each in arguments.items():
                self.limits += limited(self.r, place, each, NORMAL[key], f"difference.{key}")
        return call.name, arguments, ()

    def error(self, place: Place) -> Expression:
        """How far predictions lie from the truth."""
        found = self.expression(place)
        self.limits += limited(self.r, place, found, SHARE, "prediction.sd")
        return found


def read_eligibility(r: Reader, place: Place, _: Known) -> Found:
    """Read whom to treat.

    Returns:
        An `eligibility.document.Eligibility`.
    """
    s = _Section(r)
    if not r.mapping(place, KEYS, ("difference", "cost", "loss", "threshold")):
        return Found(None)
    law, arguments, patients = s.law(place.at("difference"))
    prediction = r.part(place, "prediction")
    error, kind = None, KINDS[0]
    if prediction is not None and r.mapping(prediction, ("sd", "kind"), ("sd",)):
        error = s.error(prediction.at("sd"))
        kind = r.choice(prediction, "kind", KINDS, KINDS[0])
    found = Eligibility(
        law=law,
        arguments=arguments,
        patients=patients,
        cost=s.expression(place.at("cost")),
        loss=s.expression(place.at("loss")),
        threshold=s.expression(place.at("threshold")),
        saving=s.optional(place, "saving"),
        number=s.optional(place, "patients"),
        error=error,
        kind=kind,
        where=place.where,
        limits=tuple(s.limits),
    )
    return Found(found, uses=tuple(s.uses))
