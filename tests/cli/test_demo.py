"""Loading the demonstration: once, and mended when it was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sapar.cli import demo
from sapar.kernel import demonstration
from sapar.kernel.accounts.models import User
from sapar.kernel.demonstration import PASSWORD, Loader
from sapar.kernel.registry import Registry

if TYPE_CHECKING:
    from sapar.kernel.demonstration import Tell

pytestmark = pytest.mark.django_db
runs: list[str] = []


def load(tell: Tell) -> None:
    """A loader that is cut off in its first run."""
    runs.append("run")
    tell(1, 2)
    if len(runs) == 1:
        raise KeyboardInterrupt
    tell(2, 2)


def test_a_load_that_was_cut_off_is_done_again_and_a_finished_one_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own: Registry[Loader] = Registry("demonstration loaders")
    own.add("room", Loader(10, "the room", f"{__name__}:load"))
    monkeypatch.setattr(demonstration, "demonstration", own)
    runs.clear()
    with pytest.raises(KeyboardInterrupt):
        demo._load()
    demo._load()
    demo._load()
    assert len(runs) == 2
    assert "Loading the room: 1/2" in capsys.readouterr().out


def test_a_newer_version_of_a_part_is_loaded_over_the_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs[:] = ["before"]
    for version in (1, 2, 2):
        own: Registry[Loader] = Registry("demonstration loaders")
        own.add("room", Loader(10, "the room", f"{__name__}:load", version))
        monkeypatch.setattr(demonstration, "demonstration", own)
        demo._load()
    assert len(runs) == 3


def test_the_logins_are_printed_with_their_password(capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.create_user("a@example.org", PASSWORD, full_name="A", is_demonstration=True)
    User.objects.create_user("real@example.org", "secret", full_name="B")
    demo._logins()
    shown = capsys.readouterr().out
    assert "a@example.org" in shown
    assert PASSWORD in shown
    assert "real@example.org" not in shown
