"""The keys documents are signed with: an authority of the market's own, and what it certified.

One file each (mode 0600): key, certificate, and the authority's certificate. A renewed certificate
brings a new key; the former ones stay, so that a lost document can be signed again, the same to the
byte.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings

from niaga.kernel import clock
from niaga.plumbing.key_files import write_private

AUTHORITY_LIFE = timedelta(days=20 * 365)
LEAF_LIFE = timedelta(days=3 * 365)
RENEW_BEFORE = timedelta(days=30)
SKEW = timedelta(hours=1)
BITS = 3072
_MARKET = "market"


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """A key, the certificate of who signs with it, and the authority's certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, in hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()


class KeyLostError(Exception):
    """The key that signed a document is not in the folder of document keys any more."""


def market_key() -> DocumentKey:
    """Return the market's current key; made or renewed if need be."""
    return _current(_MARKET, settings.MARKET_NAME)


def seller_key(seller_id: UUID, name: str) -> DocumentKey:
    """Return a seller's current key, certified under `name`; made or renewed if need be."""
    return _current(str(seller_id), name)


def named_key(fingerprint: str) -> DocumentKey:
    """Return the key whose certificate has this fingerprint.

    Raises:
        KeyLostError: it is not there.
    """
    for path in sorted(_folder().glob(f"*/{fingerprint}.pem")):
        return _read(path)
    raise KeyLostError(fingerprint)


def authority_certificate() -> x509.Certificate:
    """Return the authority's certificate, which others trust; made if need be."""
    return market_key().authority


def _folder() -> Path:
    return Path(settings.DOCUMENT_KEYS)


def _current(owner: str, name: str) -> DocumentKey:
    found = _newest(owner)
    if found is None:
        with _alone():
            found = _newest(owner) or _certify(owner, name)
    return found


def _newest(owner: str) -> DocumentKey | None:
    until = clock.now() + RENEW_BEFORE
    keys = [_read(path) for path in (_folder() / owner).glob("*.pem")]
    live = [key for key in keys if key.certificate.not_valid_after_utc > until]
    return max(live, key=lambda key: key.certificate.not_valid_before_utc, default=None)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make keys."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _certify(owner: str, name: str) -> DocumentKey:
    authority = _authority()
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    now = clock.now()
    certificate = (
        _builder(_subject(name), authority.certificate.subject, key.public_key(), now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    made = DocumentKey(key, certificate, authority.certificate)
    _write(_folder() / owner / f"{made.fingerprint}.pem", made)
    return made


def _authority() -> DocumentKey:
    path = _folder() / "authority.pem"
    if path.exists():
        return _read(path)
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    subject = _subject(f"{settings.MARKET_NAME} document authority")
    certificate = (
        _builder(subject, subject, key.public_key(), clock.now(), AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = DocumentKey(key, certificate, certificate)
    _write(path, made)
    return made


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, settings.MARKET_NAME[:64]),
        x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
    ])  # fmt: skip


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@lru_cache(maxsize=512)
def _read(path: Path) -> DocumentKey:
    pem = path.read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, rsa.RSAPrivateKey), f"{path} holds another kind of key"
    certificate, authority = x509.load_pem_x509_certificates(pem)
    return DocumentKey(key, certificate, authority)


def _write(path: Path, made: DocumentKey) -> None:
    pem = serialization.Encoding.PEM
    key = made.key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = made.certificate.public_bytes(pem) + made.authority.public_bytes(pem)
    write_private(path, key + chain)
