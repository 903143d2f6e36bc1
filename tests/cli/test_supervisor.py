"""Processes that are started together, restarted and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import sys, os
from sapar.cli.supervisor import Child, Supervisor
words = {name: [sys.executable, "-c", code] for name, code in %r.items()}
children = [Child(name, w, dict(os.environ)) for name, w in words.items()]
supervisor = Supervisor(children, lambda what, name: print(what, name, flush=True))
def ready():
    print("ready", *[c.process.pid for c in children], flush=True)
sys.exit(0 if supervisor.run(ready) else 1)
"""


def _supervise(**children: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT % children], stdout=subprocess.PIPE, text=True
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_all_end_with_the_supervisor_however_it_ends(number: signal.Signals) -> None:
    process = _supervise(web="import time; time.sleep(60)", tick="import time; time.sleep(60)")
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()[1:]]
    assert len(pids) == 2
    process.send_signal(number)
    process.wait(20)
    if number != signal.SIGKILL:
        assert process.returncode == 0
    until = time.monotonic() + 10
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < until, "an orphan was left"
        time.sleep(0.05)
    process.stdout.close()


def test_one_that_dies_is_announced_and_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    dies_once = (
        f"import pathlib, sys, time; p = pathlib.Path({str(mark)!r})\n"
        "if not p.exists():\n p.touch(); sys.exit(3)\n"
        "time.sleep(60)"
    )
    process = _supervise(worker=dies_once)
    assert process.stdout is not None
    lines = [process.stdout.readline().split()[0], process.stdout.readline().strip()]
    assert lines == ["ready", "died worker"]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def test_one_that_never_stays_alive_stops_everything() -> None:
    process = _supervise(web="raise SystemExit(1)", tick="import time; time.sleep(60)")
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output.splitlines()[-1] == "failed web"
