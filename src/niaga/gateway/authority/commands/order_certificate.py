"""A merchant or gateway orders a certificate; somebody who knows it decides."""

import ipaddress
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.commands.nonces import spend_nonce
from niaga.gateway.authority.keyring import Keyring
from niaga.gateway.authority.models import CertificateOrder
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.protocol.authority import Holder
from niaga.protocol.formats import base64url
from niaga.protocol.formats.x509 import Use, write_chain
from niaga.protocol.messages import enrolment as messages


@dataclass(eq=False)
class OrderDecided(Refusal):
    """The order is unknown, or was decided before."""

    code: ClassVar[str] = "order_decided"
    order_id: UUID


@command
def order_certificate(*, order: messages.CertificateOrder) -> UUID:
    """Write an order down; return its id.

    Raises:
        MismatchError, EncodingError, CertificateError: the request proves no key.
    """
    key = spend_nonce(csr=base64url.decode(order.csr))
    return CertificateOrder.objects.create(
        role=order.role,
        use=order.use,
        address=order.address,
        name=order.name,
        public_key=key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        ordered_at=clock.now(),
    ).id


@command
def approve_order(*, keyring: Keyring, order_id: UUID) -> None:
    """Issue what was ordered.

    Raises:
        OrderDecided: there is nothing to decide.
        KeyUsedBefore, CertificateError: nothing was issued, the order still waits.
    """
    order = _waiting(order_id)
    key = serialization.load_der_public_key(bytes(order.public_key))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    use = Use(order.use)
    chain = issue_certificate(
        authority=keyring.authority(order.role),
        key=key,
        holder=holder_of(order.address, order.name, use),
        use=use,
    )
    order.state, order.chain = CertificateOrder.State.ISSUED, write_chain(chain)
    order.save(update_fields=["state", "chain"])


@command
def refuse_order(*, order_id: UUID) -> None:
    """Turn an order down.

    Raises:
        OrderDecided: there is nothing to decide.
    """
    order = _waiting(order_id)
    order.state = CertificateOrder.State.REFUSED
    order.save(update_fields=["state"])


def holder_of(address: str, name: str, use: Use) -> Holder:
    """Return who a merchant's or gateway's certificate speaks for; a TLS one names its host."""
    hosts: tuple[x509.GeneralName, ...] = ()
    if use is Use.TRANSPORT:
        hosts = (_host(urlsplit(address).hostname or ""),)
    return Holder(address, name, hosts)


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _waiting(order_id: UUID) -> CertificateOrder:
    order = (
        CertificateOrder.objects.select_for_update()
        .filter(pk=order_id, state=CertificateOrder.State.WAITING)
        .first()
    )
    if order is None:
        raise OrderDecided(order_id)
    return order
