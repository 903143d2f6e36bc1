"""The DICOM network: a storage SCP with verification, in a process of its own.

Only systems that the records trust may open an association, under their title and from their
address. Each instance is on the disk, synced, before its sender is told so; the records follow in
batches, so that ten thousand slices are no ten thousand transactions. What a killed process leaves
in the spool is taken up at the next start. Loads pynetdicom: never in a web process.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import DatabaseError, close_old_connections, connection
from pynetdicom import AE, _config, evt
from pynetdicom.presentation import (
    AllStoragePresentationContexts,
    VerificationPresentationContexts,
)

from sapar.kernel.actors import Actor
from sapar.kernel.errors import SaparError
from sapar.proton.actions import peers, receiving
from sapar.proton.adapters.dicom import syntaxes
from sapar.proton.adapters.intake import places, spool
from sapar.proton.adapters.intake.headers import NotDicomError
from sapar.proton.models import Study

if TYPE_CHECKING:
    import ssl

    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

    from sapar.proton.adapters.intake.spool import Instance

log = structlog.get_logger("sapar.dicom")
SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
NOT_UNDERSTOOD = 0xC000
NOT_AUTHORISED = 0x0124
REJECTED, BY_USER, UNKNOWN_CALLER = 0x01, 0x01, 0x03
BATCH = 200
"""Instances that are recorded together."""
NETWORK_S = 60
"""Seconds of silence after which an association is ended: our default."""
ASSOCIATION_S = 10
"""Seconds in which who has connected must ask for an association: our default."""
MOST_PDU = 128 * 1024
"""Bytes of one piece of an instance: our default."""
MOST_ASSOCIATIONS = 10
LEFT_S = 300.0
"""Age at which a folder of the spool that no association holds is taken up."""
BY = Actor.machine("dicom")


@dataclass(eq=False)
class _Sending:
    """One association: who sends, and what is not recorded yet."""

    peer: UUID
    folder: Path
    instances: list[Instance] = field(default_factory=list)
    coming: int = 0  # bytes since the last whole message


class Receiver:
    """Listens until it is stopped.

    Attributes:
        ae: pynetdicom's application entity.
        recording: how many batches are being recorded at this moment.
    """

    def __init__(self, ae_title: str) -> None:
        """Prepare; nothing listens yet.

        Args:
            ae_title: how senders call us; another title is refused.
        """
        self.ae = AE(ae_title=ae_title)
        self.ae.require_called_aet = True
        self.ae.maximum_associations = MOST_ASSOCIATIONS
        self.ae.network_timeout = NETWORK_S
        self.ae.acse_timeout = ASSOCIATION_S
        self.ae.maximum_pdu_size = MOST_PDU
        self.ae.dimse_timeout = NETWORK_S
        for context in AllStoragePresentationContexts:
            if context.abstract_syntax is not None:
                self.ae.add_supported_context(context.abstract_syntax, syntaxes.TAKEN)
        for context in VerificationPresentationContexts:
            if context.abstract_syntax is not None:
                self.ae.add_supported_context(context.abstract_syntax)
        self._sending: dict[Any, _Sending] = {}
        self._lock = threading.Lock()
        self._server: ThreadedAssociationServer | None = None
        self.recording = 0

    def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen, in threads of its own; returns the port.

        Raises:
            OSError: the port cannot be listened on.
        """
        _config.STORE_RECV_CHUNKED_DATASET = True
        folder = places.network_folder()
        for path in folder.iterdir():
            places.remove(path)
        tempfile.tempdir = str(folder)  # where pynetdicom writes an instance while it comes
        self.take_left_over(0.0)
        server = self.ae.start_server(
            (host, port), block=False, ssl_context=tls, evt_handlers=self._handlers()
        )
        self._server = server
        return int(server.server_address[1]) if server is not None else port

    def stop(self) -> None:
        """End all associations and record what came."""
        if self._server is not None:
            self._server.shutdown()
        for each in list(self.ae.active_associations):
            each.abort()
        for assoc in list(self._sending):
            self._flush(assoc, last=True)

    def tend(self) -> None:
        """From time to time: take up what another process or a busy database has left."""
        self.take_left_over(LEFT_S)

    def _handlers(self) -> list[Any]:
        return [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_DATA_RECV, self._arrived),
            (evt.EVT_C_ECHO, self._echo),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_CONN_CLOSE, self._closed),
        ]

    def _requested(self, event: Event) -> None:
        """Let in only who is trusted, from where it may be."""
        assoc = event.assoc
        asked = assoc.requestor.primitive
        title = str(asked.calling_ae_title).strip() if asked is not None else ""
        address = str(assoc.requestor.address)
        try:
            peer = peers.by_title(title, address)
        except DatabaseError:
            peer = None
            log.warning("database_unreachable")
        finally:
            close_old_connections()
            connection.close()
        if peer is None:
            log.warning("association_refused", ae_title=title, address=address)
            assoc.acse.send_reject(REJECTED, BY_USER, UNKNOWN_CALLER)
            assoc.kill()
            return
        with self._lock:
            self._sending[assoc] = _Sending(peer.pk, spool.batch(peer.pk))

    def _echo(self, event: Event) -> int:
        sending = self._sending.get(event.assoc)
        if sending is None:
            return NOT_AUTHORISED
        sending.coming = 0
        return SUCCESS

    def _arrived(self, event: Event) -> None:
        """Break off what is larger than an instance may be, before it fills the disk."""
        sending = self._sending.get(event.assoc)
        if sending is None:
            return
        sending.coming += len(event.data)
        # The network's own bytes come on top, some for each piece; `_store` looks exactly.
        if sending.coming > spool.LARGEST + spool.LARGEST // 16 and event.assoc.is_established:
            log.warning("instance_too_large", ae_title=event.assoc.requestor.ae_title)
            sending.coming = 0
            event.assoc.abort()

    def _store(self, event: Event) -> int:
        sending = self._sending.get(event.assoc)
        if sending is None:
            return NOT_AUTHORISED
        sending.coming = 0
        size = event.dataset_path.stat().st_size
        if size > spool.LARGEST or not places.has_room(size):
            return OUT_OF_RESOURCES
        try:
            with event.dataset_path.open("rb") as source:
                found = spool.spool(source, sending.folder)
        except (NotDicomError, spool.TooLargeError):
            return NOT_UNDERSTOOD
        except OSError:
            return OUT_OF_RESOURCES
        sending.instances.append(found)
        if len(sending.instances) >= BATCH:
            self._flush(event.assoc)
        return SUCCESS

    def _closed(self, event: Event) -> None:
        # pynetdicom keeps the file of an instance that was broken off: it would fill the disk.
        begun = getattr(event.assoc.dimse.message, "_data_set_file", None)
        if begun is not None:
            begun.close()
            places.remove(Path(begun.name))
        self._flush(event.assoc, last=True)

    def _flush(self, assoc: Any, *, last: bool = False) -> None:
        """Record what has come; what cannot be recorded now stays in the spool."""
        with self._lock:
            sending = self._sending.pop(assoc, None)
            if sending is None:
                return
            self.recording += 1
            if not last:
                self._sending[assoc] = _Sending(sending.peer, spool.batch(sending.peer))
        try:
            self._record(sending.peer, sending.folder, sending.instances)
        finally:
            with self._lock:
                self.recording -= 1

    def _record(self, peer: UUID, folder: Path, instances: list[Instance]) -> None:
        try:
            if instances:
                receiving.take_instances(
                    by=BY, peer=peer, instances=instances, source=Study.Source.C_STORE
                )
                log.info("instances_taken", count=len(instances))
            with contextlib.suppress(OSError):
                folder.rmdir()
        except SaparError as error:
            # Distrusted meanwhile, or too much for one study: it will never be taken.
            log.warning("instances_refused", reason=error.problems[0].code, count=len(instances))
            places.remove(folder)
        except DatabaseError:
            log.warning("database_unreachable", count=len(instances))
        finally:
            connection.close()

    def take_left_over(self, age: float) -> int:
        """Record folders of the spool that no association holds; returns how many.

        Args:
            age: only those that are so many seconds old.
        """
        before, count = time.time() - age, 0
        held = {each.folder for each in list(self._sending.values())}
        for spooled in places.spool_folders():
            for folder in sorted(spooled.iterdir()):
                if folder in held or spool.is_held(folder) or folder.stat().st_mtime > before:
                    continue
                self._record(UUID(spooled.name), folder, spool.left_over(folder))
                count += 1
        return count
