"""Evidence of one purchase: every token as it was sent, signed together by who keeps them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.formats.status_list import MAX_BYTES as STATUS_BYTES
from niaga.protocol.formats.x509 import MAX_CERTIFICATE_BYTES, Role
from niaga.protocol.messages.operations import BATCH_BYTES
from niaga.protocol.messages.parts import TOKEN_BYTES, Address, Seconds, SignedMessage, Xid
from niaga.protocol.messages.purchase import CHECKOUT_BYTES
from niaga.protocol.messages.schema import Blob, Disclosed, Many, Party, Signed

MOST_EXCHANGES = 500
EVIDENCE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One operation after authorisation: what the merchant asked and the gateway answered."""

    request: Annotated[str, Signed("Operation", TOKEN_BYTES)]
    response: Annotated[str, Signed("OperationResponse", TOKEN_BYTES)]


class _Evidence(SignedMessage):
    """What both kinds have in common."""

    __slots__ = ()
    MAX_BYTES: ClassVar = EVIDENCE_BYTES
    READERS: ClassVar[frozenset[Party]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantEvidence(_Evidence):
    """A purchase as the merchant can prove it: with the order, without the instrument."""

    TYPE: ClassVar = "dsp-merchant-evidence+jwt"
    SIGNER: ClassVar = Role.MERCHANT

    iss: Address
    xid: Xid
    authorities: Annotated[tuple[Annotated[str, Blob(MAX_CERTIFICATE_BYTES)], ...], Many(1, 64)]
    statuses: Annotated[tuple[Annotated[str, Signed("Status", STATUS_BYTES)], ...], Many(1, 2000)]
    offer: Annotated[str, Signed("Offer", TOKEN_BYTES)]
    checkout_jwt: Annotated[str, Signed("Checkout", CHECKOUT_BYTES)]
    oi: Annotated[str, Disclosed("CheckoutMandate", 2 * CHECKOUT_BYTES)]
    auth_req: Annotated[str, Signed("AuthorizationRequest", 2 * BATCH_BYTES)]
    auth_res: Annotated[str, Signed("AuthorizationResponse", 2 * TOKEN_BYTES)]
    pres: Annotated[str, Signed("PaymentResponse", 2 * TOKEN_BYTES)] | None = None
    operations: Annotated[tuple[Exchange, ...], Many(0, MOST_EXCHANGES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvidence(_Evidence):
    """A purchase as the gateway can prove it: with the payment half, without the order."""

    TYPE: ClassVar = "dsp-gateway-evidence+jwt"
    SIGNER: ClassVar = Role.GATEWAY

    iss: Address
    xid: Xid
    authorities: Annotated[tuple[Annotated[str, Blob(MAX_CERTIFICATE_BYTES)], ...], Many(1, 64)]
    statuses: Annotated[tuple[Annotated[str, Signed("Status", STATUS_BYTES)], ...], Many(1, 2000)]
    payment_half: Annotated[str, Disclosed("PaymentMandate", 2048)]
    auth_req: Annotated[str, Signed("AuthorizationRequest", 2 * BATCH_BYTES)]
    auth_res: Annotated[str, Signed("AuthorizationResponse", 2 * TOKEN_BYTES)]
    operations: Annotated[tuple[Exchange, ...], Many(0, MOST_EXCHANGES)]
    iat: Seconds
