"""Who pays, and how much: the payer's line, the price line and the options between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.answer.engine.problem import Line, LineState, Option, Reason
from sapar.funding.engine.routes import PayerOption, RouteState
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.answer.engine.problem import Question
    from sapar.funding.engine.estimate import Estimate
    from sapar.network.engine.snapshot import Indication

FEW_PLACES = 3
"""From this number of quota places down, self-pay is shown beside the quota."""


def _payer_params(option: PayerOption) -> dict[str, str | int | None]:
    return {
        "payer_name": f"organisation:{option.payer}",
        "agreement_name": f"agreement:{option.agreement}",
        "left": option.places_left,
        "days": option.approval_days,
    }


def payer_reason(option: PayerOption) -> Reason:
    """Why a route stands where it stands."""
    params = _payer_params(option)
    if option.route == "self-pay" and not option.agreement:
        return Reason("payer.self_pay", Statement("answer.payer.rule_self_pay"))
    code = {
        RouteState.OPEN: "answer.payer.rule_quota_left"
        if option.places_left is not None
        else "answer.payer.rule_no_quota",
        RouteState.QUOTA_FULL: "answer.payer.rule_quota_full",
        RouteState.UNVERIFIED: "answer.payer.rule_unverified",
    }[option.state]
    return Reason(f"payer.{option.state.value}", Statement(code, params), option.source)


def payer_line(
    question: Question, options: tuple[PayerOption, ...], indication: Indication | None
) -> Line:
    """Who pays? The best open route; what is unverified is left to people."""
    person = question.facts.person
    if not person.residence and not person.citizenship:
        return Line("payer", LineState.MISSING, Statement("answer.payer.no_country"))
    if not options:
        return Line("payer", LineState.MISSING, Statement("answer.payer.no_programme"))
    best = options[0]
    reasons = [payer_reason(o) for o in options]
    unfunded = indication is not None and indication.funded is False
    if unfunded and best.agreement and indication is not None:
        reasons.insert(
            0,
            Reason(
                "payer.not_funded", Statement("answer.payer.rule_not_funded"), indication.source
            ),
        )
        return Line(
            "payer",
            LineState.TO_DECIDE,
            Statement("answer.payer.not_funded"),
            tuple(reasons),
            (Statement("answer.payer.change_funded"),),
        )
    if best.route == "self-pay" and not best.agreement:
        wished = question.facts.payer_wish == "self-pay"
        unverified = any(o.state is RouteState.UNVERIFIED for o in options)
        if unverified and not wished:
            state, code = LineState.TO_DECIDE, "answer.payer.unverified"
        else:
            state = LineState.KNOWN if wished else LineState.TO_DECIDE
            code = "answer.payer.self_pay" if wished else "answer.payer.only_self_pay"
        return Line(
            "payer", state, Statement(code), tuple(reasons), (Statement("answer.payer.change"),)
        )
    code = "answer.payer.quota" if best.places_left is not None else "answer.payer.agreement"
    return Line(
        "payer",
        LineState.KNOWN,
        Statement(code, _payer_params(best)),
        tuple(reasons),
        (Statement("answer.payer.change"),),
    )


def payer_alternatives(options: tuple[PayerOption, ...], estimate: Estimate | None) -> list[Option]:
    """Close ways to pay, side by side: two open agreements, or a quota that is nearly used up."""
    open_agreements = [o for o in options if o.agreement and o.state is RouteState.OPEN]
    close = open_agreements[:2] if len(open_agreements) > 1 else []
    nearly = [
        o for o in open_agreements[:1] if o.places_left is not None and o.places_left <= FEW_PLACES
    ]
    if not close and not nearly:
        return []
    decides = (
        Statement("answer.option.payer_decides_agreements")
        if close
        else Statement("answer.option.payer_decides_quota", {"left": nearly[0].places_left})
    )
    shown = [_payer_option(o, decides) for o in close or nearly]
    if not close:
        points: list[Statement] = [Statement("answer.option.self_pay_at_once")]
        if estimate is not None:
            points.extend(
                Statement("answer.option.self_pay_price", {"low": low, "high": high})
                for low, high in estimate.totals
            )
        shown.append(Option("payer", Statement("answer.option.self_pay"), tuple(points), decides))
    return shown


def _payer_option(option: PayerOption, decides: Statement) -> Option:
    params = _payer_params(option)
    points = [
        Statement(
            "answer.option.payer_covers",
            {"covers_phrases": ",".join(f"cover.{c}" for c in sorted(option.covers))},
        )
    ]
    if option.places_left is not None:
        points.append(Statement("answer.option.payer_left", params))
    if option.approval_days is not None:
        points.append(Statement("answer.option.payer_days", params))
    return Option("payer", Statement("answer.option.payer", params), tuple(points), decides)


def price_line(estimate: Estimate | None) -> Line:
    """How much? The sum from and to, with its parts as reasons."""
    if estimate is None:
        return Line("price", LineState.MISSING, Statement("answer.price.no_programme"))
    if not estimate.parts:
        return Line("price", LineState.TO_DECIDE, Statement("answer.price.no_tariff"))
    reasons = [
        Reason(
            "price.part",
            Statement(
                f"answer.price.part_{'covered' if p.covered else 'family'}"
                + ("_fixed" if p.units[0] == p.units[1] else ""),
                {
                    "item_phrase": f"tariff.{p.item}",
                    "unit_phrase": f"unit.{p.unit}",
                    "each": p.each,
                    "units_low": p.units[0],
                    "units_high": p.units[1],
                    "low": p.low,
                    "high": p.high,
                },
            ),
            p.source,
        )
        for p in estimate.parts
    ]
    reasons.extend(
        Reason(
            "price.undecided", Statement("answer.price.undecided", {"item_phrase": f"tariff.{i}"})
        )
        for i in estimate.undecided
    )
    low, high = estimate.totals[0]
    params = {"low": low, "high": high}
    if estimate.family:
        params |= {"family_low": estimate.family[0][0], "family_high": estimate.family[0][1]}
        code = "answer.price.total_with_family"
    else:
        code = "answer.price.total_covered"
    if len(estimate.totals) > 1:
        reasons.extend(
            Reason("price.currency", Statement("answer.price.also", {"low": lo, "high": hi}))
            for lo, hi in estimate.totals[1:]
        )
    state = LineState.TO_DECIDE if estimate.undecided else LineState.KNOWN
    changes = (Statement("answer.price.change"),)
    return Line("price", state, Statement(code, params), tuple(reasons), changes)
