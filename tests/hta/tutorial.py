"""The tutorial's commands, run as a reader would; and its page with the outputs that they give.

SAPAR_MODE=test DJANGO_SETTINGS_MODULE=sapar.site.settings python -m tests.hta.tutorial

A fenced block of YAML or Python whose first line is `# NAME` is a file; `# NAME, at the end` goes
to the end of one; `# NAME, instead of KEY` replaces the line of an input. A block of a console has
commands after `$ `, each with its output below; `| tail -N` keeps its last lines.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from click.testing import CliRunner

from sapar.cli.main import sapar

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hta-tutorial.md"
BLOCK = re.compile(r"^```(yaml|python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"# ([\w.-]+\.(?:yaml|py))(?:, (at the end|instead of (\w+)))?\n")


@dataclass(frozen=True, slots=True)
class Said:
    """A command of the page and what it says.

    Attributes:
        shown: the output on the page; `given` the one that came.
    """

    command: str
    shown: str
    given: str


def _kept(folder: Path, text: str) -> None:
    """A file, or a change to one."""
    head = HEAD.match(text)
    if head is None:
        message = f"A block has no name: {text.splitlines()[0]}"
        raise ValueError(message)
    path, body = folder / head[1], text[head.end() :]
    if head[2] is None:
        # With its first line, a comment: line numbers are those of whoever copies the block.
        path.write_text(text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    if head[3] is None:
        path.write_text(before + body, encoding="utf-8")
        return
    lines = before.splitlines(keepends=True)
    (at,) = [k for k, line in enumerate(lines) if line.startswith(f"  {head[3]}:")]
    path.write_text("".join([*lines[:at], body, *lines[at + 1 :]]), encoding="utf-8")


def _asked(folder: Path, command: str) -> str:
    """What a command says."""
    asked, _, last = command.partition(" | tail -")
    words = shlex.split(asked)
    if words[0] == "python":
        found = subprocess.run(
            [sys.executable, *words[1:]], cwd=folder, capture_output=True, text=True, check=True
        )
        return found.stdout
    here = [str(folder / word) if word.endswith(".yaml") else word for word in words[1:]]
    answer = CliRunner().invoke(sapar, ["--language", "en", *here])
    if answer.exit_code not in {0, 3}:
        message = f"{command}\n{answer.output}"
        raise RuntimeError(message) from answer.exception
    lines = answer.output.replace(f"{folder}/", "").rstrip().splitlines()
    return "\n".join(lines[-int(last) :] if last else lines)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def steps(block: str) -> Iterator[tuple[str, str]]:
    """Commands of a console with the output below each."""
    for each in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = each.partition("\n")
        yield command, _tidy(shown)


def run(page: str, folder: Path) -> list[Said]:
    """Every command of a page in its order, in an empty folder."""
    said = []
    for kind, text in BLOCK.findall(page):
        if kind != "console":
            _kept(folder, text)
            continue
        said += [
            Said(command, shown, _tidy(_asked(folder, command))) for command, shown in steps(text)
        ]
    return said


def filled(page: str) -> str:
    """The page with what its commands say now."""
    with TemporaryDirectory() as folder:
        waiting = run(page, Path(folder))

    def written(found: re.Match[str]) -> str:
        if found[1] != "console":
            return found[0]
        parts = []
        for _ in steps(found[2]):
            each = waiting.pop(0)
            parts.append(f"$ {each.command}\n{each.given}".rstrip() + "\n")
        return "```console\n" + "".join(parts) + "```"

    return BLOCK.sub(written, page)


if __name__ == "__main__":
    import django

    django.setup()
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
