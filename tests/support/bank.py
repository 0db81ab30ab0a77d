"""The bank's side for the market's tests: authority and gateway behind the market's transport.

All that is said and judged is the protocol's own code (`niaga.protocol.gateway`); only the books
lie in memory, and the line can be cut. Wallets are the protocol's own, too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.test import override_settings

from niaga.flows.money.card import transport, trust
from niaga.flows.money.card.enrolment import keep_certificates
from niaga.flows.money.card.transport import Call, UnreachableError
from niaga.gateway.qris import dynamic_code
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.protocol import authority
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import Signer, open_signed, peek, read_plain, type_of, write_plain
from niaga.protocol.errors import OperationError, ProtocolError
from niaga.protocol.formats import base64url
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import Role, Trust, Use, write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway import books, codes, operations
from niaga.protocol.gateway.authorization import Decision, KnownInstrument
from niaga.protocol.gateway.books import Movement, Position
from niaga.protocol.merchant.purchase import new_reference
from niaga.protocol.messages.codes import CodePaid, CodeRequest, ReceiptsRequest
from niaga.protocol.messages.enrolment import (
    CertificateAnswer,
    CertificateOrder,
    GatewayCertificates,
    MerchantRenewal,
)
from niaga.protocol.messages.operations import (
    OPERATION_NAMES,
    Batch,
    Capture,
    CaptureReversal,
    Credit,
    Entry,
    Inquiry,
    Reversal,
)
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    Instrument,
    Offer,
    OfferAnswer,
    PurchaseInit,
)
from niaga.protocol.wallet import purchase as wallet
from tests.support.payment import BRAND, Authenticator, Pki, found_pki

SHOP = "https://localhost:8443"
BANK = "https://gateway.test"
AUTHORITY = "https://authority.test"
WALLET = "https://wallet.test"
PARTY = RelyingParty("wallet.test", WALLET)


@dataclass
class Held:
    """One payment as the gateway keeps it; `position` only where it was approved."""

    ds_hash: str
    answer: str
    state: str
    position: Position | None = None
    captures: dict[str, Movement] = field(default_factory=dict)
    seqs: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Code:
    """A code as the gateway keeps it."""

    asked: CodeRequest
    id: str

    @property
    def content(self) -> str:
        if self.asked.kind == "virtual_account":
            return f"8808{int.from_bytes(base64url.decode(self.id)) % 10**12:012d}"
        amount = Money(self.asked.amount.minor, self.asked.amount.currency)
        return dynamic_code(merchant="Niaga", amount=amount, reference=self.id)


@dataclass
class Line:
    """The line to the bank: `before` and `after` a call may raise, which cuts it there."""

    before: Callable[[str], None] = lambda _path: None
    after: Callable[[str], None] = lambda _path: None


class Bank:
    """Authority and gateway; a transport for the market's calls, all of which are kept."""

    def __init__(self) -> None:
        now = clock.now()
        self.pki: Pki = found_pki(now=now)
        self.signer = self._enrol(Use.SIGN, 3)
        self.opening = self._enrol(Use.ENCRYPT, 4)
        self.line = Line()
        self.decide: Callable[[], Decision] = self.approve
        self.calls: list[Call] = []
        self.answers: list[bytes] = []
        self.held: dict[str, Held] = {}
        self.told: dict[str, str] = {}
        self.booked: dict[str, Entry] = {}
        self.codes: dict[str, Code] = {}
        self.receipts: list[CodePaid] = []
        self.tells_at_once = 100
        self.known: dict[str, KnownInstrument] = {}
        self.orders: dict[str, CertificateOrder] = {}
        self.refuses_orders = False
        self.next_index = 20

    def _enrol(self, use: Use, index: int) -> Signer:
        return self.pki.enrol(
            Role.GATEWAY, use, subject=BANK, name="Bank Contoh", index=index, now=clock.now()
        )

    @property
    def trust(self) -> Trust:
        return self.pki.trust(now=clock.now())

    @staticmethod
    def approve() -> Decision:
        until = int((clock.now() + timedelta(days=7)).timestamp())
        return Decision("approved", auth_id=new_reference(), auth_exp_s=until)

    def __call__(self, call: Call) -> bytes:
        path = urlsplit(call.url).path
        self.calls.append(call)
        self.line.before(path)
        answer = self._answer(call, path)
        self.line.after(path)
        self.answers.append(answer)
        return answer

    def paths(self) -> list[str]:
        """Where the market called, in order, certificates and lists left out."""
        gateway_calls = [call.url for call in self.calls if call.party == "gateway"]
        return [urlsplit(url).path for url in gateway_calls]

    def _answer(self, call: Call, path: str) -> bytes:
        text = (call.body or b"").decode()
        if call.party == "authority":
            return self._certify(path, call.body or b"")
        routes = {
            "/authorize": self._authorize,
            "/operations": self._operate,
            "/inquiry": self._inquire,
            "/batches": self._compare,
            "/codes": self._issue_code,
            "/receipts": self._tell_receipts,
        }
        return routes[path](text).encode()

    # The authority's public face

    def _certify(self, path: str, body: bytes) -> bytes:
        now = clock.now()
        if path.startswith("/orders"):
            return self._order(path, body)
        if path.startswith("/status/"):
            return self.pki.statuses(now=now)[path.removeprefix("/status/")].encode()
        if path == "/gateway":
            told = GatewayCertificates(
                id=BANK,
                sig_x5c=tuple(write_chain(self.signer.chain)),
                enc_x5c=tuple(write_chain(self.opening.chain)),
            )
            return write_plain(told)
        if path == "/nonce":
            return new_reference().encode()
        assert path == "/renewals", path
        opened = open_signed(MerchantRenewal, body.decode(), trust=self.trust, now=now)
        asked = opened.message
        return self._issue(new_reference(), asked.iss, opened.identity.name, asked.use, asked.csr)

    def _order(self, path: str, body: bytes) -> bytes:
        if path == "/orders":
            order_id = new_reference()
            self.orders[order_id] = read_plain(CertificateOrder, body)
            return write_plain(CertificateAnswer(order_id=order_id, status="waiting"))
        order_id = path.removeprefix("/orders/")
        if self.refuses_orders:
            return write_plain(CertificateAnswer(order_id=order_id, status="refused"))
        order = self.orders[order_id]
        return self._issue(order_id, order.address, order.name, order.use, order.csr)

    def _issue(self, order_id: str, address: str, name: str, use: str, csr: str) -> bytes:
        der = base64url.decode(csr)
        key = _key_of(der)
        self.next_index += 1
        chain = authority.issue(
            self.pki.roles[Role.MERCHANT],
            key,
            Holder(address, name),
            use=Use(use),
            index=self.next_index,
            now=clock.now(),
        )
        answer = CertificateAnswer(
            order_id=order_id, status="issued", x5c=tuple(write_chain(chain))
        )
        return write_plain(answer)

    # The gateway

    def _authorize(self, text: str) -> str:
        now = clock.now()
        opened = gateway.authenticate(
            AuthorizationRequest, text, me=BANK, trust=self.trust, now=now
        )
        xid = opened.message.xid
        kept = self.held.get(xid)
        keys = gateway.Keys(BANK, {self.opening.thumbprint: self.opening.key})
        try:
            checked = gateway.check_authorization(opened, keys=keys, trust=self.trust, now=now)
            known = self.known.get(checked.mandate.payment_instrument.id)
            gateway.check_instrument(checked, known)
            assert known is not None
            gateway.check_second_factor(checked, known, required=True, party=PARTY)
        except ProtocolError as error:
            return gateway.answer_failure(opened, error.code, signer=self.signer, now=now)
        if kept and kept.ds_hash and kept.ds_hash != checked.purchase.ds_hash:
            return gateway.answer_failure(opened, "xid_conflict", signer=self.signer, now=now)
        if kept and kept.answer:
            return kept.answer
        decision = Decision("declined", reason="voided") if kept else self.decide()
        answer = gateway.answer_authorization(
            checked.purchase, decision, signer=self.signer, now=now
        )
        if decision.result == "pending":
            return answer
        self.held[xid] = Held(checked.purchase.ds_hash, answer, decision.result)
        if decision.result == "approved":
            asked = opened.message.amount
            self.held[xid].position = Position(
                xid, decision.auth_id or "", asked.currency, asked.minor, 0, 0,
                decision.auth_exp_s or 0, int((now + timedelta(days=180)).timestamp()),
            )  # fmt: skip
        return answer

    def _operate(self, text: str) -> str:
        now = clock.now()
        kind = next(k for k in OPERATION_NAMES if type_of(text) == k.TYPE)
        opened = gateway.authenticate(kind, text, me=BANK, trust=self.trust, now=now)
        asked = opened.message
        if opened.digest in self.told:
            return self.told[opened.digest]
        try:
            gateway.check_deadline(opened, now)
        except ProtocolError as error:
            return gateway.answer_failure(opened, error.code, signer=self.signer, now=now)
        made, reason = None, None
        held = self.held.get(asked.xid)
        try:
            made = self._perform(asked, held)
        except OperationError as error:
            reason = error.reason
        answer = operations.answer_operation(
            opened, result="refused" if reason else "done", made=made, reason=reason,
            books=held.position.books if held and held.position else None,
            signer=self.signer, now=now,
        )  # fmt: skip
        self.told[opened.digest] = answer
        return answer

    def _perform(self, asked: object, held: Held | None) -> str:
        made = new_reference()
        if isinstance(asked, Reversal) and asked.amount is None:
            if held is None or held.position is None:
                self.held.setdefault(asked.xid, Held("", "", "voided"))
                return made
            left = held.position.authorised_minor - held.position.captured_minor
            if left:
                held.position = books.reverse(held.position, asked)
            return made
        if held is None or held.position is None or asked.seq in held.seqs:
            raise OperationError("sequence_conflict" if held else "unknown_reference")
        if isinstance(asked, Capture):
            held.position = books.capture(held.position, asked, now=clock.now())
            held.captures[made] = Movement(made, asked.amount.minor)
        elif isinstance(asked, Credit):
            capture = held.captures[asked.capture_id]
            held.position = books.credit(held.position, asked, capture, now=clock.now())
            credited = capture.credited_minor + asked.amount.minor
            held.captures[capture.id] = replace(capture, credited_minor=credited)
        elif isinstance(asked, Reversal):
            held.position = books.reverse(held.position, asked)
        else:
            assert not isinstance(asked, CaptureReversal)
        held.seqs.add(asked.seq)
        name = OPERATION_NAMES[type(asked)]
        self.booked[made] = Entry(kind=name, id=made, minor=asked.amount.minor)
        return made

    def _inquire(self, text: str) -> str:
        now = clock.now()
        opened = gateway.authenticate(Inquiry, text, me=BANK, trust=self.trust, now=now)
        held = self.held.get(opened.message.xid)
        return operations.answer_inquiry(
            opened,
            state=held.state if held else "unknown",
            answer=(held.answer or None) if held else None,
            books=held.position.books if held and held.position else None,
            signer=self.signer,
            now=now,
        )

    def _issue_code(self, text: str) -> str:
        now = clock.now()
        opened = gateway.authenticate(CodeRequest, text, me=BANK, trust=self.trust, now=now)
        asked = opened.message
        code = self.codes.setdefault(asked.xid, Code(asked, new_reference()))
        return codes.answer_code(
            opened, made=code.id, content=code.content, signer=self.signer, now=now
        )

    def pay_code(self, content: str) -> None:
        """Let somebody pay a code; the market hears of it when it asks."""
        code = next(c for c in self.codes.values() if c.content == content)
        now = clock.now()
        made = new_reference()
        self.receipts.append(
            CodePaid(
                number=len(self.receipts) + 1,
                id=made,
                xid=code.asked.xid,
                amount=code.asked.amount,
                paid=int(now.timestamp()),
            )
        )
        self.booked[made] = Entry(kind="receipt", id=made, minor=code.asked.amount.minor)

    def _tell_receipts(self, text: str) -> str:
        now = clock.now()
        opened = gateway.authenticate(ReceiptsRequest, text, me=BANK, trust=self.trust, now=now)
        rest = self.receipts[opened.message.after :]
        told = rest[: self.tells_at_once]
        return codes.answer_receipts(
            opened,
            told,
            more=len(told) < len(rest),
            until_s=int(now.timestamp()),
            signer=self.signer,
            now=now,
        )

    def _compare(self, text: str) -> str:
        now = clock.now()
        opened = gateway.authenticate(Batch, text, me=BANK, trust=self.trust, now=now)
        agreed, differences = books.compare(opened.message, self.booked.values())
        return operations.answer_batch(opened, agreed, differences, signer=self.signer, now=now)


