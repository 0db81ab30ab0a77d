"""A wallet without a page, for agents and tests: the same steps over the same HTTP.

Keys, cards and payments live in the object's memory and end with it; the passkey is whatever
`Authenticator` is given. A purchase is signed once: what was signed is sent again byte for byte.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.kernel import clock
from niaga.protocol import authority
from niaga.protocol.envelope import Signer, peek, read_plain, require, sign, write_plain
from niaga.protocol.errors import MismatchError
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.x509 import (
    Role,
    Trust,
    Use,
    public_key,
    read_chain,
    thumbprint,
    verify_chain,
)
from niaga.protocol.messages.enrolment import (
    CardData,
    CardholderRenewal,
    CertificateAnswer,
    EnrolmentAnswer,
    EnrolmentChallenge,
    Passkey,
)
from niaga.protocol.messages.parts import Assertion
from niaga.protocol.messages.purchase import (
    Instrument,
    OfferAnswer,
    PaymentResponse,
    PurchaseInit,
)
from niaga.protocol.wallet import enrolment, purchase
from niaga.wallet.transport import JOSE, MOST_BYTES, AnsweredError, Https

NOT_FOUND = 404
SETTLED = frozenset({"paid", "declined", "voided", "expired"})


class Authenticator(Protocol):
    """A passkey of the wallet's origin whose owner is there."""

    @property
    def passkey(self) -> Passkey:
        """The public half."""

    def sign(self, challenge: str) -> Assertion:
        """Return an assertion over `challenge` (base64url), the user verified."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card of this wallet: the token that stands for it, and the key that may pay with it."""

    instrument: Instrument
    label: str
    signer: Signer
    authenticator: Authenticator

    @property
    def brand(self) -> str:
        """The name of the brand that certified it."""
        found = self.signer.chain[2].subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(found[0].value)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was signed.

    Attributes:
        url: the payment's address at its merchant.
        signed: what was signed.
        request: the bytes of PReq, the same whenever they are sent.
        state: `signed` until the merchant has answered; then its word.
        answer: the verified answer with the gateway's receipt, once there is one.
    """

    url: str
    signed: purchase.SignedPurchase
    request: bytes
    state: str = "signed"
    answer: purchase.Answer | None = None

    @property
    def xid(self) -> str:
        """The purchase's identifier."""
        return self.signed.offer.offer.message.xid


