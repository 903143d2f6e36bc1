"""Every code that our code says has its sentence, and every problem its remedy."""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from sapar.kernel.languages import phrases
from tests.house.floors import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYTHON = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def codes_said(path: Path) -> Iterator[tuple[str, str, int]]:
    """Kind, code and line of every Problem.of("…"), Problem("…") and Statement("…")."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called, first = node.func, node.args[0]
        name = called.id if isinstance(called, ast.Name) else ""
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            name = called.value.id if called.attr == "of" else ""
        if name in {"Problem", "Statement"} and isinstance(first, ast.Constant):
            yield name, str(first.value), node.lineno


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_is_said_has_its_sentence_and_its_remedy(path: Path) -> None:
    faults = []
    for kind, code, line in codes_said(path):
        wanted = [code, f"{code}.remedy"] if kind == "Problem" else [code]
        faults.extend(f"line {line}: {name}" for name in wanted if not phrases.known(name))
    assert not faults, f"no phrase: {faults}"


def test_every_sentence_can_be_filled() -> None:
    with translation.override("en"):
        for code in phrases.codes():
            text = str(phrases._phrases.get(code))
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
            assert all(name.isidentifier() for name in names), f"{code}: {text!r}"
