"""The market speaks with its own gateway only: TLS shows who is there before a byte is sent."""

import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from niaga.flows.money.card.bank import compare_books, sign_comparison
from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.transport import Call, UnreachableError, hang_up, over_https
from niaga.kernel import clock
from niaga.protocol import authority
from niaga.protocol.authority import Holder
from niaga.protocol.errors import CertificateRevokedError
from niaga.protocol.formats.x509 import Role, Use
from tests.support.bank import BANK, SHOP

pytestmark = pytest.mark.django_db

SECRET = b"what only the gateway may read"
OTHERS = {
    "another gateway": (Role.GATEWAY, Use.TRANSPORT, "https://rogue.test"),
    "a merchant of the gateway's name": (Role.MERCHANT, Use.TRANSPORT, BANK),
    "the gateway's key for messages": (Role.GATEWAY, Use.SIGN, BANK),
}


@dataclass
class Server:
    """Answers TLS connections, with the certificate and bytes it is given; keeps what it was sent.

    `shown` are the callers' certificates, one a connection.
    """

    port: int = 0
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    heard: list[bytes] = field(default_factory=list)
    shown: list[bytes | None] = field(default_factory=list)


@contextmanager
def serving(signer, folder, *, connections=1, answer=Server.answer):
    file = folder / "server.pem"
    file.write_bytes(
        signer.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + b"".join(c.public_bytes(serialization.Encoding.PEM) for c in signer.chain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if connections > 1:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(folder / "root.pem")
    made = Server(answer=answer)
    with socket.create_server(("localhost", 0)) as listening:
        made.port = listening.getsockname()[1]
        thread = threading.Thread(target=_answer, args=(listening, context, made, connections))
        thread.start()
        try:
            yield made
        finally:
            hang_up()
            thread.join()


def _answer(listening, context, made, connections):
    threads = [
        threading.Thread(target=_answer_one, args=(listening, context, made))
        for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _answer_one(listening, context, made):
    plain, _ = listening.accept()
    try:
        with context.wrap_socket(plain, server_side=True) as line:
            made.shown.append(line.getpeercert(binary_form=True))
            # Head and body may come one after the other.
            while (more := line.recv(65_536)) and made.heard.append(more) is None:
                if b"".join(made.heard).endswith(SECRET):
                    line.sendall(made.answer)
    except OSError:
        return


def judge_of(bank):
    """What the market does with whoever answers: the judge it hands to its transport."""
    now = clock.now()
    compare_books(sign_comparison((), since=now - timedelta(days=1), until=now, currency="IDR"))
    return next(call.judged for call in reversed(bank.calls) if call.party == "gateway")


def made(bank, role, use, subject):
    return authority.enrol(
        bank.pki.roles[role],
        Holder(subject, "Bank Contoh", (x509.DNSName("localhost"),)),
        use=use,
        index=90,
        now=clock.now(),
    )


def call(judged, port):
    return over_https(Call("gateway", f"https://localhost:{port}/", SECRET, judged=judged))


def test_the_gateway_itself_is_told_and_heard(bank, tmp_path):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    with serving(signer, tmp_path) as server:
        assert call(judge_of(bank), server.port) == b"ok"


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_else_at_its_address_is_sent_a_byte(bank, tmp_path, who):
    signer = made(bank, *OTHERS[who])
    with serving(signer, tmp_path) as server, pytest.raises(UnreachableError):
        call(judge_of(bank), server.port)
    assert server.heard == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\n\r\n",
        b"HTTP/1.1 200 \r\ncontent-length:2 \r\nConnection: close\r\n\r\nok",
    ],
    ids=["in pieces", "with an end"],
)
def test_an_answer_has_several_forms(bank, tmp_path, answer):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    with serving(signer, tmp_path, connections=2, answer=answer) as server:
        judged = judge_of(bank)
        assert [call(judged, server.port) for _ in range(2)] == [b"ok", b"ok"]
        kept = b"close" not in answer
        assert len(server.shown) == (1 if kept else 2)
        if kept:  # the second connection that the server waits for
            socket.create_connection(("localhost", server.port)).close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokay",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken header\r\nContent-Length: 2\r\n\r\nok",
        b"\0" * 20_000,
    ],
)
def test_an_answer_that_is_none_tells_nothing(bank, tmp_path, answer):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    judged = judge_of(bank)
    with serving(signer, tmp_path, connections=2, answer=answer) as server:
        with pytest.raises(UnreachableError):
            call(judged, server.port)
        assert b"".join(server.heard).count(SECRET) == 2  # what broke is sent once more


def test_an_answer_of_no_success_tells_nothing(bank, tmp_path):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"
    with serving(signer, tmp_path, answer=busy) as server, pytest.raises(UnreachableError):
        call(judge_of(bank), server.port)


def test_a_connection_is_kept_until_the_market_shows_a_renewed_certificate(bank, tmp_path):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    cabinet = Cabinet(tmp_path / "payment-keys")
    with serving(signer, tmp_path, connections=2) as server:
        judged = judge_of(bank)
        first = cabinet.current(Use.TRANSPORT)
        assert [call(judged, server.port) for _ in range(2)] == [b"ok", b"ok"]
        assert len(server.shown) == 1
        renewed = made(bank, Role.MERCHANT, Use.TRANSPORT, SHOP)
        cabinet.keep(Use.TRANSPORT, renewed.key, list(map(der, renewed.chain)))
        (cabinet.folder / "transport" / f"{first.thumbprint}.pem").unlink()
        assert call(judged, server.port) == b"ok"
    assert server.shown == [der(first.chain[0]), der(renewed.chain[0])]


def test_who_is_withdrawn_while_the_connection_is_kept_is_told_nothing_more(bank, tmp_path):
    signer = made(bank, Role.GATEWAY, Use.TRANSPORT, BANK)
    withdrawn = []

    def judged(_shown):
        if withdrawn:
            raise CertificateRevokedError("withdrawn")

    with serving(signer, tmp_path, connections=2) as server:
        assert call(judged, server.port) == b"ok"
        heard = list(server.heard)
        withdrawn.append(True)
        with pytest.raises(UnreachableError):
            call(judged, server.port)
        assert server.heard == heard


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)
