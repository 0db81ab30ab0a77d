"""The demo's own certificate authority: a root kept in the data folder, a server leaf from it.

A real deployment brings its own certificate (NIAGA_TLS_CERTIFICATE, NIAGA_TLS_KEY) and leaves this
aside.
"""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from niaga.plumbing.key_files import key_pem, write_private

ROOT_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files for a TLS server.

    Attributes:
        authority: the root certificate (PEM), for clients to trust.
        chain: the leaf certificate (PEM).
        key: the leaf's private key (PKCS #8 PEM, mode 0600).
    """

    authority: Path
    chain: Path
    key: Path


def local_names() -> list[str]:
    """Return the names under which this machine is reached by a demo's browser."""
    names = ["localhost", "127.0.0.1", "::1", socket.gethostname()]
    return [name for name in dict.fromkeys(names) if name]


def ensure_certificate(folder: Path, *, names: Sequence[str], now: datetime) -> ServerCertificate:
    """Return a server certificate for `names`, made or renewed if need be.

    The root is made once. The leaf is made anew when it has less than 30 days to live, when it
    lacks one of `names`, or when the root changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    root_file, root_key_file = folder / "authority.pem", folder / "authority-key.pem"
    files = ServerCertificate(root_file, folder / "server.pem", folder / "server-key.pem")
    if not (root_file.exists() and root_key_file.exists() and _is_current(root_file, now)):
        _make_root(root_file, root_key_file, now)
    root = x509.load_pem_x509_certificate(root_file.read_bytes())
    if not _leaf_is_good(files, root, names, now):
        _make_leaf(files, root, root_key_file, names, now)
    return files


def _is_current(file: Path, now: datetime) -> bool:
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return certificate.not_valid_after_utc - now > RENEW_BEFORE


def _leaf_is_good(
    files: ServerCertificate, root: x509.Certificate, names: Sequence[str], now: datetime
) -> bool:
    if not (files.chain.exists() and files.key.exists() and _is_current(files.chain, now)):
        return False
    leaf = x509.load_pem_x509_certificate(files.chain.read_bytes())
    try:
        leaf.verify_directly_issued_by(root)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a new one is right
        return False
    held = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(_alternative_names(names)) <= set(held)


def _make_root(root_file: Path, root_key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own each: browsers confuse two roots that share one.
    name = x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Niaga demo"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"Niaga demo authority {now:%Y-%m-%d %H:%M:%S}"),
    ])  # fmt: skip
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key(), now, now + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(root_key_file, key_pem(key))
    _write(root_file, certificate.public_bytes(serialization.Encoding.PEM))


def _make_leaf(
    files: ServerCertificate,
    root: x509.Certificate,
    root_key_file: Path,
    names: Sequence[str],
    now: datetime,
) -> None:
    root_key = serialization.load_pem_private_key(root_key_file.read_bytes(), password=None)
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    issuer_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _builder(subject, root.subject, key.public_key(), now, now + LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternative_names(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    write_private(files.key, key_pem(key))
    _write(files.chain, certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before((now - CLOCK_SKEW).astimezone(UTC))
        .not_valid_after((until - CLOCK_SKEW).astimezone(UTC))
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: Sequence[str]) -> list[x509.GeneralName]:
    return [_general_name(name) for name in names]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.lower())


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    draft.replace(path)
