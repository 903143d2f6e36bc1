"""Two answers side by side: as it is, and with a change. Words and figures only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.cases.models import Case
from sapar.design.components import Fact
from sapar.kernel.languages import formats
from sapar.proton.views import words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = Mapping[str, Any] | None
    Both = tuple[Answer, Answer]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; `better` is "done", "act" or "" for no judgement."""

    label: str
    before: str
    after: str
    difference: str = ""
    better: str = ""
    group: str = ""


def binding_words(code: str) -> str:
    """What limits the centre."""
    kind, _sign, name = code.partition(":")
    said = {
        "rooms": _("rooms ({name})"),
        "beam": _("the beam"),
        "anaesthesia": _("anaesthesia"),
        "use": _("the preparation: {name}"),
        "staff": _("staff: {name}"),
        "none": _("nothing: there are fewer patients than places"),
    }.get(kind, code)
    shown = words.room_kind(name) if kind == "rooms" else words.role(name)
    return str(said).format(name=shown)


def _spread(given: Mapping[str, Any]) -> str:
    low, high = (formats.number(round(float(given[key]))) for key in ("low", "high"))
    mean = formats.number(round(float(given["mean"])))
    return _("{mean} ({low} to {high})").format(mean=mean, low=low, high=high)


def target(answer: Answer) -> dict[str, str]:
    """Whether the wished number is reached, in words; empty without an answer."""
    if not answer or not answer.get("target"):
        return {}
    wanted = answer["target"]
    number = formats.number(round(float(wanted["patients"])))
    chance = words.per_cent(float(wanted.get("probability", 0.0)))
    said, meaning = {
        "yes": (_("{n} a year is reached: yes"), "done"),
        "no": (_("{n} a year is reached: no"), "stopped"),
        "perhaps": (_("{n} a year is reached: perhaps"), "waiting"),
    }[str(wanted["reached"])]
    return {
        "words": said.format(n=number),
        "meaning": meaning,
        "note": _("in {chance} of the random years").format(chance=chance),
    }


def sentence(both: Both) -> str:
    """The comparison in one sentence, first of all; "" until both are known."""
    before, after = both
    if not before or not after or not before.get("patients") or not after.get("patients"):
        return ""
    old, new = (round(float(a["patients"]["mean"])) for a in (before, after))
    low, high = (formats.number(round(float(after["patients"][k]))) for k in ("low", "high"))
    if old == new:
        said = _("{new} patients a year, as now. The limit is {binding}.")
    else:
        said = _(
            "{new} patients a year instead of {old} (90 % of years: {low} to {high}). "
            "The limit is {binding}."
        )
    return said.format(
        new=formats.number(new), old=formats.number(old), low=low, high=high,
        binding=binding_words(str(after.get("binding", "none"))),
    )  # fmt: skip


def repair_words(answer: Answer) -> str:
    """What a loss would do to the books as they are."""
    if not answer or answer.get("moves") is None:
        return ""
    count = int(answer.get("moved_courses", 0))
    said = ngettext(
        "On the books as they are, from tomorrow: {n} patient moves",
        "On the books as they are, from tomorrow: {n} patients move",
        count,
    ).format(n=formats.number(count))
    longer = len(answer.get("prolonged", ()))
    more = ngettext("{n} course becomes longer", "{n} courses become longer", longer).format(
        n=formats.number(longer)
    )
    return f"{said}, {more}."


def _number(
    label: str, both: tuple[Any, Any], *, show: Callable[[float], str] = words.decimal,
    more: bool | None = None, group: str = "",
) -> Row | None:  # fmt: skip
    """A line of two figures; `more` says whether more is better, None that neither is."""
    if both[0] is None and both[1] is None:
        return None
    old, new = (show(float(value)) if value is not None else "" for value in both)
    if None in both:
        return Row(label, old, new, group=group)
    change = float(both[1]) - float(both[0])
    if show(abs(change)) == show(0.0):
        return Row(label, old, new, _("the same"), "", group)
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    judged = "" if more is None else "done" if (change > 0) is more else "act"
    return Row(label, old, new, f"{sign}{show(abs(change))}", judged, group)


def _words(label: str, both: Both, show: Callable[[Mapping[str, Any]], str]) -> Row:
    """A line of two texts."""
    old, new = (show(answer) if answer else "" for answer in both)
    return Row(label, old, new)


def _reached(answer: Mapping[str, Any]) -> str:
    code = (answer.get("target") or {}).get("reached", "")
    return {"yes": _("yes"), "no": _("no"), "perhaps": _("perhaps")}.get(code, "")


def _interval(answer: Mapping[str, Any]) -> str:
    if not answer.get("patients"):
        return ""
    low, high = (formats.number(round(float(answer["patients"][key]))) for key in ("low", "high"))
    return _("{low} and {high}").format(low=low, high=high)


