"""Whom the market believes: its root, and status lists fetched whole and kept for half their life.

A list that is older than that still serves while the authority can't be reached, until it is over.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509

from niaga.flows.money.card import authority
from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.commands.keep_status_list import keep_status_list
from niaga.kernel import clock
from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats import status_list
from niaga.protocol.formats.status_list import StatusList
from niaga.protocol.formats.x509 import Trust, public_key, read_chain, thumbprint
from niaga.protocol.merchant import purchase
from niaga.protocol.messages.enrolment import GatewayCertificates

ASK_AGAIN_S = 300
"""How long what the gateway's address told is kept before it is asked again."""

type Chain = tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class KnownGateway:
    """The gateway whose certificates hold, and the message that told them, for the wallet."""

    gateway: purchase.Gateway
    told: GatewayCertificates


@dataclass(slots=True)
class _Kept:
    """What this process remembers; one that forgets asks again."""

    lists: dict[str, tuple[StatusList, float]]
    gateway: tuple[GatewayCertificates, datetime] | None = None


_kept = _Kept({})
_lock = threading.Lock()


def forget() -> None:
    """Forget every list and certificate that was fetched."""
    with _lock:
        _kept.lists.clear()
        _kept.gateway = None


def trust_in(*chains: Chain) -> Trust:
    """Return whom to believe when judging `chains` (leaf, role authority, brand).

    An authority that is not of the market's own root has no list in it, and so is not believed.
    """
    path = needed_settings().root
    try:
        roots = _roots(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise UnreachableError(f"the payment's root is not there: {error}") from error
    issuers = _issuers(chains, roots)
    lists = {name: found for name, c in issuers if (found := _list_of(name, c))}
    return Trust(roots, lists)


def known_gateway() -> KnownGateway:
    """Return the market's gateway, asked anew every few minutes.

    Raises:
        UnreachableError: its certificates can't be fetched, or do not hold.
    """
    told = _gateway_told()
    try:
        chains = [read_chain(list(chain)) for chain in (told.sig_x5c, told.enc_x5c)]
        found = purchase.know_gateway(
            told, url=needed_settings().gateway_url, trust=trust_in(*chains), now=clock.now()
        )
    except ProtocolError as error:
        raise UnreachableError(f"the gateway's certificates do not hold: {error}") from error
    return KnownGateway(found, told)


def _gateway_told() -> GatewayCertificates:
    kept = _kept.gateway
    now = clock.now()
    if kept and (now - kept[1]).total_seconds() < ASK_AGAIN_S:
        return kept[0]
    try:
        told = authority.gateway_certificates()
    except UnreachableError:
        if kept is None:
            raise
        return kept[0]
    with _lock:
        _kept.gateway = (told, now)
    return told


@lru_cache(maxsize=2)
def _roots(path: Path, _changed_ns: int) -> Chain:
    return tuple(x509.load_pem_x509_certificates(path.read_bytes()))


@lru_cache(maxsize=256)
def _issuers(chains: tuple[Chain, ...], roots: Chain) -> tuple[tuple[str, x509.Certificate], ...]:
    """Return the roots, and those above the chains' leaves whom they vouch for, by thumbprint."""
    found = {thumbprint(root): root for root in roots}
    for chain in chains:
        for above, certificate in ((chain[2], chain[1]), (None, chain[2])):
            if _is_issued(certificate, (above,) if above else roots):
                found[thumbprint(certificate)] = certificate
    return tuple(found.items())


def _is_issued(certificate: x509.Certificate, issuers: Chain) -> bool:
    """Say whether one of `issuers` signed the certificate, which no time changes.

    That neither is over or withdrawn is judged with each message (`verify_chain`).
    """
    for issuer in issuers:
        try:
            certificate.verify_directly_issued_by(issuer)
        except Exception:  # noqa: BLE001, S112 - the library raises several; all mean "no"
            continue
        return True
    return False


def _list_of(name: str, issuer: x509.Certificate) -> StatusList | None:
    now = clock.now()
    kept = _kept.lists.get(name)
    if kept and now.timestamp() < kept[1]:
        return kept[0]
    try:
        text = authority.status_list(name)
        found = status_list.verify(text, public_key(issuer), subject=name, now=now)
    except (UnreachableError, ProtocolError):
        return kept[0] if kept else None
    keep_status_list(
        subject=name,
        text=text,
        issued_at=datetime.fromtimestamp(found.issued_s, UTC),
        expires_at=datetime.fromtimestamp(found.expires_s, UTC),
    )
    with _lock:
        _kept.lists[name] = (found, (now.timestamp() + found.expires_s) / 2)
    return found
