"""The table of names: reading `data/proton/selection/names.yaml`, each mistake named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sapar.proton.engine.selection.names.parse import Form, Rules, parse
from sapar.proton.engine.selection.names.words import fold
from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES: Final = ("en", "ru", "kk", "ky", "uz", "short")
NOT_USED: Final = "-"
"""What a person says of a structure that selection shall not look at."""
_SIDES: Final = ("L", "R")

Key = tuple[tuple[str, ...], str, str]
"""Words, side, level."""


class BadNamesError(ValueError):
    """The table has mistakes; `problems` names each at its place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.where}: {p.code} {p.value}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Name:
    """One name of the report.

    Attributes:
        name: as the report spells it, with its side.
        region: where it lies, for the order in which a person chooses.
        mark: whether the spelling was compared with a source.
        titles: language to the first of our synonyms, for the reader.
    """

    name: str
    region: str
    mark: Mark
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """All names with the forms under which they are found.

    Attributes:
        names: by name.
        forms: each form with the name that it means.
        rules: words that are no organ's.
        known: folded words of all forms.
    """

    names: Mapping[str, Name]
    forms: tuple[tuple[Form, str], ...]
    rules: Rules
    known: frozenset[str]
    keys: Mapping[Key, str]

    def exact(self, form: Form) -> str:
        """The name that the same words mean in any order, or the same letters run together."""
        return next((self.keys[key] for key in _keys(form) if key in self.keys), "")


def _keys(form: Form) -> tuple[Key, Key]:
    """What a form is looked up by: its words in order of letters, and all letters run together."""
    ends = (form.side, form.level)
    return ((*sorted(form.words),), *ends), (("".join(form.words),), *ends)


def _listed(value: Any) -> tuple[str, ...]:
    """A list of words from YAML; a single word is a list of one."""
    if value is None:
        return ()
    return tuple(str(each) for each in (value if isinstance(value, list) else [value]))


def _rules(data: Mapping[str, Any]) -> Rules:
    def many(key: str) -> dict[str, tuple[str, ...]]:
        return {str(k): _listed(v) for k, v in (data.get(key) or {}).items()}

    silent = tuple(
        fold(each.rstrip("*")) + ("*" if each.endswith("*") else "")
        for each in _listed(data.get("silent"))
    )
    targets = {fold(each): kind for kind, words in many("targets").items() for each in words}
    return Rules(
        many("sides"), many("levels"), many("risks"), _listed(data.get("helpers")),
        _listed(data.get("margins")), silent, _listed(data.get("parts")), targets,
    )  # fmt: skip


def _synonyms(entry: Mapping[str, Any]) -> Iterator[str]:
    """Every synonym of an entry in every language."""
    for language in LANGUAGES:
        yield from _listed(entry.get(language))


def _forms(entry: Mapping[str, Any], rules: Rules) -> Iterator[tuple[Form, str]]:
    """The forms of one entry: its own name, its synonyms, each side, and both."""
    name, both = str(entry["name"]), str(entry.get("both") or "")
    for text in (name, *_synonyms(entry)):
        form = parse(text, rules).form
        if not entry.get("sides"):
            yield form, name
            continue
        for side in _SIDES:
            yield Form(form.words, side, form.level), f"{name}_{side}"
        if both:
            yield Form(form.words, "B", form.level), both
    singular = {parse(text, rules).form.words for text in (name, *_synonyms(entry))}
    for text in (both, *_listed(entry.get("plural"))):
        if text:
            form = parse(text, rules).form
            yield Form(form.words, "B", form.level), both
            if form.words not in singular:  # "parotid glands" says no more than "parotid"
                yield Form(form.words, "", form.level), both


def _unfit(entry: Mapping[str, Any], rules: Rules) -> Iterator[str]:
    """Synonyms that say something else than an organ: a target, a helper, a number, nothing."""
    for text in (*_synonyms(entry), *_listed(entry.get("plural"))):
        found = parse(text, rules)
        other = found.helper or found.target or found.derived or found.margin or found.left_over
        if other or not found.form.words or (found.form.side and entry.get("sides")):
            yield text


def _names(entry: Mapping[str, Any]) -> Iterator[Name]:
    titles = {key: _listed(entry.get(key))[0] for key in LANGUAGES if entry.get(key)}
    base = str(entry["name"])
    made = [f"{base}_{side}" for side in _SIDES] if entry.get("sides") else [base]
    if entry.get("both"):
        made.append(str(entry["both"]))
    mark = Mark(entry.get("mark", "verified"))
    for each in made:
        yield Name(each, str(entry.get("region", "")), mark, titles)


@dataclass(slots=True)
class _TableReader:
    """The table as far as it is read."""

    rules: Rules
    names: dict[str, Name] = field(default_factory=dict)
    forms: dict[Form, str] = field(default_factory=dict)
    keys: dict[Key, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def entry(self, entry: Any, where: str) -> None:
        """One structure."""
        if not isinstance(entry, Mapping) or not entry.get("name"):
            self.problems.append(Problem.of("proton.study.names_yaml", where=where, value=entry))
            return
        for text in _unfit(entry, self.rules):
            self.problems.append(Problem.of("proton.study.names_synonym", where=where, value=text))
        for each in _names(entry):
            if each.name in self.names:
                self.problems.append(
                    Problem.of("proton.study.names_twice", where=where, value=each.name)
                )
            self.names[each.name] = each
        for form, name in _forms(entry, self.rules):
            self.forms.setdefault(form, name)
            found = {self.keys.setdefault(key, name) for key in _keys(form)} - {name}
            for other in sorted(found):
                self.problems.append(
                    Problem.of(
                        "proton.study.names_ambiguous",
                        where=where,
                        value=" ".join(form.words),
                        one=other,
                        other=name,
                    )
                )

    def table(self) -> Table:
        """The table, where nothing is wrong."""
        if self.problems:
            raise BadNamesError(tuple(self.problems))
        known = frozenset(w for form in self.forms for w in (*form.words, "".join(form.words)))
        return Table(self.names, tuple(self.forms.items()), self.rules, known, self.keys)


def read_names(text: str) -> Table:
    """Read the table.

    Raises:
        BadNamesError: it is no YAML, an entry lacks its name, a name is there twice, a synonym
            says something else than an organ, or one synonym means two names.
    """
    try:
        data = YAML(typ="safe").load(text)
    except YAMLError as error:
        problem = Problem.of("proton.study.names_yaml", value=str(error)[:200])
        raise BadNamesError((problem,)) from error
    if not isinstance(data, Mapping) or not isinstance(data.get("structures"), list):
        raise BadNamesError((Problem.of("proton.study.names_yaml", where="structures"),))
    reader = _TableReader(_rules(data.get("words") or {}))
    for number, entry in enumerate(data["structures"]):
        reader.entry(entry, f"structures[{number}]")
    return reader.table()
