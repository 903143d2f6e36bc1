"""A PostgreSQL cluster for the length of one test run, started by the tests themselves.

It listens on a Unix socket only, keeps nothing on disk that matters (fsync is off), and ends
with the run: at a normal end by `stop`, and when the run is killed by the kernel's parent-death
signal. Folders left behind by killed runs are removed by the next one.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PREFIX = "sapar-postgresql-"
PLACE = Path("/tmp")  # noqa: S108 - a socket's path must be short and in lower case
USER = "sapar"
SECONDS_TO_START = 60
INITDB = ["-U", USER, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "logging_collector": "off",
}


class NoPostgresError(RuntimeError):
    """The programs are missing, or the cluster did not start."""


def programs() -> Path | None:
    """The folder with initdb and postgres: the newest of Debian's, else from PATH; or None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: [int(n) for n in folder.parent.name.split(".") if n.isdigit()],
        reverse=True,
    )
    found = shutil.which("initdb")
    for folder in [*debian, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _as_user() -> tuple[list[str], int | None]:
    """Words that go before a command, and the owner of its folder: initdb refuses root."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return ([setpriv, "--pdeathsig", "INT"] if setpriv else []), None
    if setpriv is None:
        message = "setpriv (Debian package util-linux) is needed to start PostgreSQL as root"
        raise NoPostgresError(message)
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    uid, gid = str(entry.pw_uid), str(entry.pw_gid)
    words = [setpriv, "--reuid", uid, "--regid", gid, "--clear-groups", "--pdeathsig", "INT"]
    return words, entry.pw_uid


def _remove_leftovers() -> None:
    for folder in PLACE.glob(f"{PREFIX}*"):
        try:
            owner = int((folder / "run").read_text())
            os.kill(owner, 0)
        except (OSError, ValueError):
            if time.time() - folder.stat().st_mtime > SECONDS_TO_START:
                shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Cluster:
    """A running cluster.

    Attributes:
        url: for SAPAR_DATABASE_URL.
        folder: data and socket.
        process: the server.
    """

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Cluster:
    """Make a new cluster and wait until it answers.

    Raises:
        NoPostgresError: there are no programs, or they failed; the message has their words.
    """
    binaries = programs()
    if binaries is None:
        message = "no initdb in /usr/lib/postgresql/*/bin or on PATH (Debian package postgresql)"
        raise NoPostgresError(message)
    _remove_leftovers()
    words, owner = _as_user()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PLACE))
    (folder / "run").write_text(str(os.getpid()))
    if owner is not None:
        os.chown(folder, owner, -1)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    data = folder / "data"
    made = subprocess.run(
        [*words, binaries / "initdb", "-D", data, *INITDB],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        message = f"initdb failed:\n{made.stdout}{made.stderr}"
        raise NoPostgresError(message)
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*words, binaries / "postgres", "-D", data, "-k", folder, *options],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    cluster = Cluster(f"postgresql://{USER}@{quote(str(folder), safe='')}/sapar", folder, process)
    _wait(cluster)
    return cluster


def _wait(cluster: Cluster) -> None:
    import psycopg

    until = time.monotonic() + SECONDS_TO_START
    while cluster.process.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(host=str(cluster.folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    words = (cluster.folder / "log").read_text(errors="replace")[-2000:]
    cluster.stop()
    message = f"PostgreSQL did not start:\n{words}"
    raise NoPostgresError(message)
