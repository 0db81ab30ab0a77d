"""The demo's certificates: a chain that verifies, kept, and renewed in time."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from niaga.project.authority import ServerCertificate, ensure_certificate, local_names

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NAMES = ["localhost", "127.0.0.1", "::1", "Toko"]


def _verify(files: ServerCertificate, subject: verification.Subject, at: datetime) -> None:
    root = x509.load_pem_x509_certificate(files.authority.read_bytes())
    leaf = x509.load_pem_x509_certificate(files.chain.read_bytes())
    verifier = verification.PolicyBuilder().store(verification.Store([root])).time(at)
    verifier.build_server_verifier(subject).verify(leaf, [])


@pytest.mark.parametrize(
    "subject",
    [
        x509.DNSName("localhost"),
        x509.DNSName("toko"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ],
)
def test_chain_verifies_for_every_name(tmp_path: Path, subject: verification.Subject) -> None:
    files = ensure_certificate(tmp_path, names=NAMES, now=NOW)
    _verify(files, subject, NOW)
    with pytest.raises(verification.VerificationError):
        _verify(files, x509.DNSName("example.com"), NOW)


def test_leaf_lives_ninety_days_at_most(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, names=NAMES, now=NOW)
    leaf = x509.load_pem_x509_certificate(files.chain.read_bytes())
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=90)
    with pytest.raises(verification.VerificationError):
        _verify(files, x509.DNSName("localhost"), NOW + timedelta(days=91))


def test_keys_are_private(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path / "tls", names=NAMES, now=NOW)
    for key in (files.key, files.authority.with_name("authority-key.pem")):
        assert key.stat().st_mode & 0o777 == 0o600
    assert files.key.parent.stat().st_mode & 0o777 == 0o700


def test_certificates_are_kept_until_thirty_days_remain(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, names=NAMES, now=NOW)
    root, leaf = files.authority.read_bytes(), files.chain.read_bytes()
    ensure_certificate(tmp_path, names=NAMES, now=NOW + timedelta(days=59))
    assert (files.authority.read_bytes(), files.chain.read_bytes()) == (root, leaf)
    later = NOW + timedelta(days=61)
    ensure_certificate(tmp_path, names=NAMES, now=later)
    assert files.authority.read_bytes() == root
    assert files.chain.read_bytes() != leaf
    _verify(files, x509.DNSName("localhost"), later)


def test_a_new_name_or_a_new_root_makes_a_new_leaf(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, names=["localhost"], now=NOW)
    ensure_certificate(tmp_path, names=["localhost", "toko"], now=NOW)
    _verify(files, x509.DNSName("toko"), NOW)
    files.authority.unlink()
    ensure_certificate(tmp_path, names=["localhost", "toko"], now=NOW)
    _verify(files, x509.DNSName("localhost"), NOW)


def test_local_names_are_distinct_and_start_with_localhost() -> None:
    names = local_names()
    assert names[:3] == ["localhost", "127.0.0.1", "::1"]
    assert len(set(names)) == len(names)
