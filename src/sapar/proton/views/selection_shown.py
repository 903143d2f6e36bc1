"""An answer in words and rows: the verdict with its doubt, the rule, what would change it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sapar.design.components import Fact
from sapar.kernel.languages import phrases
from sapar.network.naming import in_language
from sapar.proton import source_words
from sapar.proton.adapters.dicom.integrity import INFORMATION
from sapar.proton.data_files import knowledge
from sapar.proton.engine.selection.assess.answer import digits_beside
from sapar.proton.forms_selection import covariate_words, site_words, value_words
from sapar.proton.models import PanelOpinion, Selection
from sapar.proton.views import words
from sapar.proton.views.selection_organs import organ_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sapar.design.components import Meaning
    from sapar.proton.queries.selection import OpinionSeen, SelectionSeen
    from sapar.values.statements import Problem

MEANINGS: dict[str, Meaning] = {
    "indicated": "done",
    "not-indicated": "stopped",
    "worth-a-plan": "waiting",
    "never-qualifies": "stopped",
    "to-be-decided": "act",
    "not-by-this-rule": "waiting",
}
AGREEMENTS: dict[str, Meaning] = {"agreed": "done", "overruled": "act", "no-proposal": "waiting"}
MARK_WORDS = {
    "verified": gettext_lazy("verified"),
    "demonstration": gettext_lazy("demonstration"),
    "unverified": gettext_lazy("not verified"),
}
MOST_CHANGES = 6


def state_words(code: str) -> str:
    """How a version stands."""
    return {
        "waiting": _("Waits to begin"),
        "running": _("Is being worked out"),
        "done": _("Answered"),
        "refused": _("Cannot be worked out"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
    }.get(code, code)


def stage_words(code: str) -> str:
    """What the proton side is."""
    return str(dict(Selection.Stage.choices).get(code, code))


def verdict_words(code: str) -> str:
    """A verdict in one sentence, without its end."""
    return phrases.word(f"proton.selection.verdict.{code}")


def points(share: float | None, digits: int = 1) -> str:
    """A share as percentage points, in the reader's form; "–" where it is not known."""
    if share is None:
        return "–"
    shown = number_format(Decimal(str(round(100 * share, digits))), digits)
    return shown.replace("-", "−")


def span(pair: Iterable[float] | None) -> str:
    """An interval of shares as percentage points, or "" where none is stated."""
    if pair is None:
        return ""
    low, high = pair
    return _("{low} to {high}").format(low=points(low), high=points(high))


def said(kept: Mapping[str, Any]) -> str:
    """A sentence of the answer; one that nobody has words for is shown by its code."""
    code = str(kept["code"])
    if not phrases.known(code):
        return code
    return source_words.said(code, kept.get("params", {}))


def problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems with their remedies; `told` are those that only say what was checked."""
    return [
        {
            "what": phrases.text(each), "remedy": phrases.remedy(each), "fatal": each.fatal,
            "where": each.where, "told": not each.fatal and each.code in INFORMATION,
        }
        for each in found
        if phrases.known(each.code)
    ]  # fmt: skip


def endpoint_words(code: str) -> str:
    """A complication with its grade."""
    return capfirst(phrases.word(f"proton.selection.endpoint.{code}"))


SURE = ("proton.selection.confidence", "proton.selection.no_confidence")
"""How the codes of the sentences begin that say how sure the verdict is."""
SAID_BESIDE = tuple(
    f"proton.selection.{code}" for code in ("points_to", "support_only", "estimate_only")
)
"""What the block of the verdict says in a place of its own."""
LED_BY = 2
"""So many reasons stand under the verdict; the others behind "all reasons"."""


def told(seen: SelectionSeen) -> dict[str, Any]:
    """Everything that the page says of an answer."""
    answer, question = seen.answer or {}, seen.question or {}
    reasons = [(str(each["code"]), said(each)) for each in answer.get("reasons", ())]
    others = [text for code, text in reasons if not code.startswith((*SURE, *SAID_BESIDE))]
    names = {each["id"]: endpoint_words(each["id"]) for each in answer.get("endpoints", ())}
    asked = organs_asked(seen)
    organs = organ_rows(answer, question, names, asked)
    first = [row for row in organs if row["counts"] or row["role"] != "organ" or not asked]
    targets = [row["organ"] for row in answer.get("organs", ()) if row["role"] == "target"]
    return {
        "meaning": MEANINGS.get(seen.verdict, "waiting"),
        "sentence": verdict_words(seen.verdict),
        "confidence": " ".join(text for code, text in reasons if code.startswith(SURE)),
        "reasons": others[:LED_BY],
        "more": others[LED_BY:],
        "points_to": _points_to(answer),
        "by_list": seen.verdict == "not-by-this-rule",
        "stage": stage_words(seen.stage),
        "facts": _facts(seen),
        "organs": first,
        "others": [row for row in organs if row not in first],
        "endpoints": [_endpoint(each) for each in answer.get("endpoints", ())],
        "thresholds": [_threshold(each, names) for each in answer.get("thresholds", ())],
        "changes": [change(each) for each in answer.get("changes", ())[:MOST_CHANGES]],
        "missing": _missing(answer),
        "sources": [_source(each) for each in answer.get("sources", ())],
        "dvh_organs": [*targets[:1], *(asked or _largest(answer))],
        "has_proton": question.get("proton") is not None,
        "proton_note": _proton_note(answer),
    }


def _points_to(answer: Mapping[str, Any]) -> str:
    """What the numbers alone would say, where their marks may not decide."""
    found = answer.get("points_to")
    if not found or found == answer.get("verdict"):
        return ""
    return _("By the numbers alone: {verdict}. Their source may not decide here.").format(
        verdict=verdict_words(found)
    )


def _proton_note(answer: Mapping[str, Any]) -> str:
    """What the proton dose is worth."""
    proton = answer.get("proton")
    if proton is None:
        return _("The proton plan is taken as perfect here: no dose in any organ.")
    word = MARK_WORDS.get(proton["mark"], proton["mark"])
    if proton["source"] == "estimate" and answer["verdict"] == "not-by-this-rule":
        text = _("The proton dose is an estimate ({mark}): doses are compared, nothing more.")
        return text.format(mark=word)
    return {
        "estimate": _(
            "The proton dose is an estimate ({mark}): it can only say if a plan is worth making."
        ),
        "plan": _("The proton dose is an automatic plan ({mark}), not one to treat with."),
        "submitted": _("The proton dose is the plan that was sent with the study ({mark})."),
    }.get(proton["source"], "").format(mark=word)  # fmt: skip


def organs_asked(seen: SelectionSeen) -> tuple[str, ...]:
    """The organs that the models of the rule read, those that decide first."""
    library, _protocols = knowledge()
    listed = sorted((seen.answer or {}).get("endpoints", ()), key=lambda each: not each["counts"])
    kept = (seen.question or {}).get("photon", {}).get("organs", {})
    found: dict[str, None] = {}
    for each in listed:
        for name in each["models"]:
            model = library.models.get(name)
            for organ in model.organs if model is not None else ():
                ways = library.organs.get(organ, ((organ,),))
                way = next((w for w in ways if all(n in kept for n in w)), ())
                found |= dict.fromkeys(way)
    return tuple(found)


def _largest(answer: Mapping[str, Any], most: int = 8) -> list[str]:
    """Where no model is asked: the organs with most dose."""
    rows = [row for row in answer.get("organs", ()) if row["role"] == "organ"]
    rows.sort(key=lambda row: -row["photon_mean_gy"])
    return [row["organ"] for row in rows[:most]]


def _facts(seen: SelectionSeen) -> list[Fact]:
    """What was known of the patient and the plan."""
    question, answer = seen.question or {}, seen.answer or {}
    protocol = in_language(answer.get("protocol_names") or {}) or "–"
    # Whom no rule judges is not shown under the name of one.
    outside = "proton.selection.indication_list" in {r["code"] for r in answer.get("reasons", ())}
    held = [] if outside else [Fact(_("Protocol"), protocol)]
    found = [
        Fact(_("Site"), site_words(question.get("site", ""))),
        *held,
        Fact(
            _("Photon plan"),
            _("{gy} Gy in {n} fractions").format(
                gy=words.decimal(question.get("prescription_gy") or 0),
                n=question.get("fractions") or "–",
            ),
        ),
    ]
    if question.get("age") is not None:
        found.append(Fact(_("Age"), str(question["age"])))
    found += [
        Fact(covariate_words(name), value_words(value))
        for name, value in question.get("patient", {}).items()
        if name != "age"
    ]
    return found


def _risk(value: float | None, ends: Iterable[float] | None) -> str:
    """A risk in per cent, or between which two it lies."""
    if value is not None:
        return f"{points(value)} %"
    return f"{span(ends)} %" if ends is not None else "–"


def _endpoint(each: Mapping[str, Any]) -> dict[str, Any]:
    open_ = each["difference"] is None and each["difference_range"] is not None
    return {
        "name": endpoint_words(each["id"]),
        "months": each["months"],
        "photon": _risk(each["photon"], each["photon_range"]),
        "proton": _risk(each["proton"], each["proton_range"]),
        "difference": points(each["difference"]) if not open_ else span(each["difference_range"]),
        "interval": span(each["interval_95"]),
        "zero": points(each["zero_dose_difference"]),
        "counts": each["counts"],
        "decides": each["decides"],
        "marks": ", ".join(str(MARK_WORDS.get(m, m)) for m in each["marks"]),
        "models": ", ".join(each["models"]),
        "doubt": ""
        if each["coefficients_uncertain"]
        else _("The uncertainty of its coefficients is not published."),
    }


def _threshold(each: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    of = [names.get(name, name) for name in each["of"]]
    one = _("At least {points} points for one of: {of}")
    total = _("At least {points} points together: {of}")
    met = each["met"]
    meaning, word = {
        True: ("done", pgettext("threshold", "Reached")),
        False: ("stopped", pgettext("threshold", "Not reached")),
        None: ("waiting", pgettext("threshold", "Open")),
    }[met]
    if met is None and not each["possible"]:
        meaning, word = "stopped", _("Out of reach for any proton plan")
    elif met is None and each["value"] is None and each["range"] is None:
        word = _("Within reach of a proton plan")
    share = each["share_of_draws"]
    return {
        "rule": (total if each["kind"] == "sum" else one).format(
            points=words.decimal(100 * each["limit"]), of=" · ".join(of)
        ),
        "value": points(each["value"], digits_beside(each["value"], each["limit"]))
        if each["value"] is not None
        else span(each["range"])
        or _("at most {points}").format(points=points(each["zero_dose_value"])),
        "interval": span(each["interval_95"]),
        "share": f"{points(share, 0)} %" if share is not None else "–",
        "meaning": meaning,
        "word": word,
        "decides": each["decides"],
        "mark": str(MARK_WORDS.get(each["mark"], each["mark"])),
        "who": source_words.shown(each["who_can_tell"]),
    }


def change(each: Mapping[str, Any]) -> str:
    """One change that would turn the rule's outcome."""
    if each["kind"] == "fact":
        now, then = each["now"], each["flips_at"]
        return _("{what}: {then} instead of {now}.").format(
            what=covariate_words(each["what"]),
            then=words.decimal(then) if isinstance(then, float) else value_words(then),
            now=_("not known") if now is None else value_words(now),
        )
    text = {
        "photon": _("{organ} at a mean of {then} Gy in the photon plan instead of {now} Gy."),
        "proton": _("{organ} at a mean of {then} Gy in the proton plan instead of {now} Gy."),
    }[each["plan"]]
    return text.format(
        organ=each["organ"],
        then=words.decimal(each["flips_at_gy"]),
        now=words.decimal(each["now_gy"]),
    )


