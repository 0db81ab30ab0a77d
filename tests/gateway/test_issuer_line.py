"""The issuer's line: what its messages look like, who may call, and nonsense of any kind."""

import io
import socket
import ssl
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from niaga.gateway.authority.commands.revoke_certificate import revoke_certificates
from niaga.gateway.issuer.connection import judge_issuer
from niaga.gateway.issuer.iso8583 import (
    ADVICE,
    REFUND,
    FormatError,
    Message,
    decode,
    encode,
    original_elements,
    original_of,
    read_message,
)
from niaga.gateway.issuer.line import (
    Address,
    IssuerSilentError,
    IssuerUnreachableError,
    TlsLine,
)
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, with_check_digit
from niaga.gateway.issuer_simulator.server import Files, IssuerServer
from niaga.gateway.keys import Cabinet, gateway_cabinet, keyring, trust
from niaga.kernel import clock
from niaga.protocol.envelope import require
from niaga.protocol.formats.x509 import Role, Use, thumbprint, verify_chain
from niaga.protocol.messages.enrolment import CardData
from tests.gateway.town import BANK

README = Path(__file__).parents[2] / "src/niaga/gateway/issuer_simulator/README.md"
TEXT = {"min_size": 1, "alphabet": "0123456789abcdef"}


def echo(trace: str = "000001") -> Message:
    return Message(kind="0800", network="301", trace=trace, retrieval="632902000001")


def test_a_message_in_the_open():
    content = encode(
        Message(
            kind=ADVICE,
            processing=REFUND,
            account="0123456789abcdef",
            amount_minor=150_000_00,
            currency="IDR",
            transmitted="1125031500",
            trace="000042",
            retrieval="632903000042",
            original=original_elements(kind="0100", trace="000041", transmitted="1125031459"),
        )
    )
    assert content[:2] == len(content[2:]).to_bytes(2)
    assert content[2:6] == b"0220"
    assert b"000015000000" in content
    assert b"360" in content


@given(
    st.builds(
        Message,
        kind=st.sampled_from(["0100", "0110", "0221", "0400", "0410"]),
        processing=st.sampled_from(["000000", "200000"]),
        account=st.text(**TEXT, max_size=28),
        amount_minor=st.integers(0, 10**12 - 1),
        currency=st.sampled_from(["IDR", "USD"]),
        trace=st.integers(0, 999_999).map("{:06}".format),
        retrieval=st.text("0123456789", min_size=12, max_size=12),
        sealed=st.text(**TEXT, max_size=4096),
    )
)
def test_messages_are_read_as_they_were_written(message):
    assert read_message(io.BytesIO(encode(message)).read) == message


def test_a_reversal_names_its_original():
    original = original_elements(kind="0100", trace="000041", transmitted="1125031459")
    message = Message(kind="0400", original=original)
    assert original_of(decode(encode(message)[2:])) == ("0100", "000041")


@given(st.binary(max_size=300))
@settings(max_examples=300)
def test_nonsense_is_refused_and_nothing_else_happens(content):
    try:
        decode(content)
    except FormatError:
        return


def test_a_stream_that_ends_within_a_message_is_refused():
    whole = encode(echo())
    assert read_message(io.BytesIO(b"").read) is None
    for count in (1, 2, len(whole) - 1):
        with pytest.raises(FormatError):
            read_message(io.BytesIO(whole[:count]).read)


@pytest.fixture
def server(town, tmp_path):
    mine = Cabinet(tmp_path / "issuer", "https://localhost", "Bank Penerbit")
    tls = Cabinet(tmp_path / "issuer-tls", "https://localhost", "Bank Penerbit")
    tls.ensure()
    files = Files(keyring().certificate_file("gateway"), tls.tls_chain, tls.tls_key)
    town.settings.ISSUER_ADDRESS = "https://localhost"
    believed = trust()  # the server's threads see nothing of the test's transaction

    def judged(shown):
        found = verify_chain(
            shown, role=Role.GATEWAY, use=Use.TRANSPORT, trust=believed, now=clock.now()
        )
        require(agree=found.subject == BANK, what="acquirer")

    made = IssuerServer(
        ("127.0.0.1", 0), bank=town.bank, keys=mine.keys(), files=files, judged=judged
    )
    with made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def address(server, **changes):
    mine = gateway_cabinet()
    values = {
        "host": "localhost",
        "port": server.server_address[1],
        "authority": keyring().root_file,
        "chain": mine.tls_chain,
        "key": mine.tls_key,
        "judged": judge_issuer,
    }
    return Address(**{**values, **changes})


