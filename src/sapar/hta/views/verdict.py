"""What a run says in one sentence, with its doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sapar.hta.views import reader, words
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.design.components import Meaning
    from sapar.hta.views.picture import Shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence and the doubts that go with it."""

    meaning: Meaning
    sentence: str
    doubts: tuple[str, ...] = ()


def verdict(shown: Shown) -> Verdict | None:
    """The verdict of an answered run; None where the kind of question gives none."""
    if shown.run.result and shown.run.kind == "verify":
        return _verify(shown)  # how a model behaves does not depend on its sources
    if not shown.run.result or shown.run.kind not in _KINDS:
        return None
    missing = reader.placeholders(shown.model) if shown.model else []
    if missing:
        said = ngettext(
            "Not assessable: {n} input has no source ({names}).",
            "Not assessable: {n} inputs have no source ({names}).",
            len(missing),
        )
        sentence = said.format(n=formats.number(len(missing)), names=words.listed(missing))
        remedy = _(
            "The figures below show how the model works, and decide nothing. Give each of these "
            "inputs a source."
        )
        return Verdict("stopped", sentence, (remedy,))
    found = _KINDS[shown.run.kind](shown)
    return Verdict(found.meaning, found.sentence, (*found.doubts, *_unverified(shown)))


def _unverified(shown: Shown) -> tuple[str, ...]:
    names = reader.unverified(shown.model) if shown.model else []
    if not names:
        return ()
    said = ngettext(
        "{n} input is not verified: {names}.", "{n} inputs are not verified: {names}.", len(names)
    )
    return (said.format(n=formats.number(len(names)), names=words.listed(names)),)


def _worth(shown: Shown) -> str:
    return f"{words.money(shown.threshold)} {shown.worth_label}"


def _best(shown: Shown) -> str:
    """The strategy with the largest net benefit; of equals the first."""
    worth = shown.threshold or 0.0
    psa = shown.result.get("psa")
    rows = psa["means"] if psa else shown.result["strategies"]
    benefit = {row["strategy"]: row["effect"] * worth - row["cost"] for row in rows}
    return max(shown.strategies, key=lambda name: benefit[name])


def _compared(shown: Shown, best: str) -> str:
    """What the best costs and gains against the model's first strategy."""
    first = shown.strategies[0]
    if best == first:
        return _("No other strategy is worth its cost.")
    rows = {row["strategy"]: row for row in shown.result["strategies"]}
    cost = rows[best]["cost"] - rows[first]["cost"]
    gain = rows[best]["effect"] - rows[first]["effect"]
    said = (
        _("Against “{first}” it costs {cost} {currency} more and gains {gain} {unit} for a person.")
        if cost >= 0
        else _("Against “{first}” it saves {cost} {currency} and gains {gain} {unit} for a person.")
    )
    return said.format(
        first=shown.strategy(first),
        cost=words.money(abs(cost)),
        currency=shown.currency,
        gain=words.figure(gain, 3),
        unit=shown.effect_unit,
    )


def _base(shown: Shown) -> Verdict:
    if shown.threshold is None:
        sentence = _("No verdict: the question does not say what one unit of effect is worth.")
        return Verdict("waiting", sentence)
    best = _best(shown)
    said = _("At {worth}, “{strategy}” is the best choice.")
    sentence = f"{said.format(worth=_worth(shown), strategy=shown.strategy(best))} "
    doubt = _("A probabilistic analysis tells how sure this is.")
    return Verdict("done", sentence + _compared(shown, best), (doubt,))


def _row_at(table: Sequence[Mapping[str, Any]], worth: float) -> Mapping[str, Any] | None:
    found = [row for row in table if abs(row["threshold"] - worth) <= 1e-9 * max(worth, 1.0)]
    return found[0] if found else None


def _psa(shown: Shown) -> Verdict:
    if shown.threshold is None:
        return _base(shown)
    best = _best(shown)
    row = _row_at(shown.result["psa"]["thresholds"], shown.threshold)
    said = _("At {worth}, “{strategy}” is the best choice on average.")
    sentence = f"{said.format(worth=_worth(shown), strategy=shown.strategy(best))} "
    sentence += _compared(shown, best)
    if row is None:
        return Verdict("done", sentence)
    doubts = [
        _(
            "It is the best in {share} of the draws (± {error}); knowing everything would be worth "
            "{evpi} {currency} for a person."
        ).format(
            share=words.per_cent(row["chances"][best]),
            error=words.per_cent(row["chances_error"][best]),
            evpi=words.with_error(row["evpi"], row["evpi_error"]),
            currency=shown.currency,
        )
    ]
    return Verdict("done", sentence, tuple(doubts))


