"""What counted: the digest of the engine's own text, and the versions of its libraries."""

from __future__ import annotations

import ast
import functools
import hashlib
import platform
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import sapar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOR_TYPES = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def digest_of(package: str, root: Path) -> str:
    """SHA-256 over the names and the text of `modules_of`, in order of name."""
    found = hashlib.sha256()
    for name, path in sorted(modules_of(package, root).items()):
        found.update(name.encode() + b"\0")
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()


def modules_of(package: str, root: Path) -> dict[str, Path]:
    """The modules of a package and all that they import from the same top package, by name.

    Import lines are read, nothing is imported: those within functions count, those for type
    checking alone do not. What runs before a module, the `__init__` of its packages, counts too.

    Args:
        package: such as "sapar.proton.engine.selection".
        root: the folder in which its top package lies.
    """
    folder = root.joinpath(*package.split("."))
    waiting = [
        ".".join(path.relative_to(root).with_suffix("").parts) for path in folder.rglob("*.py")
    ]
    found: dict[str, Path] = {}
    top = package.partition(".")[0]
    while waiting:
        name = waiting.pop().removesuffix(".__init__")
        path = _file(name, root)
        if path is None or name in found:
            continue
        found[name] = path
        inside = name if path.stem == "__init__" else name.rpartition(".")[0]
        waiting.append(name.rpartition(".")[0])
        for node in _running(ast.parse(path.read_bytes())):
            waiting += [each for each in _named(node, inside) if each.partition(".")[0] == top]
    return found


def _file(name: str, root: Path) -> Path | None:
    """The file of a module or package; None for a name that stands for something in a module."""
    path = root.joinpath(*name.split("."))
    files = (path / "__init__.py", path.with_name(f"{path.name}.py"))
    return next((each for each in files if name and each.is_file()), None)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """The statements of a module at any depth, without those for type checking alone."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) in FOR_TYPES:
            waiting += node.orelse
            continue
        yield node
        waiting += (each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.expr))


def _named(node: ast.AST, inside: str) -> list[str]:
    """What an import line may name: each module, and each thing of it, which may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    parts = inside.split(".")
    above = parts[: len(parts) - node.level + 1] if node.level else []
    base = ".".join([*above, *([node.module] if node.module else [])])
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def engine_digest(package: str) -> str:
    """SHA-256 over an engine's modules and all of ours that they import, in order of name."""
    return _digest(package)


def versions(libraries: Sequence[str]) -> dict[str, str]:
    """Versions of Python, the machine's kind and the libraries that count."""
    named = {name: metadata.version(name) for name in libraries}
    return {"python": platform.python_version(), "machine": platform.machine(), **named}


@functools.cache
def _digest(package: str) -> str:
    return digest_of(package, Path(sapar.__file__).parents[1])
