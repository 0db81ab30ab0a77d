"""Worlds for the gateway's tests, built through its own commands."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import UUID

from niaga.gateway.authorize import authorize
from niaga.gateway.commands.admit_authorization import Asked
from niaga.gateway.commands.compare_books import compare_books
from niaga.gateway.commands.perform_operation import perform_operation
from niaga.gateway.commands.register_instrument import register_instrument
from niaga.gateway.commands.welcome_merchant import welcome_merchant
from niaga.gateway.facts import AuthorizationFacts
from niaga.gateway.issuer.iso8583 import Message, decode, encode
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError
from niaga.gateway.issuer_simulator.bank import Bank
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY
from niaga.gateway.models import Authorization, Instrument
from niaga.gateway.references import reference
from niaga.gateway.rounds import make_round
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.plumbing.audit import run_all
from niaga.protocol.formats import base64url
from niaga.protocol.messages import operations as messages
from niaga.protocol.messages.enrolment import CardData, Passkey
from niaga.protocol.messages.parts import Amount

SHOP, BANK = "https://shop.example", "https://gateway.example"
GOOD, REFUSING, POOR = CARDS[0].pan, CARDS[1].pan, CARDS[2].pan
SILENT, DEAF, LATE, TOO_LATE, FORGETFUL = (card.pan for card in CARDS[6:11])


@dataclass
class LocalLine:
    """The simulator's own code behind the line's seam: real messages, no network.

    Set `cut` to let nothing through, `loses_answers` to let the issuer act unheard.
    """

    bank: Bank
    cut: bool = False
    loses_answers: bool = False
    sent: list[Message] = field(default_factory=list)

    def ask(self, message: Message, *, timeout_s: float) -> Message:
        if self.cut:
            raise IssuerUnreachableError("cut")
        self.sent.append(message)
        reply = self.bank.answer(decode(encode(message)[2:]))
        if self.loses_answers or reply.after_s is None or reply.after_s > timeout_s:
            raise IssuerSilentError("silence")
        return decode(encode(reply.message)[2:])


def seal(facts: AuthorizationFacts) -> str:
    """Stands for the signature, which has tests of its own."""
    return json.dumps(asdict(facts) | {"nonce": secrets.token_hex(4)}, default=str)


def seal_outcome(outcome: object) -> str:
    return json.dumps(asdict(outcome) | {"nonce": secrets.token_hex(4)}, default=str)  # type: ignore[call-overload]


def random_hash() -> str:
    return base64url.encode(secrets.token_bytes(32))


def new_xid() -> str:
    return base64url.encode(secrets.token_bytes(20))


def make_merchant(address: str = SHOP) -> UUID:
    return welcome_merchant(address=address, name="Toko Anyaman")


def make_instrument(bank: Bank, pan: str = GOOD, holder: str = "buyer-1") -> UUID:
    account = bank.find_account(CardData(pan=pan, expiry=EXPIRY, holder="Dewi Lestari", cvc=CVC))
    assert account is not None
    passkey = Passkey(id="cGFzc2tleQ", x=random_hash(), y=random_hash())
    return register_instrument(
        instrument_id=new_id(), holder=holder, account=account, passkey=passkey
    )


def make_asked(
    merchant_id: UUID, instrument_id: UUID, rupiah: int = 100_000, **changes: object
) -> Asked:
    values = {
        "merchant_id": merchant_id,
        "xid": new_xid(),
        "request_hash": random_hash(),
        "ds_hash": random_hash(),
        "buyer_x5t": random_hash(),
        "merchant_x5t": random_hash(),
        "checkout_hash": random_hash(),
        "instrument_id": instrument_id,
        "amount": Money.of(rupiah),
    }
    return Asked(**{**values, **changes})  # type: ignore[arg-type]


@dataclass
class Shop:
    """A merchant that speaks with the gateway's commands directly."""

    bank: Bank
    line: LocalLine
    merchant_id: UUID
    instrument_id: UUID
    seq: int = 0

    @classmethod
    def open(cls, bank: Bank, pan: str = GOOD) -> "Shop":
        return cls(bank, LocalLine(bank), make_merchant(), make_instrument(bank, pan))

    def ask(self, rupiah: int = 100_000, **changes: object) -> Asked:
        return make_asked(self.merchant_id, self.instrument_id, rupiah, **changes)

    def authorize(self, rupiah: int = 100_000, **changes: object) -> AuthorizationFacts:
        return authorize(self.ask(rupiah, **changes), line=self.line, seal=seal)

    def order(self, kind: type, xid: str, **fields: object) -> messages.Operation:
        self.seq += 1
        seconds = int(clock.now().timestamp())
        values = {
            "iss": SHOP,
            "aud": BANK,
            "jti": base64url.encode(secrets.token_bytes(16)),
            "xid": xid,
            "seq": self.seq,
            "iat": seconds,
            "deadline": seconds + 60,
        }
        if rupiah := fields.pop("rupiah", None):
            fields["amount"] = Amount(currency="IDR", minor=Money.of(rupiah).minor)  # type: ignore[arg-type]
        return kind(**{**values, **fields})  # type: ignore[no-any-return]

    def perform(self, order: messages.Operation, request_hash: str = "") -> dict[str, object]:
        text = perform_operation(
            merchant_id=self.merchant_id,
            order=order,
            request_hash=request_hash or random_hash(),
            seal=seal_outcome,
        )
        return json.loads(text)  # type: ignore[no-any-return]

    def capture(self, facts: AuthorizationFacts, rupiah: int) -> dict[str, object]:
        auth_id = reference(facts.authorization_id)
        return self.perform(self.order(messages.Capture, facts.xid, auth_id=auth_id, rupiah=rupiah))

    def reverse(self, xid: str, rupiah: int | None = None) -> dict[str, object]:
        return self.perform(self.order(messages.Reversal, xid, rupiah=rupiah))

    def undo_capture(
        self, facts: AuthorizationFacts, made: object, rupiah: int
    ) -> dict[str, object]:
        named = reference(UUID(str(made)))
        order = self.order(messages.CaptureReversal, facts.xid, capture_id=named, rupiah=rupiah)
        return self.perform(order)

    def credit(self, facts: AuthorizationFacts, made: object, rupiah: int) -> dict[str, object]:
        named = reference(UUID(str(made)))
        return self.perform(self.order(messages.Credit, facts.xid, capture_id=named, rupiah=rupiah))

    def undo_credit(
        self, facts: AuthorizationFacts, made: object, rupiah: int
    ) -> dict[str, object]:
        named = reference(UUID(str(made)))
        return self.perform(
            self.order(messages.CreditReversal, facts.xid, credit_id=named, rupiah=rupiah)
        )

    def batch(self, *entries: messages.Entry, jti: str = "") -> dict[str, object]:
        seconds = int(clock.now().timestamp())
        order = messages.Batch(
            iss=SHOP,
            aud=BANK,
            jti=jti or base64url.encode(secrets.token_bytes(16)),
            since=1,
            until=seconds + 1,
            currency="IDR",
            entries=entries,
            iat=seconds,
            deadline=seconds + 60,
        )
        text = compare_books(
            merchant_id=self.merchant_id, order=order, request_hash=random_hash(), seal=seal_outcome
        )
        return json.loads(text)  # type: ignore[no-any-return]

    def round(self, after: timedelta = timedelta()) -> int:
        with clock.at(clock.now() + after):
            return make_round(line=self.line, seal=seal)


def row_of(facts: AuthorizationFacts) -> Authorization:
    return Authorization.objects.get(pk=facts.authorization_id)


def assert_books_agree(bank: Bank) -> None:
    """Rows and ledger agree; and once the issuer knows everything, so do its accounts."""
    found = run_all()
    assert not found, "\n".join(map(str, found))
    for instrument in Instrument.objects.all():
        mine = Authorization.objects.filter(instrument=instrument)
        held = sum(
            a.amount_minor - a.captured_minor - a.released_minor
            for a in mine.filter(state="approved")
        )
        paid = sum(a.captured_minor - a.credited_minor for a in mine)
        position = bank.position(instrument.account)
        assert position.held_minor == held
        assert position.opening_minor - position.balance_minor == paid
