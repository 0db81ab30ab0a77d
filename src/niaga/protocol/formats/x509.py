"""Certificates (RFC 5280): one chain form, a role on the leaf and on its authority, revocation.

Root -> Brand -> role authority -> leaf, P-256 throughout. A role is a private extended-key-usage
OID; a leaf holds exactly one, so does the authority above it, and they must be the same. Every
certificate below the root carries its index in its issuer's status list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from niaga.protocol.errors import (
    CertificateError,
    CertificateExpiredError,
    CertificateRevokedError,
    CertificateRoleError,
    EncodingError,
    StatusUnknownError,
)
from niaga.protocol.formats import base64url
from niaga.protocol.formats.status_list import StatusList

# A UUID-based arc (ITU-T X.667): unique without a registration.
ARC = "2.25.119264127983311374106548183214376182953"
STATUS_INDEX = x509.ObjectIdentifier(f"{ARC}.10")
MAX_CERTIFICATE_BYTES = 2048
CHAIN_LENGTH = 3
# A BIT STRING begins with the number of bits its last byte leaves unused. Parsers let a signature
# leave some, which would give one certificate several spellings.
WHOLE_BYTES = b"\x00"
_INTEGER_TAG = 0x02
_MAX_INDEX_BYTES = 4


class Role(Enum):
    """What a party may do in a payment; the value is the OID that says so."""

    CARDHOLDER = x509.ObjectIdentifier(f"{ARC}.1")
    MERCHANT = x509.ObjectIdentifier(f"{ARC}.2")
    GATEWAY = x509.ObjectIdentifier(f"{ARC}.3")


class Use(Enum):
    """What a leaf's key does: it signs messages, opens seals, or speaks TLS."""

    SIGN = "sign"
    ENCRYPT = "encrypt"
    TRANSPORT = "transport"


