"""A small town on this machine: the wallet's real server, and a shop and an authority over HTTPS.

Shop, bank and authority are the protocol's own code with memory instead of a database; each can be
told to misbehave in one way, by replacing what it is about to answer.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from niaga.project.authority import ServerCertificate, ensure_certificate, local_names
from niaga.protocol import authority, passkey
from niaga.protocol.authority import Holder
from niaga.protocol.envelope import Signer, open_signed, read_plain, write_plain
from niaga.protocol.errors import PaymentInstructionError, ProtocolError
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import Role, Trust, Use, write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway.authorization import Decision, KnownInstrument
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages.enrolment import (
    CardData,
    CardholderRenewal,
    CertificateAnswer,
    EnrolmentAnswer,
    EnrolmentChallenge,
    EnrolmentRequest,
    GatewayCertificates,
)
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    Instrument,
    Line,
    PaymentRequest,
    PurchaseInit,
)
from tests.support.market import free_port
from tests.support.payment import ITEM, SHOP_NAME, Pki, approved, found_pki

GOOD_CARD = CardData(pan="4000001234567899", expiry="2031-08", holder="Sari Wulandari", cvc="321")
ORDER = "NG-2611-000042"
_ANSWERED_S = 30


FOUNDED = datetime.now(UTC).replace(microsecond=0)
"""When the authorities of the town begin: before any test runs."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Purchase:
    """One payment at the shop: what is bought, and what came in for it."""

    amount: Amount
    lines: tuple[Line, ...]
    offers: dict[str, merchant.MadeOffer] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Misbehaviour:
    """What to do otherwise than honestly; everything is left alone by default."""

    offer: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer
    pres: Callable[[str], str] = lambda token: token
    decide: Callable[[], Decision] = approved
    signer: Signer | None = None
    terms: Callable[[merchant.Terms], merchant.Terms] = lambda terms: terms
    # So many payment requests are received, acted upon, and their answers lost on the way.
    lost_answers: int = 0
    # So many are lost before they are received.
    lost_requests: int = 0
    refuses: str = ""