@dataclass(slots=True)
class Wallet:
    """One person's wallet.

    Attributes:
        authority_url: the origin of the authority's public face.
        roots: the payment's root certificates to believe.
        https: carries the requests.
    """

    authority_url: str
    roots: tuple[x509.Certificate, ...]
    https: Https = field(default_factory=Https)
    cards: list[Card] = field(default_factory=list)
    payments: dict[str, Payment] = field(default_factory=dict)

    def enrol(self, card: CardData, authenticator: Authenticator) -> Card:
        """Add a card.

        Raises:
            UnreachableError, AnsweredError: the authority did not certify it.
            ProtocolError: what it answered is not acceptable.
        """
        told = read_plain(EnrolmentChallenge, self._ask_authority("enrolments/challenge", b"{}"))
        key = authority.new_key()
        csr = enrolment.make_csr(key, told)
        request = enrolment.request_enrolment(
            told,
            csr,
            card,
            authenticator.passkey,
            authenticator.sign(enrolment.enrolment_challenge(csr)),
            trust=self.trust_in(told.issuer_x5c),
            now=clock.now(),
        )
        answer = read_plain(
            EnrolmentAnswer, self._ask_authority("enrolments", write_plain(request))
        )
        signer = self._own(answer.x5c, key)
        added = Card(answer.instrument, answer.label, signer, authenticator)
        self.cards.insert(0, added)
        return added

    def renew(self, card: Card) -> Card:
        """Replace a card's key and certificate by the next ones; return the card as it is then.

        Raises:
            UnreachableError, AnsweredError, ProtocolError: see `enrol`; the card stays as it was.
        """
        nonce = self._ask_authority("nonce", b"").decode("ascii")
        key = authority.new_key()
        asked = CardholderRenewal(
            csr=base64url.encode(authority.make_csr(key, nonce=nonce)),
            iat=int(clock.now().timestamp()),
        )
        token = sign(asked, card.signer).encode()
        answer = read_plain(CertificateAnswer, self._ask_authority("renewals", token, JOSE))
        if answer.x5c is None:
            raise MismatchError("x5c")
        signer = self._own(answer.x5c, key)
        same = signer.chain[0].subject == card.signer.chain[0].subject
        require(agree=same, what="subject")
        renewed = replace(card, signer=signer)
        self.cards[self.cards.index(card)] = renewed
        return renewed

    def fetch_offer(self, url: str, card: Card) -> purchase.VerifiedOffer:
        """Return what the merchant asks for at `url`, verified, to be shown to the person.

        Raises:
            UnreachableError, AnsweredError: there is no offer.
            ProtocolError: it is not acceptable; nothing may be signed.
        """
        asked = PurchaseInit(n_c=base64url.encode(secrets.token_bytes(16)), brand=card.brand)
        answer = read_plain(OfferAnswer, self.https.post(f"{url}offer", write_plain(asked)))
        chains = (_chain_of(answer.offer), answer.gw_sig_x5c, answer.gw_enc_x5c)
        trust = self.trust_in(*chains)
        origin = f"https://{urlsplit(url).netloc}"
        return purchase.verify_offer(
            answer, asked=asked, origin=origin, trust=trust, now=clock.now()
        )

    def sign(self, url: str, offer: purchase.VerifiedOffer, card: Card) -> Payment:
        """Return the payment that `offer` makes.

        While one that was signed before at this address is paid, or may still become so, it is
        returned instead: no second one is signed beside it.
        """
        for before in self.payments.values():
            if before.url == url and (before.state == "paid" or before.state not in SETTLED):
                return before
        signed = purchase.sign_purchase(offer, card.signer, card.instrument, now=clock.now())
        request = purchase.seal_purchase(signed, sca=card.authenticator.sign(signed.ds_hash))
        made = Payment(url, signed, write_plain(request))
        self.payments[made.xid] = made
        return made

    def send(self, payment: Payment) -> Payment:
        """Send a signed payment's request; return the payment with what became of it.

        Raises:
            UnreachableError: nothing is known; `settle` finds out.
            AnsweredError: the merchant did not take it.
            ProtocolError: the answer is not to be believed.
        """
        return self._answered(payment, self.https.post(payment.url, payment.request))

    def settle(self, payment: Payment) -> Payment:
        """Ask what became of a payment; send it again if the merchant has not got it.

        Raises:
            As `send`.
        """
        if payment.state in SETTLED:
            return payment
        try:
            return self._answered(payment, self.https.get(f"{payment.url}status"))
        except AnsweredError as error:
            if error.status != NOT_FOUND:
                raise
        return self.send(payment)

    def pay(self, url: str, card: Card) -> Payment:
        """Pay what the merchant asks for at `url`; see `fetch_offer` and `send`."""
        return self.send(self.sign(url, self.fetch_offer(url, card), card))

    def trust_in(self, *chains: Iterable[str] | None) -> Trust:
        """Return whom to believe when judging `chains` (`x5c`): the roots, with fresh lists.

        An authority that the authority's public face does not know has no list, and so is not
        believed.
        """
        found = {thumbprint(root): root for root in self.roots}
        for chain in chains:
            for certificate in read_chain(list(chain or ()))[1:]:
                found[thumbprint(certificate)] = certificate
        lists = {name: token for name in found if (token := self._status_list(name))}
        return authority.gather_trust(self.roots, list(found.values()), lists, now=clock.now())

    def _status_list(self, name: str) -> str | None:
        try:
            return self.https.get(f"{self.authority_url}/status/{name}").decode("ascii")
        except AnsweredError:
            return None

    def _ask_authority(self, path: str, body: bytes, kind: str = "application/json") -> bytes:
        return self.https.post(f"{self.authority_url}/{path}", body, kind)

    def _own(self, x5c: Iterable[str], key: ec.EllipticCurvePrivateKey) -> Signer:
        chain = read_chain(list(x5c))
        trust = self.trust_in(x5c)
        verify_chain(chain, role=Role.CARDHOLDER, use=Use.SIGN, trust=trust, now=clock.now())
        require(agree=public_key(chain[0]) == key.public_key(), what="key")
        return Signer(key, chain)

    def _answered(self, payment: Payment, content: bytes) -> Payment:
        text = content.decode("ascii", errors="replace")
        receipt = peek(PaymentResponse, text).receipt
        trust = self.trust_in(*(_chain_of(token) for token in (text, receipt) if token))
        answer = purchase.verify_answer(text, purchase=payment.signed, trust=trust, now=clock.now())
        known = replace(payment, state=answer.response.message.status, answer=answer)
        self.payments[known.xid] = known
        return known


def _chain_of(token: str) -> Iterable[str] | None:
    found: Iterable[str] | None = jws.parse(token, max_bytes=MOST_BYTES).header.get("x5c")
    return found