LONGEST_LIFE = {
    Role.CARDHOLDER: timedelta(days=30),
    Role.MERCHANT: timedelta(days=90),
    Role.GATEWAY: timedelta(days=90),
}
TLS_USAGES = (ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH)
_ROLES = {role.value for role in Role}
_LEAF_EXTENSIONS = {
    x509.BasicConstraints.oid,
    x509.KeyUsage.oid,
    x509.ExtendedKeyUsage.oid,
    x509.SubjectKeyIdentifier.oid,
    x509.AuthorityKeyIdentifier.oid,
    x509.SubjectAlternativeName.oid,
    STATUS_INDEX,
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom one believes.

    Attributes:
        roots: root certificates, obtained out of band.
        statuses: fresh status lists by the thumbprint of the authority they speak for.
    """

    roots: tuple[x509.Certificate, ...]
    statuses: Mapping[str, StatusList] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified chain speaks for.

    Attributes:
        role: what the owner may do.
        subject: a merchant's or gateway's address (URI), a cardholder's pseudonym.
        name: a merchant's or gateway's trading name; empty for a cardholder.
        brand: the name of the brand under which the certificate was issued.
        certificate: the leaf.
        chain: the leaf and the two authorities above it.
    """

    role: Role
    subject: str
    name: str
    brand: str
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def thumbprint(self) -> str:
        """SHA-256 of the leaf (`x5t#S256`)."""
        return thumbprint(self.certificate)

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The leaf's key."""
        return public_key(self.certificate)


@lru_cache(maxsize=4096)
def thumbprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 over the DER form, base64url."""
    return base64url.encode(certificate.fingerprint(hashes.SHA256()))


@lru_cache(maxsize=4096)
def public_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Return the certificate's P-256 key; another kind is a CertificateError."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError("a key that can't be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CertificateError("not a P-256 key")
    return key


def write_chain(chain: Sequence[x509.Certificate]) -> list[str]:
    """Return `chain` as an `x5c` value (RFC 7515, section 4.1.6)."""
    return list(_write_chain(tuple(chain)))


@lru_cache(maxsize=4096)
def _write_chain(chain: tuple[x509.Certificate, ...]) -> tuple[str, ...]:
    der = (certificate.public_bytes(serialization.Encoding.DER) for certificate in chain)
    return tuple(map(base64url.encode_standard, der))


def read_chain(x5c: object) -> tuple[x509.Certificate, ...]:
    """Return the three certificates of an `x5c` value: leaf, role authority, brand.

    Raises:
        EncodingError: another number, not canonical base64, or not certificates.
    """
    if not isinstance(x5c, list) or len(x5c) != CHAIN_LENGTH:
        raise EncodingError("not a chain of three")
    try:
        return _read_chain(tuple(x5c))
    except TypeError as error:  # what can't be remembered is no text
        raise EncodingError("not a chain of certificates") from error


@lru_cache(maxsize=4096)
def _read_chain(x5c: tuple[str, ...]) -> tuple[x509.Certificate, ...]:
    if not all(isinstance(text, str) and len(text) <= 2 * MAX_CERTIFICATE_BYTES for text in x5c):
        raise EncodingError("not a chain of certificates")
    return tuple(read_certificate(base64url.decode_standard(text)) for text in x5c)


@lru_cache(maxsize=4096)
def read_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate; what is none, or has broken extensions, is an EncodingError."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        known = list(certificate.extensions)
        subject, issuer = certificate.subject, certificate.issuer
        certificate.signature_algorithm_oid.dotted_string  # noqa: B018 - parsed when asked for
    except Exception as error:
        # The parser answers broken certificates with several unrelated exceptions.
        raise EncodingError("not a certificate") from error
    if not (known and len(subject) and len(issuer)) or certificate.serial_number <= 0:
        raise EncodingError("a certificate without names, extensions or a positive number")
    if not der.endswith(WHOLE_BYTES + certificate.signature):
        raise EncodingError("a signature that ends within a byte")
    return certificate


def verify_chain(
    chain: Sequence[x509.Certificate], *, role: Role, use: Use, trust: Trust, now: datetime
) -> Identity:
    """Return whom `chain` speaks for.

    Raises:
        CertificateError: no path to a trusted root, or a certificate outside the profile.
        CertificateExpiredError: a certificate is not valid at `now`.
        CertificateRoleError: the leaf or its authority was made for another role or use.
        CertificateRevokedError: a certificate of the path is withdrawn.
        StatusUnknownError: an authority of the path has no fresh status list in `trust`.
    """
    path = _path(tuple(chain), trust.roots)
    begins, ends = _validity(path)
    if not begins <= now <= ends:
        raise CertificateExpiredError("a certificate is outside its validity")
    identity = _identity(path, role, use)
    _check_statuses(path, trust, now)
    return identity


@lru_cache(maxsize=4096)
def _validity(path: tuple[x509.Certificate, ...]) -> tuple[datetime, datetime]:
    """Return when all certificates of a path are valid."""
    begins = max(certificate.not_valid_before_utc for certificate in path)
    return begins, min(certificate.not_valid_after_utc for certificate in path)


@lru_cache(maxsize=4096)
def _identity(path: tuple[x509.Certificate, ...], role: Role, use: Use) -> Identity:
    """Return whom a path speaks for in this role and use, which no time changes."""
    leaf, authority, brand, _ = path
    _check_role(leaf, authority, role, use)
    return Identity(
        role=role,
        subject=_subject(leaf, role),
        name=_name(leaf, NameOID.ORGANIZATION_NAME),
        brand=_name(brand, NameOID.COMMON_NAME),
        certificate=leaf,
        chain=tuple(path[:CHAIN_LENGTH]),
    )


@lru_cache(maxsize=4096)
def _path(
    chain: tuple[x509.Certificate, ...], roots: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...]:
    """Return `chain` and its root: that signatures and profiles hold does not change with time."""
    if len(chain) != CHAIN_LENGTH:
        raise CertificateError("not a chain of three")
    common = max(certificate.not_valid_before_utc for certificate in chain)
    # The library checks signatures, names and nesting; the closed profile is checked below.
    anything = verification.ExtensionPolicy.permit_all()
    critical = verification.Criticality.CRITICAL
    authorities = anything.require_present(x509.BasicConstraints, critical, None).require_present(
        x509.KeyUsage, critical, None
    )
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(common)
        .max_chain_depth(CHAIN_LENGTH)
        .extension_policies(ca_policy=authorities, ee_policy=anything)
        .build_client_verifier()
    )
    try:
        path = tuple(verifier.verify(chain[0], list(chain[1:])).chain)
    except verification.VerificationError as error:
        raise CertificateError("no path to a trusted root") from error
    if path[:-1] != chain:
        raise CertificateError("another path than the one shown")
    for depth, certificate in enumerate(path):
        _check_profile(certificate, depth)
    return path


def _check_profile(certificate: x509.Certificate, depth: int) -> None:
    public_key(certificate)
    if certificate.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        raise CertificateError("not signed by ECDSA with SHA-256")
    if {extension.oid for extension in certificate.extensions} - _LEAF_EXTENSIONS:
        raise CertificateError("an extension that has no place here")
    constraints = _extension(certificate, x509.BasicConstraints)
    expected = (bool(depth), depth - 1 if depth else None)
    if (constraints.ca, constraints.path_length) != expected:
        raise CertificateError("basic constraints that do not fit its place")
    usage = _extension(certificate, x509.KeyUsage)
    if usage.key_cert_sign is not bool(depth):
        raise CertificateError("a key usage that does not fit its place")


def _check_role(leaf: x509.Certificate, authority: x509.Certificate, role: Role, use: Use) -> None:
    if _roles(authority) != {role.value}:
        raise CertificateRoleError("the authority is for another role")
    expected = {role.value} | (set(TLS_USAGES) if use is Use.TRANSPORT else set())
    if set(_extension(leaf, x509.ExtendedKeyUsage)) != expected:
        raise CertificateRoleError("the certificate is for another role or use")
    usage = _extension(leaf, x509.KeyUsage)
    if (usage.digital_signature, usage.key_agreement) != (
        use is not Use.ENCRYPT,
        use is Use.ENCRYPT,
    ):
        raise CertificateRoleError("the key is for another use")
    if leaf.not_valid_after_utc - leaf.not_valid_before_utc > LONGEST_LIFE[role]:
        raise CertificateError("the certificate lives too long")


def _roles(authority: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(_extension(authority, x509.ExtendedKeyUsage)) & _ROLES


def _check_statuses(path: Sequence[x509.Certificate], trust: Trust, now: datetime) -> None:
    seconds = now.timestamp()
    for certificate, issuer in pairwise(path):
        status = trust.statuses.get(thumbprint(issuer))
        if status is None or status.expires_s <= seconds:
            raise StatusUnknownError("an authority without a fresh status list")
        if status.is_revoked(status_index(certificate)):
            raise CertificateRevokedError("a certificate is withdrawn")


@lru_cache(maxsize=4096)
def status_index(certificate: x509.Certificate) -> int:
    """Return the certificate's index in its issuer's status list.

    Raises:
        CertificateError: it carries none.
    """
    try:
        extension = certificate.extensions.get_extension_for_oid(STATUS_INDEX)
    except x509.ExtensionNotFound as error:
        raise CertificateError("a certificate without a status index") from error
    assert isinstance(extension.value, x509.UnrecognizedExtension)
    content = extension.value.value
    if not 1 <= len(content) - 2 <= _MAX_INDEX_BYTES or content[:1] != bytes([_INTEGER_TAG]):
        raise CertificateError("a status index that is no small number")
    index = int.from_bytes(content[2:])
    if write_status_index(index).value != content:
        raise CertificateError("a status index in another spelling")
    return index


def write_status_index(index: int) -> x509.UnrecognizedExtension:
    """Return the extension (an ASN.1 INTEGER) that carries `index`."""
    content = index.to_bytes(index.bit_length() // 8 + 1)
    return x509.UnrecognizedExtension(STATUS_INDEX, bytes([_INTEGER_TAG, len(content)]) + content)


def _extension[T: x509.ExtensionType](certificate: x509.Certificate, kind: type[T]) -> T:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound as error:
        raise CertificateError(f"a certificate without {kind.__name__}") from error


def _subject(leaf: x509.Certificate, role: Role) -> str:
    if role is Role.CARDHOLDER:
        return _name(leaf, NameOID.COMMON_NAME)
    names = _extension(leaf, x509.SubjectAlternativeName)
    addresses = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(addresses) != 1:
        raise CertificateError("a certificate without one address")
    return addresses[0]


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