def _sensitivity(shown: Shown) -> Verdict:
    rows = shown.result["rows"]
    turning = [row for row in rows if row["best_low"] != row["best_high"]]
    still = [shown.parameter(row["parameter"]) for row in rows if not row["moves"]]
    if turning:
        said = _("At {worth} the best choice changes within the range of: {names}.")
        names = words.listed([shown.parameter(row["parameter"]) for row in turning])
        sentence = said.format(worth=_worth(shown), names=names)
    else:
        said = _("At {worth} no input changes the best choice within its range.")
        sentence = said.format(worth=_worth(shown))
    doubts = []
    if still:
        said = _("These inputs move nothing: {names}. Are they used as they were meant?")
        doubts.append(said.format(names=words.listed(still)))
    return Verdict("waiting" if turning else "done", sentence, tuple(doubts))


def _voi(shown: Shown) -> Verdict:
    result = shown.result
    said = _("At {worth}, knowing everything would be worth {evpi} {currency} for a person.")
    sentence = said.format(
        worth=_worth(shown),
        evpi=words.with_error(result["evpi"], result["evpi_error"]),
        currency=shown.currency,
    )
    rows = [row for row in result["evppi"] if row["adequate"] and row["value"] > row["error"]]
    if rows:
        most = _("Most is gained by knowing “{name}” ({value}).")
        name, value = shown.names(rows[0]["names"]), words.money(rows[0]["value"])
        sentence += f" {most.format(name=name, value=value)}"
    doubts = [
        _("No regression follows {names} well enough: do not believe this value.").format(
            names=shown.names(row["names"])
        )
        for row in result["evppi"]
        if not row["adequate"]
    ]
    doubts += [
        _("{more} cannot be worth less than {less}: one of the two values is wrong.").format(
            more=shown.names(pair["more"]), less=shown.names(pair["less"])
        )
        for pair in result["falling"]
    ]
    return Verdict("done" if not doubts else "waiting", sentence, tuple(doubts))


def _verify(shown: Shown) -> Verdict:
    counts = {key: int(value) for key, value in shown.result["counts"].items()}
    failed, passed = counts.get("failed", 0), counts.get("passed", 0)
    tests = ngettext(
        "{n} of {of} test failed: the model does not behave as it must.",
        "{n} of {of} tests failed: the model does not behave as it must.",
        failed + passed,
    )
    if failed:
        of = formats.number(failed + passed)
        return Verdict("act", tests.format(n=formats.number(failed), of=of))
    said = ngettext(
        "The model passed the {n} test that applies to it.",
        "The model passed all {n} tests that apply to it.",
        passed,
    )
    doubts = []
    if warned := counts.get("warning", 0):
        look = ngettext("{n} more should be looked at.", "{n} more should be looked at.", warned)
        doubts.append(look.format(n=formats.number(warned)))
    return Verdict("done", said.format(n=formats.number(passed)), tuple(doubts))


def _budget(shown: Shown) -> Verdict:
    years, row = shown.result["years"], shown.result["payers"][-1]
    total = row["total"]
    said = (
        _("From {first} to {last} the payers pay {money} {currency} more.")
        if total >= 0
        else _("From {first} to {last} the payers save {money} {currency}.")
    )
    sentence = said.format(
        first=years[0], last=years[-1], money=words.money(abs(total)), currency=shown.currency
    )
    doubts = []
    if known := row.get("uncertainty"):
        between = _("In 95 of 100 draws it lies between {low} and {high}.")
        low, high = (words.money(known["total"][key]) for key in ("low", "high"))
        doubts.append(between.format(low=low, high=high))
    stated = shown.result.get("stated")
    if stated and stated["exceeded_in"]:
        over = _("The stated budget is exceeded from {year} on.")
        doubts.append(over.format(year=stated["exceeded_in"]))
    elif stated:
        doubts.append(_("The stated budget is enough in every year."))
    return Verdict("waiting" if stated and stated["exceeded_in"] else "done", sentence, (*doubts,))


_KINDS = {
    "base": _base, "psa": _psa, "sensitivity": _sensitivity, "voi": _voi, "budget": _budget,
}  # fmt: skip
