"""`sapar proton receive` and `sapar proton send`: planning studies over the DICOM network."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    import ssl

TEND_S = 60.0
WAYS = "--to AET@HOST:PORT | --web URL"
TARGET = "--to AET@HOST:PORT"


def add_to(group: click.Group) -> None:
    """Put the commands into the group `proton`."""
    group.add_command(receive)
    group.add_command(send)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=11112, show_default=True, type=click.IntRange(0, 65535))
@click.option("--aet", default="SAPAR", show_default=True, help="How senders call us.")
@click.option(
    "--tls",
    type=(
        click.Path(exists=True, dir_okay=False, path_type=Path),
        click.Path(exists=True, dir_okay=False, path_type=Path),
    ),
    help="Certificate and key (PEM): only encrypted associations are taken.",
)
@click.option(
    "--tls-ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates of those who sign senders' certificates; then each must show one.",
)
def receive(
    *, host: str, port: int, aet: str, tls: tuple[Path, Path] | None, tls_ca: Path | None
) -> None:
    """Take planning studies that trusted systems send by C-STORE, until it is stopped.

    Systems are trusted on the page "Systems that send". Beside it run `sapar worker` and
    `sapar tick`, which read what has come.
    """
    from django.utils.translation import gettext as _

    from sapar.kernel.errors import ConfigurationError
    from sapar.proton.adapters.dicom.receive import Receiver
    from sapar.values.statements import Problem

    receiver = Receiver(aet)
    try:
        listening = receiver.start(host, port, _tls(tls, tls_ca))
    except OSError as error:
        raise ConfigurationError(
            Problem.of("proton.receive_port", where=host, value=port, what=str(error))
        ) from error
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: stopping.set())
    click.echo(
        _("{aet} listens on {host}, port {port}.").format(aet=aet, host=host, port=listening)
    )
    while not stopping.wait(TEND_S):
        receiver.tend()
    receiver.stop()


def _tls(pair: tuple[Path, Path] | None, authority: Path | None) -> ssl.SSLContext | None:
    """The encryption of associations; None where none was asked for."""
    import ssl

    if pair is None:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    made.load_cert_chain(*pair)
    if authority is not None:
        made.verify_mode = ssl.CERT_REQUIRED
    return made


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--to", "target", metavar="AET@HOST:PORT", help="An archive of the DICOM network.")
@click.option("--web", "url", metavar="URL", help="A DICOMweb service, without /studies.")
@click.option("--aet", default="SAPAR", show_default=True, help="Our own title, with --to.")
@click.option(
    "--token-file",
    type=click.File("r"),
    help="With --web: a file with the secret; it goes as a bearer token.",
)
def send(
    *, folder: Path, target: str | None, url: str | None, aet: str, token_file: IO[str] | None
) -> None:
    """Send every DICOM file below FOLDER to an archive, as it is.

    The files name the patient: send them only where the patient's consent goes.
    """
    from django.utils.translation import gettext as _

    from sapar.proton.adapters.dicom import send as sender

    if (target is None) == (url is None):
        raise click.UsageError(WAYS)
    if url is not None:
        token = token_file.read().strip() if token_file is not None else ""
        sent = sender.stow(folder, url=url, authorization=f"Bearer {token}" if token else "")
    else:
        called, _at, place = (target or "").partition("@")
        host, _colon, port = place.rpartition(":")
        if not called or not host or not port.isdecimal():
            raise click.UsageError(TARGET)
        sent = sender.store(folder, host=host, port=int(port), called=called, calling=aet)
    click.echo(_("Sent: {count}. Left out: {others}.").format(
        count=sent.count, others=len(sent.left_out)
    ))  # fmt: skip
