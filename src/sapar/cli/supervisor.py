"""Runs several processes as one: started together, restarted when one dies, stopped together."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PR_SET_PDEATHSIG = 1
GRACE = 12.0
"""Seconds that the processes have to end by themselves."""
QUICK = 10.0
"""A process that lives for less than these seconds counts as failing to start."""
MOST_QUICK_DEATHS = 3


def _die_with_parent() -> None:
    """In the child: end when the parent is killed, so that nothing is left behind (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process: its name, its words, and how it fares."""

    name: str
    words: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = field(default=0)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches only the supervisor."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own words, no shell
            self.words,
            env=self.environment,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread
        )

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps the children running until SIGINT or SIGTERM."""

    def __init__(self, children: list[Child], say: Callable[[str, str], None]) -> None:
        """Prepare.

        Args:
            children: what to run.
            say: called with "died" or "failed" and the child's name.
        """
        self.children = children
        self.say = say
        self.stopping = threading.Event()

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def run(self, ready: Callable[[], None]) -> bool:
        """Start all, call `ready`, and watch until told to stop.

        Returns:
            False if one of them would not stay alive.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for child in self.children:
                child.start()
            ready()
            while not self.stopping.wait(0.5):
                if not all([self._tend(child) for child in self.children]):  # noqa: C419 - tend to each
                    return False
            return True
        finally:
            self._end_all()

    def _tend(self, child: Child) -> bool:
        if child.alive():
            return True
        quick = time.monotonic() - child.started < QUICK
        child.quick_deaths = child.quick_deaths + 1 if quick else 0
        if child.quick_deaths >= MOST_QUICK_DEATHS:
            self.say("failed", child.name)
            return False
        self.say("died", child.name)
        self.stopping.wait(child.quick_deaths)
        if not self.stopping.is_set():
            child.start()
        return True

    def _end_all(self) -> None:
        living = [child.process for child in self.children if child.process and child.alive()]
        for process in living:
            process.terminate()
        until = time.monotonic() + GRACE
        for process in living:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                # Each leads its own session, so its group goes with it.
                process.kill()
                process.wait()
