"""Admit a request, open the instruction, check that all parts belong together, answer.

The caller's part, in this order: `authenticate` the request; answer one seen before (same merchant
and xid) from the stored bytes if its `ds_hash` is the same, else by a Failure `xid_conflict`;
`check_authorization`; look the instrument up and `check_instrument`, `check_second_factor`; decide
with the issuer; then in one transaction insert the unique (merchant, xid), hold the funds and store
the bytes of `answer_authorization` (`Authorizations` says so as a port).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol import dual_signature, links, passkey
from niaga.protocol.envelope import (
    Opened,
    Signer,
    check_live,
    open_signed,
    read_padded,
    require,
    sign,
)
from niaga.protocol.errors import (
    AuthenticationRequiredError,
    MismatchError,
    PaymentInstructionError,
    ProtocolError,
    SecondFactorError,
)
from niaga.protocol.formats import jwe, jws
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import Identity, Trust
from niaga.protocol.messages.enrolment import CARD_BYTES, CARD_TOKEN_BYTES, CardData, Passkey
from niaga.protocol.messages.operations import Failure
from niaga.protocol.messages.parts import Amount, Assertion, SignedMessage
from niaga.protocol.messages.purchase import (
    BUYER_REASONS,
    PI_BYTES,
    PI_TOKEN_BYTES,
    AuthorizationRequest,
    AuthorizationResponse,
    DualSignature,
    Instrument,
    PaymentInstruction,
    PaymentMandate,
    Receipt,
)


class Authorizations(Protocol):
    """What a gateway must remember; its caller keeps it in a database."""

    def answered(self, merchant: str, xid: str) -> tuple[str, bytes] | None:
        """Return `ds_hash` and the response bytes stored for a purchase, or None.

        A reversal of an unseen purchase leaves a tombstone here, so a late request finds it.
        """

    def record(self, merchant: str, xid: str, ds_hash: str, response: bytes) -> None:
        """Store an answer in the transaction that holds the funds; raises if one is there."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Who this gateway is, and the keys that open instructions, by their thumbprints.

    A renewed gateway keeps its former key until no signed offer names it any more.
    """

    id: str
    opening: Mapping[str, ec.EllipticCurvePrivateKey]


@dataclass(frozen=True, slots=True)
class Purchase:
    """What an answer speaks of: a gateway keeps it with each request it has not answered yet.

    Attributes:
        gateway, merchant: who answers whom.
        request_hash: the identity of the merchant's request.
        ds_hash: the identity of the buyer's signature.
        buyer_x5t, merchant_x5t: the certificates that signed them.
        checkout_hash: the order's hash, as both halves name it.
    """

    gateway: str
    merchant: str
    request_hash: str
    xid: str
    ds_hash: str
    buyer_x5t: str
    merchant_x5t: str
    checkout_hash: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class CheckedAuthorization:
    """A request in which merchant's request, buyer's signature and sealed half belong together.

    Attributes:
        request: the merchant's request.
        signature: the buyer's dual signature; its digest is `ds_hash`.
        mandate: the payment half.
        sca: the passkey's assertion, not yet checked, if the wallet sent one.
    """

    request: Opened[AuthorizationRequest]
    signature: Opened[DualSignature]
    mandate: PaymentMandate
    sca: Assertion | None

    @property
    def merchant(self) -> Identity:
        """Who asks."""
        return self.request.identity

    @property
    def buyer(self) -> Identity:
        """Who pays."""
        return self.signature.identity

    @property
    def purchase(self) -> Purchase:
        """What the answer will speak of."""
        asked = self.request.message
        return Purchase(
            gateway=asked.aud,
            merchant=asked.iss,
            request_hash=self.request.digest,
            xid=asked.xid,
            ds_hash=self.signature.digest,
            buyer_x5t=self.buyer.thumbprint,
            merchant_x5t=self.merchant.thumbprint,
            checkout_hash=self.mandate.transaction_id,
            amount=asked.amount,
        )


@dataclass(frozen=True, slots=True)
class KnownInstrument:
    """An instrument as the issuer knows it: whose certificate may use it, and by which passkey.

    `cardholder` is the pseudonym in the certificate's subject, which a renewal keeps.
    """

    instrument: Instrument
    cardholder: str
    passkey: Passkey | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gateway decided: approved (with `auth_id` and its end), declined or pending."""

    result: str
    auth_id: str | None = None
    auth_exp_s: int | None = None
    reason: str | None = None


def authenticate[M: SignedMessage](
    kind: type[M], text: str, *, me: str, trust: Trust, now: datetime
) -> Opened[M]:
    """Return a merchant's message addressed to the gateway `me`.

    A failure here is answered with an unsigned problem document; every later one with a signed
    `Failure`. A deadline is not judged here, so a repeated request finds its stored answer.

    Raises:
        MalformedError, UntrustedError, StaleError: see `open_signed`.
        MismatchError: it is addressed to another gateway.
    """
    opened = open_signed(kind, text, trust=trust, now=now)
    require(agree=getattr(opened.message, "aud", None) == me, what="aud")
    return opened


def check_deadline(opened: Opened[SignedMessage], now: datetime) -> None:
    """Check, once, that a request is admitted before its deadline; else StaleError."""
    check_live(getattr(opened.message, "deadline"), now)  # noqa: B009 - every request has one


