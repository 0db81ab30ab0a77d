"""The real front for merchants: a certificate is judged in TLS, and again with each message."""

import json
import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from pytest_django import Settings

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.commands.order_certificate import holder_of
from niaga.gateway.authority.commands.revoke_certificate import revoke_certificates
from niaga.gateway.keys import gateway_cabinet, keyring
from niaga.gateway.models import Authorization
from niaga.ledger.models import Hold
from niaga.plumbing.key_files import chain_pem, key_pem
from niaga.protocol.authority import new_key
from niaga.protocol.formats.x509 import Use, thumbprint
from tests.gateway.processes import SETTLED_WITHIN_S, RemoteTown, running_bank
from tests.gateway.test_issuer_line import renew_tls
from tests.gateway.town import SHOP, Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_who_is_on_the_line_is_who_speaks(tmp_path: Path, settings: Settings):
    with running_bank(tmp_path, settings) as town:
        order = town.order(town.enrol())
        another_ones_message_is_not_carried(town, order)
        town.ask_until_decided(order.auth_req)
        assert Hold.objects.count() == 1
        renewed_files_are_shown_at_once(town)
        the_withdrawn_are_not_let_in(town)


def another_ones_message_is_not_carried(town: RemoteTown, order: Order) -> None:
    rogue = certificate_of(town, "rogue", "https://rogue.example")
    answer = town.front("payments", "/authorize", order.auth_req, certificate=rogue)
    assert answer.status_code == 403
    assert json.loads(answer.content)["code"] == "another_caller"
    assert not Authorization.objects.exists()


def renewed_files_are_shown_at_once(town: RemoteTown) -> None:
    before = shown_by_the_gateway(town)
    renew_tls(gateway_cabinet())
    after = shown_by_the_gateway(town)
    assert before != after
    assert after == gateway_cabinet().current(Use.TRANSPORT).thumbprint


def the_withdrawn_are_not_let_in(town: RemoteTown) -> None:
    lost = certificate_of(town, "lost", SHOP)
    assert town.front("payments", "/certificates", certificate=lost).status_code == 200
    found = x509.load_pem_x509_certificate(lost.read_bytes())
    assert revoke_certificates(thumbprint=thumbprint(found)) == 1
    wait_until_turned_away(town, lost)
    assert town.front("payments", "/certificates").status_code == 200


def wait_until_turned_away(town: RemoteTown, certificate: Path) -> None:
    """The front reads a withdrawal when it next asks for the status lists."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        try:
            town.front("payments", "/certificates", certificate=certificate)
        except (ssl.SSLError, ConnectionError):
            return
        assert time.monotonic() < deadline, "a withdrawn certificate is still let in"
        time.sleep(0.2)


def certificate_of(town: RemoteTown, name: str, address: str) -> Path:
    """Key and chain of a merchant for TLS, as the authority issues them."""
    key = new_key()
    chain = issue_certificate(
        authority=keyring().authority("merchant"),
        key=key.public_key(),
        holder=holder_of(address, name, Use.TRANSPORT),
        use=Use.TRANSPORT,
    )
    path = town.data / f"{name}.pem"
    path.write_bytes(key_pem(key) + chain_pem(chain))
    return path


def shown_by_the_gateway(town: RemoteTown) -> str:
    """The thumbprint of the certificate that a new connection is shown."""
    context = town.context("payments", certificate=town.certificate)
    with (
        socket.create_connection(("localhost", town.ports["payments"]), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as line,
    ):
        der = line.getpeercert(binary_form=True)
    assert der
    return thumbprint(x509.load_der_x509_certificate(der))