def test_a_gateway_is_answered_again_and_again(server):
    with closing(TlsLine(lambda: address(server))) as line:
        for trace in ("000001", "000002"):
            assert line.ask(echo(trace), timeout_s=5).response == "00"


def test_a_line_that_was_cut_is_opened_anew(server):
    with closing(TlsLine(lambda: address(server))) as line:
        line.ask(echo(), timeout_s=5)
        [*line.idle][-1].shutdown(socket.SHUT_RDWR)
        assert line.ask(echo("000002"), timeout_s=5).response == "00"


def test_nobody_there_is_unreachable_and_silence_is_silence(server, town):
    gone = address(server, port=1)
    with pytest.raises(IssuerUnreachableError):
        TlsLine(lambda: gone).ask(echo(), timeout_s=2)
    silent = next(card for card in CARDS if card.behaviour == "silent")
    account = _account(town, silent.pan)
    message = Message(
        kind="0100", account=account, amount_minor=1, currency="IDR", trace="000009",
        retrieval="632902000009", processing="000000", transmitted="1125031500",
    )  # fmt: skip
    with pytest.raises(IssuerSilentError):
        TlsLine(lambda: address(server)).ask(message, timeout_s=1)
    assert town.bank.position(account).held_minor == 1


def _account(town, pan):
    return town.bank.find_account(CardData(pan=pan, expiry="2030-12", holder="x", cvc=CVC))


def test_only_gateways_may_call(server):
    context = ssl.create_default_context(cafile=keyring().root_file)
    with (
        socket.create_connection(server.server_address) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        assert _is_turned_away(line)


def test_another_gateway_is_turned_away(server, tmp_path):
    other = Cabinet(tmp_path / "other", "https://other.example", "Bank Lain")
    other.ensure()
    theirs = address(server, chain=other.tls_chain, key=other.tls_key)
    with closing(TlsLine(lambda: theirs)) as line, pytest.raises(IssuerSilentError):
        line.ask(echo(), timeout_s=5)


def test_whoever_holds_the_issuers_host_name_only_is_told_nothing(server, town):
    # Certified for TLS at that very host, as a market on the same machine is, and no issuer.
    town.settings.ISSUER_ADDRESS = "https://localhost:8583"
    with closing(TlsLine(lambda: address(server))) as line, pytest.raises(IssuerUnreachableError):
        line.ask(echo(), timeout_s=5)


def test_an_issuer_that_is_withdrawn_is_told_nothing_more(server, tmp_path):
    tls = Cabinet(tmp_path / "issuer-tls", "https://localhost", "Bank Penerbit")
    with closing(TlsLine(lambda: address(server))) as line:
        line.ask(echo(), timeout_s=5)
        assert revoke_certificates(thumbprint=tls.current(Use.TRANSPORT).thumbprint) == 1
        with pytest.raises(IssuerUnreachableError):
            line.ask(echo("000002"), timeout_s=5)


def test_a_renewed_certificate_is_shown_from_the_next_connection_on(server, tmp_path):
    tls = Cabinet(tmp_path / "issuer-tls", "https://localhost", "Bank Penerbit")
    seen = []
    for _ in range(2):
        with closing(TlsLine(lambda: address(server))) as line:
            line.ask(echo(), timeout_s=5)
            seen.append(thumbprint([*line.idle][-1].shown[0]))
        renew_tls(tls)
    assert seen[0] != seen[1]


def renew_tls(cabinet):
    """As thirty days before its end: OpenSSL has no clock that could be set."""
    for path in (cabinet.folder / "transport").glob("*.pem"):
        path.unlink()
    cabinet.ensure()


def _is_turned_away(line):
    try:
        line.sendall(encode(echo()))
        return not line.recv(1)
    except (ssl.SSLError, ConnectionError):
        return True


def test_the_cards_are_those_the_manual_tells():
    manual = README.read_text()
    for card in CARDS:
        assert with_check_digit(card.pan[:-1]) == card.pan
        assert f"| {card.pan} | {card.promise} |" in manual