def check_authorization(
    request: Opened[AuthorizationRequest], *, keys: Keys, trust: Trust, now: datetime
) -> CheckedAuthorization:
    """Return the request with its instruction opened, everything in it belonging together.

    Raises:
        StaleError: its deadline, or the buyer's signature, has passed.
        MalformedError, UntrustedError, DisclosureError: the dual signature is not good.
        MismatchError: the buyer signed for another merchant, certificate, gateway, purchase,
            offer or amount.
        PaymentInstructionError: anything about the sealed half, without a reason.
    """
    asked = request.message
    check_live(asked.deadline, now)
    signature = dual_signature.verify(asked.ds, trust=trust, now=now)
    links.check_request(request, signature)
    require(agree=asked.aud == keys.id, what="aud")
    require(agree=signature.message.gw.enc_x5t in keys.opening, what="ds gw.enc_x5t")
    try:
        instruction, mandate = _open(request, signature, keys)
    except ProtocolError as error:
        raise PaymentInstructionError from error
    return CheckedAuthorization(request, signature, mandate, instruction.sca)


def _open(
    request: Opened[AuthorizationRequest],
    signature: Opened[DualSignature],
    keys: Keys,
) -> tuple[PaymentInstruction, PaymentMandate]:
    asked = request.message
    seal = links.check_seal(asked.pi, signature)
    content = jwe.open_seal(asked.pi, keys.opening[seal.kid], max_bytes=PI_TOKEN_BYTES)
    instruction = read_padded(PaymentInstruction, content, PI_BYTES)
    mandate = dual_signature.show_payment_half(signature, instruction.disclosure)
    links.check_payment_half(mandate, signature.message, request.identity)
    return instruction, mandate


def check_instrument(checked: CheckedAuthorization, known: KnownInstrument | None) -> None:
    """Check that the instrument exists and is the buyer's own.

    Raises:
        PaymentInstructionError: it is not, or it is another's.
    """
    if (
        known is None
        or known.instrument != checked.mandate.payment_instrument
        or known.cardholder != checked.buyer.subject
    ):
        raise PaymentInstructionError


def check_second_factor(
    checked: CheckedAuthorization,
    known: KnownInstrument,
    *,
    required: bool,
    party: RelyingParty,
) -> None:
    """Check the passkey's assertion over this very signature; one sent unasked is checked too.

    Raises:
        AuthenticationRequiredError: the policy requires it and there is none.
        SecondFactorError: it is not good for this payment.
    """
    if checked.sca is None:
        if required:
            raise AuthenticationRequiredError("the policy requires the person's passkey")
        return
    if known.passkey is None:
        raise SecondFactorError("no passkey is enrolled")
    passkey.verify(checked.sca, known.passkey, challenge=checked.signature.digest, party=party)


def answer_authorization(
    purchase: Purchase, decision: Decision, *, signer: Signer, now: datetime
) -> str:
    """Return M4, AuthRes, with the receipt for the buyer in it.

    Raises:
        SchemaError: an approval without `auth_id` or end, a refusal without a reason, or either
            with what is not its own.
    """
    links.check_result(decision.result, decision.auth_id, decision.auth_exp_s, decision.reason)
    seconds = int(now.timestamp())
    receipt = Receipt(
        iss=purchase.gateway,
        aud=purchase.buyer_x5t,
        xid=purchase.xid,
        ds_hash=purchase.ds_hash,
        merchant=purchase.merchant,
        merchant_x5t=purchase.merchant_x5t,
        checkout_hash=purchase.checkout_hash,
        amount=purchase.amount,
        result=decision.result,
        auth_id=decision.auth_id,
        reason=_told_buyer(decision),
        iat=seconds,
    )
    response = AuthorizationResponse(
        iss=purchase.gateway,
        aud=purchase.merchant,
        in_reply_to=purchase.request_hash,
        ds_hash=purchase.ds_hash,
        xid=purchase.xid,
        result=decision.result,
        amount=purchase.amount,
        auth_id=decision.auth_id,
        auth_exp=decision.auth_exp_s,
        reason=decision.reason,
        receipt=sign(receipt, signer),
        iat=seconds,
    )
    return sign(response, signer)


def _told_buyer(decision: Decision) -> str | None:
    if decision.result != "declined":
        return None
    return decision.reason if decision.reason in BUYER_REASONS else "declined"


def answer_failure(
    opened: Opened[SignedMessage], code: str, *, signer: Signer, now: datetime
) -> str:
    """Return the signed word that an authentic request can't be acted upon, and `code` why.

    `code` is an error's code, `xid_conflict`, `jti_conflict` or `unavailable`.
    """
    failure = Failure(
        iss=getattr(opened.message, "aud"),  # noqa: B009 - every request has one
        aud=opened.identity.subject,
        in_reply_to=opened.digest,
        code=code,
        iat=int(now.timestamp()),
    )
    return sign(failure, signer)


def open_card(sealed: str, *, csr: bytes, keys: Keys) -> CardData:
    """Return the card a wallet sealed to the issuer for the certificate request `csr`.

    Raises:
        PaymentInstructionError: it does not open, is bound to another request, or holds no card.
    """
    try:
        seal = jwe.inspect(sealed, max_bytes=CARD_TOKEN_BYTES)
        if seal.kid not in keys.opening or seal.apv != jws.digest(csr):
            raise MismatchError("card")
        content = jwe.open_seal(sealed, keys.opening[seal.kid], max_bytes=CARD_TOKEN_BYTES)
        return read_padded(CardData, content, CARD_BYTES)
    except ProtocolError as error:
        raise PaymentInstructionError from error