def _of(answer: Answer, *path: str) -> Any:
    found: Any = answer
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def _pair(both: Both, *path: str) -> tuple[Any, Any]:
    return _of(both[0], *path), _of(both[1], *path)


def rows(answers: Mapping[str, Both]) -> list[Row]:
    """All lines, the most important first; nothing where no answer is there yet."""
    capacity = _capacity_rows(answers.get("capacity", (None, None)))
    return capacity + year_rows(answers.get("year", (None, None)))


def _capacity_rows(both: Both) -> list[Row]:
    if not any(both):
        return []
    spread = _number(_("Patients a year"), _pair(both, "patients", "mean"), more=True,
                     show=lambda value: formats.number(round(value)))  # fmt: skip
    found: list[Row | None] = [spread]
    found.append(_words(_("90 % of years lie between"), both, _interval))
    found.append(_words(_("The target is reached"), both, _reached))
    found.append(
        _words(_("What limits"), both, lambda a: binding_words(str(a.get("binding", "none"))))
    )
    found.append(_number(_("Places a day"), _pair(both, "arithmetic", "slots_per_day")))
    found.append(_number(_("Fractions needed a day"), _pair(both, "arithmetic", "needed_per_day")))
    found.append(
        _number(
            _("Anaesthesia places a day"), _pair(both, "arithmetic", "anaesthesia_slots_per_day")
        )
    )
    return [row for row in found if row is not None and (row.before or row.after)]


GROUPS = {
    "child": gettext_lazy("Children"),
    "adult": gettext_lazy("Adults"),
    "anaesthesia": gettext_lazy("Under anaesthesia"),
    "home": gettext_lazy("From this country"),
    "foreign": gettext_lazy("From abroad"),
}


def _waits(label: str, both: Both, *path: str, group: str = "", judged: bool = False) -> Row | None:
    """Days from the referral to the first fraction, on average."""
    more = False if judged else None
    return _number(label, _pair(both, *path, "mean_days"), more=more, group=group)


def year_rows(both: Both) -> list[Row]:
    """The lines of the simulated year: waiting by urgency and by group, breaches, use, overtime.

    Few lines are judged by a mark, so that the eye finds them: breaches and waiting in all.
    """
    if not any(both):
        return []
    year, waiting = _("A simulated year"), _("Days of waiting, mean")
    groups, full = _("Days of waiting by group"), _("How full")
    found = [
        _number(_("Starts after the target"), _pair(both, "waiting", "all", "breaches"), more=False,
                group=year),
        _number(_("Began treatment"), _pair(both, "counts", "started"), group=year),
        _number(_("Waiting at the end of the year"), _pair(both, "counts", "waiting"), group=year),
        _number(_("Patients whose fractions moved"), _pair(both, "counts", "moved_patients"),
                group=year),
        _number(_("Overtime, hours"), _hours(both), group=year),
        _waits(_("All"), both, "waiting", "all", group=waiting, judged=True),
    ]  # fmt: skip
    named, known = dict(Case.Urgency.choices), _keys(both, "waiting")
    codes = [code for code in named if code in known]
    codes += [code for code in known if code not in named and code != "all"]
    found += [
        _waits(str(named.get(code, code)), both, "waiting", code, group=waiting) for code in codes
    ]
    found += [
        _waits(str(GROUPS[code]), both, "groups", code, group=groups)
        for code in GROUPS
        if code in _keys(both, "groups")
    ]
    found += [
        _number(_used_words(code), _pair(both, "utilisation", code), show=_whole, group=full)
        for code in _keys(both, "utilisation")
    ]
    return [row for row in found if row is not None]


def _used_words(code: str) -> str:
    """A resource as the simulated year names it: `room:G1`, `beam:beam`, `anaesthesia`."""
    kind, _sign, name = code.partition(":")
    return _("The beam") if kind == "beam" else words.resource(name or kind)


def _whole(share: float) -> str:
    return f"{formats.number(round(share * 100))} %"


def _keys(both: Both, name: str) -> list[str]:
    found = [key for answer in both if answer for key in answer.get(name, ())]
    return list(dict.fromkeys(found))


def _hours(both: Both) -> tuple[float | None, float | None]:
    old, new = _pair(both, "counts", "overtime_min")
    return (None if old is None else old / 60, None if new is None else new / 60)


def capacity_facts(answer: Mapping[str, Any]) -> list[Fact]:
    """The figures of one capacity answer."""
    found = [
        Fact(_("Patients a year"), _spread(answer["patients"]), _("mean, and 90 % of years")),
        Fact(_("What limits"), binding_words(str(answer.get("binding", "none")))),
    ]
    reached = target(answer)
    if reached:
        found.append(Fact(_("Target"), reached["words"], reached["note"]))
    if answer.get("rooms_needed"):
        found.append(Fact(_("Rooms needed for it"), formats.number(answer["rooms_needed"])))
    return found