def _key_of(csr: bytes) -> object:
    return x509.load_der_x509_csr(csr).public_key()


@dataclass
class Buyer:
    """A wallet with one card: its key, its certificate, its passkey."""

    bank: Bank
    signer: Signer
    instrument: Instrument
    authenticator: Authenticator
    seen: list[str] = field(default_factory=list)

    def ask(self) -> PurchaseInit:
        return PurchaseInit(n_c=new_reference(), brand=BRAND)

    def believe(self, asked: PurchaseInit, answer: bytes) -> wallet.VerifiedOffer:
        return wallet.verify_offer(
            read_plain(OfferAnswer, answer),
            asked=asked,
            origin=SHOP,
            trust=self.bank.trust,
            now=clock.now(),
        )

    def sign(self, offer: wallet.VerifiedOffer) -> tuple[wallet.SignedPurchase, bytes]:
        """Return what the wallet keeps, and the request to send."""
        signed = wallet.sign_purchase(offer, self.signer, self.instrument, now=clock.now())
        sca = self.authenticator.sign(signed.ds_hash)
        return signed, write_plain(wallet.seal_purchase(signed, sca=sca))

    def check(self, signed: wallet.SignedPurchase, pres: str) -> wallet.Answer:
        return wallet.verify_answer(pres, purchase=signed, trust=self.bank.trust, now=clock.now())


