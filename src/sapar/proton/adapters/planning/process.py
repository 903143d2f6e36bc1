"""The worker as a process: started alone, watched, stopped."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Any

from sapar.proton.adapters.planning import environment
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sapar.proton.engine.scheduling.watch import Watch

LOOK_S = 0.2
PHASES = {
    "loading": (0, 60),
    "influence": (60, 400),
    "optimising": (400, 700),
    "scenarios": (700, 1000),
}
"""Where each phase lies in the thousandths of the whole."""
WORKER = "sapar.proton.adapters.planning.worker"


class PlanningError(Exception):
    """No plan came of it.

    Attributes:
        problem: why.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _environment(workdir: Path) -> dict[str, str]:
    """What the worker sees: one thread, our code and none of the product's libraries."""
    code = workdir / "code"
    code.mkdir(exist_ok=True)
    link = code / "sapar"
    if not link.exists():
        link.symlink_to(environment.code(), target_is_directory=True)
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
         "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1",
    )  # fmt: skip
    return {
        "PATH": os.environ.get("PATH", ""), "HOME": str(workdir),
        "MPLCONFIGDIR": str(environment.folder() / "matplotlib"),
        "XDG_DATA_HOME": str(workdir), "XDG_CONFIG_HOME": str(workdir),
        "XDG_CACHE_HOME": str(workdir),
        "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
        "LANG": "C.UTF-8", "TQDM_DISABLE": "1", **threads,
    }  # fmt: skip


def start(module: str, workdir: Path, *arguments: str) -> subprocess.Popen[str]:
    """A module of ours in the planning environment; what it says of trouble goes to a file."""
    with (workdir / "worker.log").open("w", encoding="utf-8") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, in an environment that we built
            [str(environment.python()), "-m", module, *arguments],
            stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True,
            env=_environment(workdir), cwd=workdir, start_new_session=True,
        )  # fmt: skip


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and whatever it started; one that has ended is left alone."""
    if process.poll() is not None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.wait()


def _listen(process: subprocess.Popen[str]) -> queue.Queue[dict[str, Any]]:
    """What the worker tells, as it comes."""
    heard: queue.Queue[dict[str, Any]] = queue.Queue()

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 - asked for above
        for line in process.stdout:
            if line.startswith("{"):
                heard.put(json.loads(line))

    threading.Thread(target=read, daemon=True).start()
    return heard


def _tell(watch: Watch, said: dict[str, Any]) -> None:
    low, high = PHASES.get(said["phase"], (0, 0))
    share = said["done"] / said["total"] if said["total"] else 0.0
    watch.tell(None, None, int(low + (high - low) * min(1.0, share)), 1000)


def run(workdir: Path, watch: Watch, module: str = WORKER, *more: str) -> None:
    """Run the worker on the question in a folder until its answer is there.

    Raises:
        PlanningError: it failed, the clock ran out, or somebody asked to stop.
    """
    if not environment.available():
        raise PlanningError(
            Problem.of("proton.dose.no_environment", where=str(environment.folder()))
        )
    (workdir / "answer.json").unlink(missing_ok=True)
    process = start(module, workdir, str(workdir), *more)
    try:
        _follow(process, watch)
    finally:  # also where telling raises, because a person cancelled the job
        _end(process)
        if process.stdout is not None:
            process.stdout.close()
    if process.returncode != 0 or not (workdir / "answer.json").exists():
        log = (workdir / "worker.log").read_text(encoding="utf-8", errors="replace").strip()
        last = log.splitlines()[-1] if log else ""
        raise PlanningError(Problem.of("proton.dose.planner_failed", value=last))


def _follow(process: subprocess.Popen[str], watch: Watch) -> None:
    """Tell the progress until the worker ends.

    Raises:
        PlanningError: the clock ran out, or somebody asked to stop.
    """
    heard = _listen(process)
    while True:
        try:
            _tell(watch, heard.get(timeout=LOOK_S))
        except queue.Empty:
            if process.poll() is not None:
                return
        if watch.stop():
            raise PlanningError(Problem.of("proton.dose.stopped", value=watch.stopped_by or ""))
