"""`niaga authority`: what an operator issues, renews and withdraws at the terminal."""

from contextlib import nullcontext

import pytest
from cryptography import x509
from typer.testing import CliRunner

from niaga.gateway.authority import trust as authority_trust
from niaga.gateway.authority.models import Certificate
from niaga.gateway.keys import trust
from niaga.kernel import clock
from niaga.project.cli import authority
from niaga.protocol.errors import CertificateRevokedError
from niaga.protocol.formats.x509 import Role, Use, thumbprint, verify_chain

HOLDER = ("https://till.example", "Kasir Contoh")


@pytest.fixture
def say(town, monkeypatch):
    """Give a command; the bank is prepared by the town already."""
    monkeypatch.setattr(authority, "bank_ready", nullcontext)

    def said(*words):
        return CliRunner().invoke(authority.group, [str(word) for word in words])

    return said


def chain_in(file):
    return tuple(x509.load_pem_x509_certificates(file.read_bytes()))


def who(file, use=Use.TRANSPORT):
    return verify_chain(chain_in(file), role=Role.MERCHANT, use=use, trust=trust(), now=clock.now())


@pytest.mark.parametrize("use", ["sign", "transport"])
def test_a_renewed_certificate_is_the_same_party_s_with_another_key(say, tmp_path, use):
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    assert say("issue", "merchant", use, *HOLDER, old).exit_code == 0
    answer = say("renew", old, new)
    assert answer.exit_code == 0, answer.output
    before, after = who(old, Use(use)), who(new, Use(use))
    assert (after.subject, after.name) == (before.subject, before.name) == HOLDER
    assert after.public_key.public_numbers() != before.public_key.public_numbers()
    assert new.stat().st_mode & 0o777 == 0o600


def test_the_former_one_can_be_withdrawn_alone(say, tmp_path):
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    say("issue", "merchant", "transport", *HOLDER, old)
    say("renew", old, new)
    assert say("revoke", thumbprint(chain_in(old)[0])).exit_code == 0
    with pytest.raises(CertificateRevokedError):
        who(old)
    assert who(new).subject == HOLDER[0]


def test_what_does_not_hold_is_not_renewed(say, town, tmp_path):
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    say("issue", "merchant", "transport", *HOLDER, old)
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes((tmp_path / "authority/payment-root.pem").read_bytes())
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate")
    say("revoke", thumbprint(chain_in(old)[0]))
    count = Certificate.objects.count()
    for file in (old, foreign, nonsense, tmp_path / "absent.pem"):
        assert say("renew", file, new).exit_code != 0, file.name
        assert not new.exists(), file.name
    assert Certificate.objects.count() == count


def test_an_ended_certificate_is_not_renewed(say, tmp_path):
    old, new = tmp_path / "old.pem", tmp_path / "new.pem"
    say("issue", "merchant", "transport", *HOLDER, old)
    with clock.at(clock.now().replace(year=clock.now().year + 1)):
        authority_trust.forget()
        assert say("renew", old, new).exit_code != 0
    assert not new.exists()


def test_nothing_is_written_over(say, tmp_path):
    old = tmp_path / "old.pem"
    say("issue", "merchant", "sign", *HOLDER, old)
    before = old.read_bytes()
    assert say("renew", old, old).exit_code != 0
    assert old.read_bytes() == before
