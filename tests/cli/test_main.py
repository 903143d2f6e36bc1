"""The `sapar` command: its names, its errors, its exit codes, its language."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import django
import pytest

from sapar.cli import main
from sapar.cli.ports import require_free
from sapar.kernel import errors
from sapar.kernel.commands import commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from pytest_django.fixtures import SettingsWrapper


def test_help_names_every_room_s_command(run_sapar: Callable[..., Result]) -> None:
    text = run_sapar("--help").output
    for name in (*dict(commands.items()), "demo", "serve", "backup", "restore", "manage"):
        assert f"  {name} " in text


def test_every_command_can_be_imported_and_has_help(run_sapar: Callable[..., Result]) -> None:
    for name in dict(commands.items()):
        result = run_sapar(name, "--help")
        assert result.exit_code == 0, (name, result.output)


@pytest.mark.django_db
def test_an_error_says_what_where_value_and_remedy(run_sapar: Callable[..., Result]) -> None:
    job = str(uuid4())
    result = run_sapar("jobs", "retry", job)
    assert result.exit_code == errors.NotFoundError.exit_code
    assert result.stderr.splitlines() == [
        f"There is no job {job}, or you may not see it.",
        "  Where: job",
        f"  Value: {job}",
        "  Remedy: Look at the list of jobs for its number.",
    ]


def test_each_kind_of_error_has_an_exit_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    ours = [k for k in kinds if issubclass(k, errors.SaparError)]
    assert len({k.exit_code for k in ours}) == len(ours)
    assert not {k.exit_code for k in ours} & {0, 2}  # 2 is click's, for wrong usage


def test_a_busy_port_is_named_with_the_option_that_changes_it(
    run_sapar: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.setattr(socket, "socket", _Busy)
    result = run_sapar("demo", "--port", "8123")
    assert result.exit_code == errors.RefusedError.exit_code
    assert "8123" in result.stderr
    assert "--port" in result.stderr
    with pytest.raises(errors.RefusedError):
        require_free("127.0.0.1", 8123)


class _Busy:
    """A socket on a machine where every port is taken; real ones are closed in tests."""

    def __init__(self, *_words: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_words: object) -> None:
        pass

    def setsockopt(self, *_words: object) -> None:
        pass

    def bind(self, _address: object) -> None:
        raise OSError


def test_the_demonstration_is_refused_in_production(
    run_sapar: Callable[..., Result], settings: SettingsWrapper
) -> None:
    settings.MODE = "production"
    result = run_sapar("demo", "--prepare-only")
    assert result.exit_code == errors.ConfigurationError.exit_code
    assert "cannot be loaded in production" in result.stderr


@pytest.mark.parametrize(("given", "held"), [(None, "1"), ("3", "3")])
def test_a_process_takes_one_core_for_its_matrices_unless_it_is_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, given: str | None, held: str
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", given or "")
    if given is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    seen: list[str] = []
    # The rooms load numpy, which looks once: it must stand there before.
    monkeypatch.setattr(django, "setup", lambda: seen.append(os.environ["OPENBLAS_NUM_THREADS"]))
    monkeypatch.setattr(main, "sapar", lambda **_more: None)
    main.main()
    assert seen == [held]


def test_the_command_has_not_loaded_numpy_before_it_sets_anything_up() -> None:
    told = "import sys, sapar.cli.main; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0


def test_production_without_its_secrets_does_not_start() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sapar.cli.main", "manage", "check"],
        env={"SAPAR_MODE": "production", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == errors.ConfigurationError.exit_code
    assert "SAPAR_SECRET_KEY is not set" in result.stderr