def make_buyer(bank: Bank) -> Buyer:
    """A buyer who has enrolled a card."""
    bank.next_index += 1
    subject = f"buyer-{bank.next_index}"
    signer = bank.pki.enrol(
        Role.CARDHOLDER, Use.SIGN, subject=subject, index=bank.next_index, now=clock.now()
    )
    authenticator = Authenticator(party=PARTY)
    instrument = Instrument(id=new_reference(), type="card")
    bank.known[instrument.id] = KnownInstrument(instrument, subject, authenticator.passkey)
    return Buyer(bank, signer, instrument, authenticator)


@contextmanager
def card_market(folder: Path) -> Iterator[Bank]:
    """Let the market take cards meanwhile: settings, certificates, and the line to the bank."""
    bank = Bank()
    root = folder / "root.pem"
    root.write_bytes(bank.pki.root.certificate.public_bytes(serialization.Encoding.PEM))
    trust.forget()
    with (
        override_settings(
            SITE_URL=SHOP,
            CARD_GATEWAY_URL=BANK,
            CARD_AUTHORITY_URL=AUTHORITY,
            CARD_WALLET_ORIGIN=WALLET,
            CARD_MERCHANT_NAME="Niaga",
            CARD_ROOT=root,
            CARD_KEYS=folder / "payment-keys",
        ),
        transport.carried_by(bank),
    ):
        keep_certificates()  # orders
        keep_certificates()  # and is answered
        yield bank
    trust.forget()


def cut(*paths: str) -> Callable[[str], None]:
    """Return what cuts the line at calls to `paths` (default: to all)."""

    def raised(called: str) -> None:
        if not paths or called in paths:
            raise UnreachableError(f"{called} is cut")

    return raised


def offer_of(text: bytes) -> Offer:
    """The offer in an answer, unverified."""
    return peek(Offer, read_plain(OfferAnswer, text).offer)
