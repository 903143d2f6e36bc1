"""The rules of de-identification, read from their table: what is kept, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydicom.datadict import tag_for_keyword
from ruamel.yaml import YAML

from sapar.kernel.errors import InvalidInputError
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = frozenset({"pseudonym", "empty", "uid", "date", "time", "text", "characteristic", "kept"})
"""What may be done with an attribute of the standard's table."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done with each attribute; one that is not in `does` is removed.

    Attributes:
        does: tag to "pseudonym", "empty", "uid", "date", "time", "text", "characteristic",
            "class", "sequence", "number" or "term".
        profile: tag to the standard's code, for those that its table lists.
        terms: values that a coded attribute may keep.
        classes: SOP classes that are taken.
        methods: our word for a profile or option to its code and meaning.
    """

    does: Mapping[int, str]
    profile: Mapping[int, str]
    terms: frozenset[str]
    classes: Mapping[str, str]
    methods: Mapping[str, tuple[str, str]]


def _tag(keyword: str) -> int:
    """The tag of a keyword.

    Raises:
        InvalidInputError: pydicom's dictionary has no such attribute.
    """
    found = tag_for_keyword(keyword)
    if found is None:
        raise InvalidInputError(Problem.of("proton.study.deid_rules", where=keyword, value=keyword))
    return found


def _listed(data: Mapping[str, Any]) -> tuple[dict[int, str], dict[int, str]]:
    does, profile = {}, {}
    for keyword, (code, done) in data["listed"].items():
        if done not in DONE:
            raise InvalidInputError(
                Problem.of("proton.study.deid_rules", where=keyword, value=done)
            )
        does[_tag(keyword)] = "sequence" if done == "kept" else done
        if code:
            profile[_tag(keyword)] = code
    return does, profile


@lru_cache(maxsize=2)
def read_rules(text: str) -> Rules:
    """Read the table.

    Raises:
        InvalidInputError: it names an attribute or a treatment that does not exist.
    """
    data = YAML(typ="safe").load(text)
    does, profile = _listed(data)
    for part, done in (
        ("text", "text"),
        ("classes_kept", "class"),
        ("sequences", "sequence"),
        ("numbers", "number"),
        ("coded", "term"),
    ):
        for keyword in data[part]:
            does.setdefault(_tag(keyword), done)
    return Rules(
        does,
        profile,
        frozenset(str(each) for each in data["terms"]),
        {str(key): str(value) for key, value in data["classes"].items()},
        {str(key): (str(v[0]), str(v[1])) for key, v in data["methods"].items()},
    )