class Town:
    """Everyone in it; `misbehave` anew for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tls = ensure_certificate(folder / "tls", names=local_names(), now=now())
        self.pki: Pki = found_pki(now=FOUNDED)
        self.ports = {name: free_port() for name in ("wallet", "shop", "authority")}
        self.party = RelyingParty("localhost", self.origin("wallet"))
        self.bank_id = "https://bank.localhost"
        enrol = self.pki.enrol
        self.shop = enrol(
            Role.MERCHANT, Use.SIGN, subject=self.origin("shop"), name=SHOP_NAME, index=2, now=now()
        )
        bank: dict[str, Any] = {"subject": self.bank_id, "name": "Bank Contoh", "now": now()}
        self.bank = enrol(Role.GATEWAY, Use.SIGN, index=3, **bank)
        self.bank_opening = enrol(Role.GATEWAY, Use.ENCRYPT, index=4, **bank)
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget what happened; honest again."""
        self.misbehave = Misbehaviour()
        self.nonces: set[str] = set()
        self.seen_keys: set[str] = set()
        self.instruments: dict[str, KnownInstrument] = {}
        self.purchases: dict[str, Purchase] = {}
        self.enrolments: list[bytes] = []
        self.renewals = 0
        self.next_index = 10
        self.revoked: dict[str, set[int]] = {}
        self.life: timedelta | None = None
        self.decisions: dict[str, tuple[str, str]] = {}

    def reset_decision(self) -> None:
        """Let the bank approve again."""
        self.misbehave.decide = approved

    def answer_anew(self, name: str, result: str) -> None:
        """Let the bank, asked again, come to a decision on what it left pending."""
        purchase = self.purchases[name]
        decide = {"paid": approved, "declined": lambda: Decision("declined", reason="voided")}
        with self.lock:
            self.misbehave.decide = decide[result]
            for body in purchase.received[-1:]:
                request = read_plain(PaymentRequest, body)
                xid = merchant.xid_of(request)
                purchase.answers[xid] = self._authorise(purchase, xid, request)

    def origin(self, name: str) -> str:
        return f"https://localhost:{self.ports[name]}"

    @property
    def trust(self) -> Trust:
        return self.pki.trust(revoked=self.revoked, now=now())

    @property
    def certificates(self) -> GatewayCertificates:
        return GatewayCertificates(
            id=self.bank_id,
            sig_x5c=tuple(write_chain(self.bank.chain)),
            enc_x5c=tuple(write_chain(self.bank_opening.chain)),
        )

    def open_purchase(self, name: str = "one", *, rupiah: int = 162_500) -> str:
        """Return the address of a payment that waits at the shop."""
        minor = rupiah * 100
        self.purchases[name] = Purchase(Amount(currency="IDR", minor=minor), lines_worth(minor))
        return f"{self.origin('shop')}/pay/{name}/"

    # The authority

    def new_nonce(self) -> str:
        nonce = merchant.new_reference()
        self.nonces.add(nonce)
        return nonce

    def challenge(self) -> bytes:
        nonce = self.new_nonce()
        chain = tuple(write_chain(self.bank_opening.chain))
        told = EnrolmentChallenge(nonce=nonce, exp=int(now().timestamp()) + 300, issuer_x5c=chain)
        return write_plain(told)

    def _certified(self, csr: bytes, nonce: str, subject: str) -> list[str]:
        key = authority.read_csr(csr, nonce=nonce)
        fingerprint = authority.key_fingerprint(key)
        if nonce not in self.nonces or fingerprint in self.seen_keys:
            raise PaymentInstructionError
        self.nonces.discard(nonce)
        self.seen_keys.add(fingerprint)
        self.next_index += 1
        issued = authority.issue(
            self.pki.roles[Role.CARDHOLDER],
            key,
            Holder(subject),
            use=Use.SIGN,
            index=self.next_index,
            now=now(),
            life=self.life,
        )
        return write_chain(issued)

    def enrol(self, body: bytes) -> bytes:
        self.enrolments.append(body)
        asked = read_plain(EnrolmentRequest, body)
        csr = base64url.decode(asked.csr)
        passkey.verify(asked.sca, asked.passkey, challenge=jws.digest(csr), party=self.party)
        keys = gateway.Keys(self.bank_id, {self.bank_opening.thumbprint: self.bank_opening.key})
        card = gateway.open_card(asked.card, csr=csr, keys=keys)
        if card != GOOD_CARD:
            raise ProblemError(403, "card_not_recognised")
        subject = merchant.new_reference()
        chain = self._certified(csr, _nonce_of(csr), subject)
        instrument = Instrument(id=merchant.new_reference(), type="card")
        self.instruments[instrument.id] = KnownInstrument(instrument, subject, asked.passkey)
        answer = EnrolmentAnswer(
            x5c=tuple(chain), instrument=instrument, label=f"•••• {card.pan[-4:]}"
        )
        return write_plain(answer)

    def renew(self, body: bytes) -> bytes:
        opened = open_signed(CardholderRenewal, body.decode(), trust=self.trust, now=now())
        csr = base64url.decode(opened.message.csr)
        chain = self._certified(csr, _nonce_of(csr), opened.identity.subject)
        self.renewals += 1
        return write_plain(
            CertificateAnswer(order_id=merchant.new_reference(), status="issued", x5c=tuple(chain))
        )

    # The shop and its bank

    def make_offer(self, token: str, body: bytes) -> bytes:
        purchase = self.purchases[token]
        asked = read_plain(PurchaseInit, body)
        known = merchant.know_gateway(
            self.certificates, url=f"{self.bank_id}/pay", trust=self.trust, now=now()
        )
        terms = merchant.Terms(
            payee=SHOP_NAME,
            lines=purchase.lines,
            amount=purchase.amount,
            deliver_to="Jl. Melati 5, Tasikmalaya",
            refund_until_s=int((now() + timedelta(days=30)).timestamp()),
            expires_s=int((now() + timedelta(minutes=10)).timestamp()),
        )
        made = merchant.make_offer(
            asked,
            self.misbehave.terms(terms),
            known,
            address=self.origin("shop"),
            signer=self.misbehave.signer or self.shop,
            told=self.certificates,
            now=now(),
        )
        purchase.offers[made.xid] = made
        told = json.loads(write_plain(made.answer))
        return json.dumps(self.misbehave.offer(told)).encode()

    def take_request(self, token: str, body: bytes) -> str:
        purchase = self.purchases[token]
        with self.lock:
            if self.misbehave.lost_requests:
                self.misbehave.lost_requests -= 1
                raise ConnectionAbortedError
            purchase.received.append(body)
            if self.misbehave.refuses:
                raise ProblemError(409, self.misbehave.refuses)
            request = read_plain(PaymentRequest, body)
            xid = merchant.xid_of(request)
            if xid not in purchase.answers:
                purchase.answers[xid] = self._authorise(purchase, xid, request)
            if self.misbehave.lost_answers:
                self.misbehave.lost_answers -= 1
                raise ConnectionAbortedError
            return self.misbehave.pres(purchase.answers[xid])

    def _authorise(self, purchase: Purchase, xid: str, request: PaymentRequest) -> str:
        made = purchase.offers[xid]
        checked = merchant.check_request(
            request,
            offer=made.offer,
            checkout=made.checkout,
            live_amount=purchase.amount,
            trust=self.trust,
            now=now(),
        )
        asked = merchant.request_authorization(checked, signer=self.shop, now=now())
        answered = merchant.check_authorization(
            self._decide(asked),
            request=asked,
            checkout=made.checkout,
            trust=self.trust,
            now=now(),
        )
        result = answered.response.message.result
        return merchant.answer_payment(
            checked.signature,
            order_id=ORDER,
            status="paid" if result == "approved" else result,
            receipt=answered.receipt.text,
            signer=self.shop,
            now=now(),
        )

    def _decide(self, text: str) -> str:
        opened = gateway.authenticate(
            AuthorizationRequest, text, me=self.bank_id, trust=self.trust, now=now()
        )
        keys = gateway.Keys(self.bank_id, {self.bank_opening.thumbprint: self.bank_opening.key})
        checked = gateway.check_authorization(opened, keys=keys, trust=self.trust, now=now())
        known = self.instruments.get(checked.mandate.payment_instrument.id)
        gateway.check_instrument(checked, known)
        assert known
        gateway.check_second_factor(checked, known, required=True, party=self.party)
        decision = self.misbehave.decide()
        return gateway.answer_authorization(checked.purchase, decision, signer=self.bank, now=now())

    def status_of(self, token: str) -> str:
        answers = self.purchases[token].answers
        if not answers:
            raise ProblemError(404, "payment_unknown")
        return self.misbehave.pres(list(answers.values())[-1])


