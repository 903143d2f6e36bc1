"""What the page of a model's version shows, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.design.charts import figure
from sapar.design.components import Fact
from sapar.hta.views import reading, words
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from sapar.design.charts import Drawing
    from sapar.hta.engine.model.model import AnyModel, Parameter
    from sapar.hta.queries import VersionSeen

SHOWN_ROWS = 12
"""So many rows of a table are shown at once; the others open."""


def _inputs() -> ModuleType:
    """What tells inputs without a source; the engine's reader comes with it, so not at start."""
    from sapar.hta.engine.model import placeholders as found  # noqa: PLC0415 - see above

    return found


def kind_words(model: AnyModel) -> str:
    """What kind of model it is."""
    name = type(model).__name__
    return str(words.KINDS_OF_MODEL.get(name, name))


def diagram(model: AnyModel) -> Drawing | None:
    """States and arrows, or branches."""
    return reading.drawing(
        model,
        _("{title}: states and arrows").format(title=model.title)
        if model.states
        else _("{title}: branches").format(title=model.title),
        rest=_("the rest"),
        each_strategy=_("Each strategy"),
    )


def settings_facts(model: AnyModel) -> list[Fact]:
    """How the model is counted, in words."""
    found, settings = [], model.settings
    people, clock = getattr(model, "population", None), getattr(model, "clock", "")
    if settings.cycles and (people is None or clock == "cycle"):
        cycles = ngettext("{n} cycle", "{n} cycles", settings.cycles)
        years = settings.cycles * settings.cycle_years
        found += [
            Fact(
                _("Time"),
                cycles.format(n=formats.number(settings.cycles)),
                "; ".join(
                    (
                        words.cycle(settings.cycle_years),
                        _("{length} in all").format(length=words.years(years)),
                    )
                ),
            ),
            Fact(
                _("Within a cycle it counts"),
                str(words.WITHIN_CYCLE.get(settings.within_cycle, settings.within_cycle)),
                settings.within_cycle,
            ),
            Fact(
                _("Discounting"),
                str(words.DISCOUNTING.get(settings.discounting, settings.discounting)),
                "; ".join(
                    f"{_rate_name(name)}: {words.rates(steps)}"
                    for name, steps in settings.discount.items()
                ),
            ),
        ]
    found += _people(model)
    if settings.start_age:
        found.append(Fact(_("Age at the start"), words.figure(settings.start_age)))
    found.append(
        Fact(
            _("Currency"),
            settings.currency or "",
            _("prices of {year}").format(year=settings.price_year) if settings.price_year else "",
        )
    )
    if settings.perspective:
        found.append(Fact(_("Perspective"), settings.perspective))
    decides = [model.rewards[name].label for name in (model.cost, model.effect)]
    found.append(Fact(_("What decides"), " · ".join(decides)))
    return found


CLOCKS = {
    "reset": gettext_lazy("time counts from the entry into a state"),
    "forward": gettext_lazy("time counts from the start"),
    "cycle": gettext_lazy("people move cycle by cycle"),
}


def _people(model: AnyModel) -> list[Fact]:
    """Who is followed, where people are followed one by one."""
    population = getattr(model, "population", None)
    if population is None:
        return []
    clock = getattr(model, "clock", "")
    draw = _("{n} in each draw").format(n=formats.number(population.people_a_draw))
    found = [Fact(_("People"), formats.number(population.people), draw)]
    if clock:
        found.append(Fact(_("Clock"), str(CLOCKS.get(clock, clock))))
    if horizon := getattr(model, "horizon", None):
        found.append(Fact(_("Followed for at most"), words.years(horizon)))
    return found


ABOUT = {
    "question": gettext_lazy("Question"),
    "background": gettext_lazy("Background"),
    "plan": gettext_lazy("Analysis plan"),
    "population": gettext_lazy("Population"),
    "setting": gettext_lazy("Setting"),
    "comparators": gettext_lazy("Comparators"),
    "horizon": gettext_lazy("Horizon"),
    "heterogeneity": gettext_lazy("Differences between people"),
    "distribution": gettext_lazy("Who gains and who loses"),
    "engagement": gettext_lazy("Who took part"),
    "engagement_effect": gettext_lazy("What taking part changed"),
    "limits": gettext_lazy("Limits"),
    "funding": gettext_lazy("Funding"),
    "conflicts": gettext_lazy("Conflicts of interest"),
    "technology": gettext_lazy("Technology"),
    "safety": gettext_lazy("Safety"),
    "ethics": gettext_lazy("Ethics"),
    "organisation": gettext_lazy("Organisation"),
    "social": gettext_lazy("Patients and society"),
    "legal": gettext_lazy("Law"),
}
"""What a document says about itself, in the order of the page."""


def about(model: AnyModel) -> list[Fact]:
    """The authors' own words, where the document has them."""
    section = model.sections.get("about")
    told = section.value if section is not None and isinstance(section.value, dict) else {}
    order = [*(key for key in ABOUT if key in told), *(key for key in told if key not in ABOUT)]
    return [Fact(ABOUT.get(key, key), told[key]) for key in order]


def _rate_name(name: str) -> str:
    return {"costs": _("costs"), "effects": _("effects")}.get(name, name)


def parameters(model: AnyModel) -> list[dict[str, Any]]:
    """The inputs as rows; placeholders and what is not verified can be seen at once."""
    missing = set(_inputs().placeholders(model))
    return [
        _parameter(model, each, placeholder=each.name in missing)
        for each in model.parameters.values()
    ]


