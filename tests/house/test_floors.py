"""The floors of the house where names are strings, and the engines' purity."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.template import engines
from django.template.base import Lexer, TokenType
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.floors import FLOORS, SOURCE, may_use, room_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html")) + sorted(SOURCE.rglob("templates/**/*.txt"))
PYTHON = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
ENGINES = [path for path in PYTHON if "engine" in path.relative_to(SOURCE).parts]
# ruamel reads texts, not files: the model language of hta (decision 16).
LIBRARIES = {"numpy", "scipy", "ortools", "numba", "ruamel", "__future__"}
UNCLEAN = {"random", "os", "sys", "socket", "subprocess", "pathlib", "io", "time", "logging"}
CLOCKS = {"now", "today", "utcnow"}
INPUT_OUTPUT = {"open", "print", "input"}
NAMED = re.compile(r"""^(extends|include|url|static)\s+["']([^"'{}]+)["']""")


def short(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@cache
def owners() -> dict[str, str]:
    """The first part of a template's or static file's name, and of an address, to its room."""
    found = {room: room for room in FLOORS}
    for path in [*SOURCE.rglob("templates/*"), *SOURCE.rglob("static/*")]:
        if path.is_dir() and path.name not in {"account", "mfa", "allauth"}:
            found[path.name] = room_of(path)
    for path in SOURCE.rglob("urls.py"):
        for name in re.findall(r'^app_name\s*=\s*"([^"]+)"', path.read_text(), re.MULTILINE):
            found[name] = room_of(path)
    return found


@cache
def addresses() -> set[str]:
    """Every name that `reverse` knows, with its namespace."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from walk(pattern.url_patterns, inner)
            elif pattern.name:
                yield prefix + pattern.name

    return set(walk(get_resolver().url_patterns, ""))


def names_in(path: Path) -> Iterator[tuple[str, str]]:
    """What a template extends, includes, links to and loads."""
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.BLOCK and (found := NAMED.match(token.contents)):
            yield found[1], found[2]


@pytest.mark.parametrize("path", ENGINES, ids=short)
def test_an_engine_is_pure(path: Path) -> None:
    room = room_of(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                assert called.id not in INPUT_OUTPUT, f"{called.id}() at line {node.lineno}"
            elif isinstance(called, ast.Attribute):
                assert called.attr not in CLOCKS, f".{called.attr}() at line {node.lineno}"
        for name in names:
            parts = name.split(".")
            if parts[0] == "sapar":
                if parts[1] != "values":
                    assert parts[2] == "engine", f"{name} at line {node.lineno} is no engine"
                    assert FLOORS[parts[1]] <= FLOORS[room], f"{name} lies above {room}"
                continue
            assert parts[0] in LIBRARIES | set(sys.stdlib_module_names), f"{name} in an engine"
            assert parts[0] not in UNCLEAN, f"{name} in an engine, line {node.lineno}"


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_a_template_names_only_what_lies_on_its_floor_or_below(path: Path) -> None:
    room, known, reachable = room_of(path), owners(), addresses()
    for kind, name in names_in(path):
        if kind == "url":
            assert name in reachable, f"{{% url {name!r} %}} leads nowhere"
        first = name.split(":" if kind == "url" else "/")[0]
        if first in known and (kind != "url" or ":" in name):
            assert may_use(room, known[first]), f"{kind} {name!r} reaches up from {room}"


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_every_template_can_be_read(path: Path) -> None:
    folder = next(p for p in path.parents if p.name == "templates")
    engines["django"].get_template(str(path.relative_to(folder)))


@pytest.mark.parametrize("path", PYTHON, ids=short)
def test_addresses_in_code_lie_on_the_same_floor_or_below(path: Path) -> None:
    room, known = room_of(path), owners()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else ""
        first = node.args[0]
        if called in {"reverse", "reverse_lazy", "redirect"} and isinstance(first, ast.Constant):
            namespace, colon, _ = str(first.value).partition(":")
            if colon and namespace in known:
                assert may_use(room, known[namespace]), f"{first.value!r} at line {node.lineno}"


def test_records_point_only_to_records_of_their_floor_or_below() -> None:
    faults = []
    for model in apps.get_models():
        if not model.__module__.startswith("sapar."):
            continue
        room = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            other = field.related_model if field.concrete and field.is_relation else None
            module = getattr(other, "__module__", "")
            if module.startswith("sapar.") and not may_use(room, module.split(".")[1]):
                faults.append(f"{model._meta.label}.{field.name} points up to {module}")
    assert not faults


def test_no_file_and_no_function_has_grown_beyond_review() -> None:
    # A file over 400 lines or a function over 60 is a question to answer in review. This test
    # leaves room for a good answer and stops at what no answer would excuse.
    long = []
    for path in PYTHON:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 450:
            long.append(f"{short(path)} has {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > 80:
                    long.append(f"{short(path)}: {node.name} has {lines} lines")
    assert not long, "\n".join(long)
