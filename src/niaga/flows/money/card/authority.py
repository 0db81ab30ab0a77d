"""What the authority's public face is asked: certificates, whom to trust, who the gateway is."""

from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.card.transport import Call, UnreachableError, exchange
from niaga.protocol.envelope import read_plain, write_plain
from niaga.protocol.errors import ProtocolError
from niaga.protocol.messages.enrolment import (
    CertificateAnswer,
    CertificateOrder,
    GatewayCertificates,
)
from niaga.protocol.messages.parts import PlainMessage

TIMEOUT_S = 5.0


def status_list(thumbprint: str) -> str:
    """Return the signed status list of the authority with this thumbprint."""
    return _ask(f"/status/{thumbprint}").decode("ascii", errors="replace")


def gateway_certificates() -> GatewayCertificates:
    """Return the gateway's current chains as its well-known address tells them, not believed."""
    return _read(GatewayCertificates, _ask("/gateway"))


def order_certificate(order: CertificateOrder) -> CertificateAnswer:
    """Order the first certificate of a use; an operator of the authority decides."""
    return _read(CertificateAnswer, _ask("/orders", write_plain(order), "application/json"))


def poll_order(order_id: str) -> CertificateAnswer:
    """Ask where an order stands."""
    return _read(CertificateAnswer, _ask(f"/orders/{order_id}"))


def renew_certificate(request: str) -> CertificateAnswer:
    """Ask for the next certificate, by a request signed with the one that still lives."""
    return _read(CertificateAnswer, _ask("/renewals", request.encode()))


def nonce() -> str:
    """Return a fresh nonce for a request that proves a key."""
    return _ask("/nonce", b"", "application/json").decode("ascii", errors="replace")


def _ask(path: str, body: bytes | None = None, content_type: str = "application/jose") -> bytes:
    url = needed_settings().authority_url + path
    return exchange(Call("authority", url, body, content_type, timeout_s=TIMEOUT_S))


def _read[P: PlainMessage](kind: type[P], content: bytes) -> P:
    try:
        return read_plain(kind, content)
    except ProtocolError as error:
        raise UnreachableError(f"the authority speaks in riddles: {error}") from error
