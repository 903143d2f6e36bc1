"""How a study is judged: its design, the domains of bias of that design, and the certainty.

The domains follow the kinds of question of RoB 2 (randomised) and ROBINS-I (not randomised), the
words of certainty those of GRADE; names are our own short words, in the phrases `hta.bias.<name>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

RANDOMISED = ("randomisation", "deviation", "missing", "measurement", "selection")
OBSERVED = ("confounding", "participants", "classification", *RANDOMISED[1:])
REVIEWED = ("eligibility", "search", "appraisal", "synthesis")
REPORTED = ("identity", "completeness", "transfer")
DESIGNS: dict[str, tuple[str, ...]] = {
    "randomised": RANDOMISED,
    "cohort": OBSERVED,
    "case-control": OBSERVED,
    "before-after": OBSERVED,
    "single-arm": OBSERVED,
    "review": REVIEWED,
    "economic": REPORTED,
    "register": REPORTED,
    "expert": REPORTED,
}
"""By design: the domains in which bias is judged."""
RISKS = ("low", "some", "high", "unclear")
CERTAINTY = ("very-low", "low", "moderate", "high")


def domains_of(design: str) -> tuple[str, ...]:
    """The domains of bias of a design."""
    return DESIGNS[design]


def unfit(design: str, risk: Mapping[str, str], certainty: str) -> list[Problem]:
    """What is wrong with a judgement: missing or unknown domains, words not of the list.

    High certainty does not go with a high or unclear risk of bias, nor with experts' words alone.
    """
    wanted, known = domains_of(design), ", ".join(RISKS)
    found = [
        Problem.of("hta.process.bias", where=name, value=risk.get(name, ""), known=known)
        for name in wanted
        if risk.get(name) not in RISKS
    ]
    found += [
        Problem.of("hta.process.bias_domain", where=name, value=name, known=", ".join(wanted))
        for name in risk
        if name not in wanted
    ]
    if certainty not in CERTAINTY:
        said = Problem.of(
            "hta.process.certainty", where="certainty", value=certainty, known=", ".join(CERTAINTY)
        )
        return [*found, said]
    doubt = {"high", "unclear"} & set(risk.values()) or design == "expert"
    if certainty == "high" and doubt:
        found.append(Problem.of("hta.process.too_certain", where="certainty", value=certainty))
    return found
