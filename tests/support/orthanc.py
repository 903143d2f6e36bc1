"""Debian's Orthanc as the other side: it sends to us, and it is the archive we send to.

`orthanc` starts one for all tests of a process, on ports of its own, in a folder that goes with it.
Where it is not installed the tests are skipped; in CI they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "Orthanc"
PLACES = "/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin"
PLUGINS = ("/usr/share/orthanc/plugins", "/usr/lib/orthanc")
SECONDS = 30


def program() -> str | None:
    """The path of the machine's own Orthanc, or None."""
    return shutil.which(PROGRAM, path=f"{os.environ.get('PATH', '')}:{PLACES}")


def plugin() -> Path | None:
    """Its DICOMweb plugin, or None."""
    found = [path for folder in PLUGINS for path in Path(folder).glob("libOrthancDicomWeb.so*")]
    return found[0] if found else None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Orthanc:
    """A running Orthanc.

    Attributes:
        http: its address, without a slash at the end.
        port: of the DICOM network; its title is ORTHANC.
    """

    http: str
    port: int

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request of its REST interface; bytes go as they are, others as JSON."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(self.http + path, data=data, method=method)  # noqa: S310 - our own host
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - the same
                content = answer.read()
                kind = answer.headers.get("Content-Type", "")
        except HTTPError as error:
            said = error.read().decode("utf-8", "replace")[:500]
            message = f"Orthanc answered {error.code} to {method} {path}: {said}"
            raise AssertionError(message) from error
        return json.loads(content) if "json" in kind and content else content

    def empty(self) -> None:
        """Remove all patients."""
        for patient in self.ask("GET", "/patients"):
            self.ask("DELETE", f"/patients/{patient}")

    def instances(self) -> dict[str, bytes]:
        """What it holds: files by SOP instance UID."""
        found = {}
        for key in self.ask("GET", "/instances"):
            tags = self.ask("GET", f"/instances/{key}/simplified-tags")
            found[tags["SOPInstanceUID"]] = self.ask("GET", f"/instances/{key}/file")
        return found


def _start(folder: Path) -> tuple[subprocess.Popen[bytes], Orthanc]:
    made = Orthanc(f"http://127.0.0.1:{free_port()}", free_port())
    config = {
        "Name": "tests", "DicomAet": "ORTHANC", "DicomPort": made.port,
        "HttpPort": int(made.http.rpartition(":")[2]), "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False, "DicomCheckCalledAet": False,
        "DicomAlwaysAllowStore": True, "DicomAlwaysAllowEcho": True,
        "StorageDirectory": str(folder / "db"), "IndexDirectory": str(folder / "db"),
        "Plugins": [str(plugin())], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        "OverwriteInstances": True, "HttpTimeout": 60, "DicomScuTimeout": 20,
    }  # fmt: skip
    path = folder / "orthanc.json"
    path.write_text(json.dumps(config))
    setpriv = shutil.which("setpriv")
    words = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*words, str(program()), str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd=folder,
        )  # fmt: skip
    until = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            made.ask("GET", "/system")
        except OSError:
            time.sleep(0.1)
        else:
            return process, made
    said = (folder / "log").read_text(errors="replace")[-2000:]
    process.kill()
    message = f"Orthanc did not start:\n{said}"
    raise AssertionError(message)


def require() -> None:
    """Skip the test where Orthanc is missing; in CI fail it."""
    if program() is None or plugin() is None:
        missing = "no Orthanc here (Debian packages orthanc and orthanc-dicomweb)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture(scope="session")
def orthanc_server() -> Iterator[Orthanc]:
    """One Orthanc for all tests of a process."""
    require()
    folder = Path(tempfile.mkdtemp(prefix="sapar-orthanc-"))
    process, made = _start(folder)
    yield made
    process.kill()  # nothing of it is kept, and a kind word takes it seconds
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def orthanc(orthanc_server: Orthanc) -> Orthanc:
    """The same one, emptied."""
    orthanc_server.empty()
    return orthanc_server