WHY_MISSING = {
    "missing": gettext_lazy(
        "not among the structures: its dose may be anything from none to the largest"
    ),
    "partly-covered": gettext_lazy("only partly inside the dose grid"),
    "volumes-unknown": gettext_lazy("the volumes of its parts are not known"),
    "no-histogram": gettext_lazy("only its mean dose is known"),
    "no-fractions": gettext_lazy("the number of fractions is not known"),
}  # fmt: skip


def _missing(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    missing = answer.get("missing") or {}
    return {
        "organs": [
            f"{organ}: {WHY_MISSING.get(why, why)}"
            for organ, why in missing.get("organs", {}).items()
        ],
        "patient": [covariate_words(name) for name in missing.get("patient", ())],
    }


def _source(each: Mapping[str, Any]) -> dict[str, Any]:
    mark = each["mark"]
    meaning = {"verified": "done", "demonstration": "waiting"}.get(mark, "act")
    shown = {name: source_words.shown(each[name]) for name in ("title", "note", "who_can_tell")}
    return {**each, **shown, "word": MARK_WORDS.get(mark, mark), "meaning": meaning}


def version_row(seen: SelectionSeen) -> dict[str, Any]:
    """A version in the list."""
    said_ = seen.opinions[0] if seen.opinions else None
    return {
        "seen": seen,
        "stage": stage_words(seen.stage),
        "state": state_words(seen.state),
        "verdict": verdict_words(seen.verdict) if seen.verdict else "",
        "opinion": opinion(said_) if said_ else None,
    }


def opinion(each: OpinionSeen) -> dict[str, Any]:
    """What the panel decided, in words."""
    return {
        "what": dict(PanelOpinion.Chosen.choices).get(each.chosen, each.chosen),
        "agreement": dict(PanelOpinion.Agreement.choices).get(each.agreement, each.agreement),
        "meaning": AGREEMENTS.get(each.agreement, ""),
        "reason": each.reason,
        "by": each.by,
        "at": each.at,
        "number": each.number,
    }


def replayed(seen: SelectionSeen) -> dict[str, Any] | None:
    """What the last replay found, in words."""
    kept = seen.replayed
    if kept is None:
        return None
    why = [
        text
        for key, text in (
            ("same_engine", _("the engine's text is another")),
            ("same_data", _("a data file is another")),
            ("same_lock", _("a library or the machine is another")),
            ("same_dose", _("a new comparison may get another proton dose: its data are others")),
        )
        if not kept.get(key, True)
    ]
    return {
        "same": kept["same"],
        "at": datetime.fromisoformat(kept["at"]),
        "why": ", ".join(why),
        "differences": kept.get("differences", []),
    }