class ProblemError(Exception):
    """Answered as a problem document."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def _nonce_of(csr: bytes) -> str:
    found = x509.load_der_x509_csr(csr)
    oid = x509.oid.AttributeOID.CHALLENGE_PASSWORD
    return found.attributes.get_attribute_for_oid(oid).value.decode()


def lines_worth(minor: int) -> tuple[Line, ...]:
    """Return a basket of two sellers, a delivery and a discount that adds up."""
    weaver, roaster = "Anyaman Ibu Sri", "Kopi Tanah Air"
    rest = minor - 15_000_00 - 5_000_00 + 2_500_00
    return (
        Line(kind="item", name=ITEM, quantity=2, total_minor=rest, seller=weaver),
        Line(kind="delivery", name="JNE", quantity=1, total_minor=15_000_00, seller=weaver),
        Line(kind="item", name="Kopi Gayo", quantity=1, total_minor=5_000_00, seller=roaster),
        Line(kind="discount", name="NIAGA25", quantity=1, total_minor=-2_500_00, seller=roaster),
    )


def _handler(town: Town, route: Callable[[str, str, bytes], tuple[str, bytes]]) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                status, (kind, content) = 200, route(self.command, self.path, body)
            except ProblemError as error:
                status, kind = error.status, "application/problem+json"
                content = json.dumps({"code": error.code}).encode()
            except ProtocolError as error:
                status, kind = 400, "application/problem+json"
                content = json.dumps({"code": error.code}).encode()
            except ConnectionAbortedError:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Access-Control-Allow-Origin", town.origin("wallet"))
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Keep the terminal quiet."""

    return Handler


