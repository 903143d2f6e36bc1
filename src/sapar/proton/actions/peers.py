"""Which systems may send studies to a centre: titles, addresses, trust, and secrets for the web."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, RefusedError
from sapar.proton.models import DicomPeer
from sapar.proton.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor

TITLE = re.compile(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?", re.ASCII)
"""DICOM PS3.5, value representation AE: 16 characters without backslash and outer blanks."""
SENDERS = (Organisation.Kind.HOSPITAL, Organisation.Kind.CENTRE)


@action("proton.add_peer")
def add_peer(
    *, by: Actor, organisation: UUID, ae_title: str, address: str, trusted: bool = False
) -> UUID:
    """Let a system send studies to the actor's centre, once it is trusted. Returns its id.

    Args:
        by: an administrator or physicist of the centre.
        organisation: whose system it is.
        ae_title: how it calls itself.
        address: its IP address, or the network it is in, such as 10.20.0.0/16.
        trusted: whether what it sends is taken from now on.

    Raises:
        InvalidInputError: no title, no address, or no organisation that sends.
        RefusedError: another system has the title.
    """
    title = ae_title.strip()
    row = DicomPeer(ae_title=title, trusted=trusted, made_by=by.user_id)
    if by.organisation_id is not None:
        row.centre_id = by.organisation_id
    policy.require(by, Permission.PEERS, row)
    found = []
    if not TITLE.fullmatch(title):
        found.append(Problem.of("proton.peer.title", where="ae_title", value=ae_title))
    try:
        row.address = str(_network(address))
    except ValueError:
        found.append(Problem.of("proton.peer.address", where="address", value=address))
    sender = Organisation.objects.filter(pk=organisation, kind__in=SENDERS).first()
    if sender is None:
        found.append(Problem.of("proton.peer.organisation", where="organisation"))
    else:
        row.organisation = sender
    if found:
        raise InvalidInputError(found)
    if DicomPeer.objects.filter(ae_title=title, stopped_at=None).exists():
        raise RefusedError(Problem.of("proton.peer.taken", where="ae_title", value=title))
    row.save()
    _note(row, "added")
    return row.pk


def _network(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address or a network, but not all of them: then a title alone would open the door."""
    found = ipaddress.ip_network(address.strip(), strict=False)
    if not found.prefixlen:
        raise ValueError(address)
    return found


def _claim(by: Actor, peer: UUID, version: int | None) -> DicomPeer:
    row = DicomPeer.objects.claim(peer, version)
    policy.require(by, Permission.PEERS, row)
    if row.stopped_at is not None:
        raise RefusedError(Problem.of("proton.peer.stopped", where=f"peer:{peer}"))
    return row


def _note(row: DicomPeer, what: str) -> None:
    note(
        root=("organisation", row.centre_id),
        about=("proton.peer", row.pk),
        what={"did": what, "trusted": row.trusted},
    )


@action("proton.trust_peer")
def trust_peer(*, by: Actor, peer: UUID, trusted: bool, version: int | None = None) -> None:
    """Take what a system sends, or refuse it from now on.

    Raises:
        RefusedError: it was removed.
    """
    row = _claim(by, peer, version)
    row.trusted = trusted
    row.save()
    _note(row, "trusted" if trusted else "distrusted")


@action("proton.new_token")
def new_token(*, by: Actor, peer: UUID, version: int | None = None) -> str:
    """Make a new secret for DICOMweb; the old one ends. It is told once, and kept only as a hash.

    Raises:
        RefusedError: it was removed.
    """
    row = _claim(by, peer, version)
    token = secrets.token_urlsafe(32)
    row.token_sha256 = hashed(token)
    row.save()
    _note(row, "token")
    return token


@action("proton.stop_peer")
def stop_peer(*, by: Actor, peer: UUID, version: int | None = None) -> None:
    """Remove a system: nothing that it sends is taken any more. What it has sent stays.

    Raises:
        RefusedError: it was removed before.
    """
    row = _claim(by, peer, version)
    row.trusted, row.token_sha256, row.stopped_at = False, "", timezone.now()
    row.save()
    _note(row, "stopped")


def hashed(token: str) -> str:
    """What is kept of a secret. It has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(token: str) -> DicomPeer | None:
    """The trusted system that has this secret."""
    if not token:
        return None
    return DicomPeer.objects.filter(
        token_sha256=hashed(token), trusted=True, stopped_at=None
    ).first()


def by_title(ae_title: str, address: str) -> DicomPeer | None:
    """The trusted system that calls itself so, from an address of its own."""
    row = DicomPeer.objects.filter(ae_title=ae_title.strip(), trusted=True, stopped_at=None).first()
    return row if row is not None and within(address, row.address) else None


def within(address: str, network: str) -> bool:
    """Whether an IP address is in a network; an IPv4 address written as IPv6 is the same one."""
    try:
        one = ipaddress.ip_address(address)
        if isinstance(one, ipaddress.IPv6Address) and one.ipv4_mapped is not None:
            one = one.ipv4_mapped
        return one in ipaddress.ip_network(network)
    except ValueError:
        return False