def _parameter(model: AnyModel, each: Parameter, *, placeholder: bool) -> dict[str, Any]:
    labels = {strategy.name: strategy.label for strategy in model.strategies}
    meaning, word = words.mark(each.mark, each.source)
    if not each.source and not placeholder:
        meaning, word = "", _("tells strategies apart")
    values = [
        (labels.get(name, name) if name else "", _value(expression.text))
        for name, expression in each.values.items()
    ]
    return {
        "name": each.name,
        "label": each.label or each.name,
        "values": values,
        "unit": "" if each.unit in {"", "1"} else each.unit,
        "distribution": each.distribution.text if each.distribution else "",
        "source": each.source,
        "read": formats.short_day(each.read) if each.read else "",
        "meaning": meaning,
        "word": word,
        "line": reading.line_of(each.where),
        "placeholder": placeholder,
    }


def _value(text: str) -> str:
    """A plain number in the reader's form; an expression as it is written."""
    try:
        return words.figure(float(text), 8)
    except ValueError:
        return text


def _labels(model: AnyModel, names: Sequence[str]) -> list[str]:
    named = _inputs().named_inputs(model)
    return [named[name].label or name for name in names]


def placeholders(model: AnyModel) -> list[str]:
    """Labels of the inputs and tables without a source."""
    return _labels(model, _inputs().placeholders(model))


def unverified(model: AnyModel) -> list[str]:
    """Labels of the inputs and tables that have a source which nobody verified."""
    return _labels(model, _inputs().unverified(model))


def tables(model: AnyModel) -> list[dict[str, Any]]:
    """The tables, long ones with a part that opens."""
    found = []
    for table in model.tables.values():
        rows = [
            (words.figure(key), words.figure(value, 6))
            for key, value in zip(table.keys, table.values, strict=True)
        ]
        meaning, word = words.mark(table.mark, table.source)
        found.append(
            {
                "name": table.name,
                "label": table.label or table.name,
                "source": table.source,
                "read": formats.short_day(table.read) if table.read else "",
                "meaning": meaning,
                "word": word,
                "unit": "" if table.unit in {"", "1"} else table.unit,
                "first": rows[:SHOWN_ROWS],
                "rest": rows[SHOWN_ROWS:],
                "count": formats.number(len(rows)),
                "line": reading.line_of(table.where),
            }
        )
    return found


def expressions(model: AnyModel) -> list[dict[str, Any]]:
    """Named expressions, in an order in which each needs only earlier ones; then curves."""
    rows = [
        {"name": name, "text": each.text, "line": reading.line_of(each.where)}
        for name, each in model.lets.items()
    ]
    labels = {each.name: each.label for each in model.strategies}
    section = model.sections.get("survival")
    for curve in section.value.values() if section is not None else ():
        for strategy, law in curve.laws.items():
            name = f"{curve.label}, {labels[strategy]}" if strategy else curve.label
            rows.append({"name": name, "text": law.text, "line": reading.line_of(law.where)})
    return rows


def rewards(model: AnyModel) -> list[dict[str, Any]]:
    """What is summed, and where it is paid."""
    labels = {state.name: state.label for state in model.states} | {"*": _("any state")}
    found = []
    for reward in model.rewards.values():
        rows = [(labels.get(s, s), e.text) for s, e in reward.states.items()]
        rows += [
            (f"{labels.get(a, a)} → {labels.get(b, b)}", e.text)
            for (a, b), e in reward.transitions.items()
        ]
        found.append(
            {
                "label": reward.label,
                "unit": reward.unit,
                "per_year": reward.per_year,
                "discount": _rate_name(reward.discount),
                "rows": rows,
            }
        )
    return found


def lines(document: str, wrong: set[int]) -> list[tuple[int, str, bool]]:
    """The document by lines, each with whether it has a mistake."""
    return [(number, line, number in wrong) for number, line in enumerate(document.splitlines(), 1)]


def unused(model: AnyModel) -> list[str]:
    """Labels of what nothing uses."""
    named = model.parameters
    return [(named[name].label or name) if name in named else name for name in model.unused]


def shown(seen: VersionSeen) -> dict[str, Any]:
    """The parts of the page."""
    model, problems = reading.model_of(seen.document)
    mistakes = words.mistakes(problems)
    wrong = {each["line"] for each in mistakes if each["line"]}
    page: dict[str, Any] = {
        "version": seen,
        "label": "" if seen.label == str(seen.number) else seen.label,
        "problems": mistakes,
        "lines": lines(seen.document, wrong),
        "model": model,
    }
    if model is None:
        return page
    drawing = diagram(model)
    rest = _("the rest")
    return page | {
        "kind": kind_words(model),
        "diagram": figure(drawing) if drawing else "",
        "arrows": reading.arrows(model, rest),
        "steps": bool(getattr(model, "steps", None)),
        "branches": reading.branches_of(model, rest),
        "settings": settings_facts(model),
        "strategies": model.strategies,
        "states": model.states,
        "parameters": parameters(model),
        "placeholders": placeholders(model),
        "without_source": words.listed(placeholders(model)),
        "unverified": unverified(model),
        "not_verified": words.listed(unverified(model)),
        "unused": words.listed(unused(model)),
        "tables": tables(model),
        "expressions": expressions(model),
        "rewards": rewards(model),
        "about": about(model),
        "sections": sorted(set(model.sections) - {"about"}),
    }