def _shop_route(town: Town) -> Callable[[str, str, bytes], tuple[str, bytes]]:
    def route(method: str, path: str, body: bytes) -> tuple[str, bytes]:
        if method == "OPTIONS":
            return "text/plain", b""
        _, _, token, last = path.split("/")
        if token not in town.purchases:
            raise ProblemError(404, "payment_unknown")
        if (method, last) == ("POST", "offer"):
            return "application/json", town.make_offer(token, body)
        if (method, last) == ("POST", ""):
            return "application/jose", town.take_request(token, body).encode()
        if (method, last) == ("GET", "status"):
            return "application/jose", town.status_of(token).encode()
        return "text/html", b"<!doctype html><title>Shop</title><h1>Your order</h1>"

    return route


def _authority_route(town: Town) -> Callable[[str, str, bytes], tuple[str, bytes]]:
    def route(method: str, path: str, body: bytes) -> tuple[str, bytes]:
        match method, path.strip("/").split("/"):
            case "OPTIONS", _:
                return "text/plain", b""
            case "POST", ["enrolments", "challenge"]:
                return "application/json", town.challenge()
            case "POST", ["nonce"]:
                return "text/plain", town.new_nonce().encode()
            case "POST", ["enrolments"]:
                return "application/json", town.enrol(body)
            case "POST", ["renewals"]:
                return "application/json", town.renew(body)
            case "GET", ["status", thumbprint]:
                lists = town.pki.statuses(revoked=town.revoked, now=now())
                if thumbprint not in lists:
                    raise ProblemError(404, "unknown")
                return "application/statuslist+jwt", lists[thumbprint].encode()
        raise ProblemError(404, "unknown")

    return route


def _tell_unless_broken(*_: object) -> None:
    """Tell a bug of the town; a line that breaks is no bug."""
    if not isinstance(sys.exception(), OSError):
        traceback.print_exc()


@contextmanager
def _serving(port: int, handler: type, tls: ServerCertificate) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.chain, tls.key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.handle_error = _tell_unless_broken  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _wallet_server(town: Town) -> Iterator[None]:
    roots = town.folder / "payment-roots.pem"
    root = town.pki.root.certificate
    roots.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    argv = [
        sys.executable, "-m", "niaga.project.cli.main", "wallet",
        "--port", str(town.ports["wallet"]), "--authority", town.origin("authority"),
        "--roots", str(roots), "--certificate", str(town.tls.chain), "--key", str(town.tls.key),
    ]  # fmt: skip
    log = (town.folder / "wallet.log").open("wb")
    process = subprocess.Popen(argv, stdout=log, stderr=log, env=dict(os.environ))
    try:
        _await(town.ports["wallet"], process)
        yield
    finally:
        process.terminate()
        process.wait(15)
        log.close()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _ANSWERED_S
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    while time.monotonic() < until and process.poll() is None:
        try:
            with (
                socket.create_connection(("127.0.0.1", port), timeout=1) as line,
                context.wrap_socket(line),
            ):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the wallet's server did not start")


@contextmanager
def running_town(folder: Path) -> Iterator[Town]:
    """Run everyone meanwhile."""
    town = Town(folder)
    with ExitStack() as stack:
        stack.enter_context(_wallet_server(town))
        for name, route in (("shop", _shop_route(town)), ("authority", _authority_route(town))):
            stack.enter_context(_serving(town.ports[name], _handler(town, route), town.tls))
        yield town


def changed(terms: merchant.Terms, **changes: Any) -> merchant.Terms:
    return replace(terms, **changes)
