"""The certificate authority: Root -> Brand -> {Cardholder, Merchant, Gateway} -> leaves.

Issuing is a pure function of an authority's key, a proven public key and a place in its status
list; which indexes are free, which nonces are open and which keys were seen before is the caller's
to remember (`Register` says what it must answer).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AttributeOID, NameOID, SignatureAlgorithmOID

from niaga.protocol.envelope import Signer
from niaga.protocol.errors import CertificateError, EncodingError, MismatchError, StatusUnknownError
from niaga.protocol.formats import base64url, status_list
from niaga.protocol.formats.x509 import (
    LONGEST_LIFE,
    TLS_USAGES,
    WHOLE_BYTES,
    Role,
    Trust,
    Use,
    public_key,
    thumbprint,
    write_status_index,
)

ROOT_LIFE = timedelta(days=3650)
BRAND_LIFE = timedelta(days=1825)
AUTHORITY_LIFE = timedelta(days=730)
CLOCK_SKEW = timedelta(minutes=10)
STATUS_LIFE = {"root": timedelta(days=90), "brand": timedelta(days=30), "role": timedelta(days=1)}
_MAX_CSR_BYTES = 1024


class Register(Protocol):
    """What an authority must remember; its caller keeps it in a database."""

    def next_index(self, authority: str) -> int:
        """Return the lowest index of `authority`'s status list (a thumbprint) not given out yet."""

    def take_nonce(self, nonce: str, now: datetime) -> None:
        """Spend an open nonce; raises when it is unknown, spent or too old."""

    def take_key(self, fingerprint: str) -> None:
        """Remember a public key (`key_fingerprint`); raises when it was certified before."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: its key, its certificate and those above it, the root last.

    A role authority carries its `role`; root and brand carry None.
    """

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]
    role: Role | None = None

    @property
    def certificate(self) -> x509.Certificate:
        """The authority's own certificate."""
        return self.chain[0]

    @property
    def thumbprint(self) -> str:
        """By which its status list is known."""
        return thumbprint(self.certificate)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a leaf is for: a cardholder's pseudonym, or a merchant's or gateway's address and name.

    `hosts` are the DNS names or addresses of a TLS leaf.
    """

    subject: str
    name: str = ""
    hosts: tuple[x509.GeneralName, ...] = ()


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def found_root(name: str, *, now: datetime) -> Authority:
    """Return a new root that signs itself."""
    key = new_key()
    subject = _names(name)
    builder = _builder(subject, subject, key.public_key(), now, now + ROOT_LIFE)
    certificate = _as_authority(builder, depth=3).sign(key, hashes.SHA256())
    return Authority(key, (certificate,))


def found_brand(root: Authority, name: str, *, index: int, now: datetime) -> Authority:
    """Return a new brand under `root`; `index` is its place in the root's status list."""
    return _found(root, name, None, index=index, now=now, life=BRAND_LIFE)


def found_role(brand: Authority, role: Role, name: str, *, index: int, now: datetime) -> Authority:
    """Return the authority of one role under `brand`; `index` is its place in the brand's list."""
    return _found(brand, name, role, index=index, now=now, life=AUTHORITY_LIFE)


def _found(
    above: Authority, name: str, role: Role | None, *, index: int, now: datetime, life: timedelta
) -> Authority:
    key = new_key()
    until = min(now + life, above.certificate.not_valid_after_utc)
    builder = _builder(_names(name), above.certificate.subject, key.public_key(), now, until)
    builder = _as_authority(builder, depth=len(_ABOVE) - len(above.chain))
    builder = _under(builder, above, index)
    if role is not None:
        usages = [role.value, *(TLS_USAGES if role is not Role.CARDHOLDER else ())]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    certificate = builder.sign(above.key, hashes.SHA256())
    return Authority(key, (certificate, *above.chain), role)


_ABOVE = ("root", "brand", "role")


def make_csr(key: ec.EllipticCurvePrivateKey, *, nonce: str) -> bytes:
    """Return a certificate signing request (PKCS #10, DER) of `key` that answers `nonce`.

    It names nobody: whom the certificate will name is the authority's decision.
    """
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_attribute(AttributeOID.CHALLENGE_PASSWORD, nonce.encode())
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def read_csr(der: bytes, *, nonce: str) -> ec.EllipticCurvePublicKey:
    """Return the key that a request proves its sender holds.

    Raises:
        EncodingError: not a request of this form: P-256, SHA-256, the nonce its one attribute.
        MismatchError: it answers another nonce.
        CertificateError: its signature does not hold.
    """
    if len(der) > _MAX_CSR_BYTES:
        raise EncodingError("too long for a request")
    try:
        csr = x509.load_der_x509_csr(der)
        attributes = list(csr.attributes)
        extensions, key = list(csr.extensions), csr.public_key()
        algorithm = csr.signature_algorithm_oid
        answered = csr.attributes.get_attribute_for_oid(AttributeOID.CHALLENGE_PASSWORD).value
    except Exception as error:
        # The parser answers broken requests with several unrelated exceptions.
        raise EncodingError("not a signing request") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise EncodingError("not a P-256 key")
    if algorithm != SignatureAlgorithmOID.ECDSA_WITH_SHA256 or extensions or len(attributes) != 1:
        raise EncodingError("a request of another form")
    if not der.endswith(WHOLE_BYTES + csr.signature):
        raise EncodingError("a signature that ends within a byte")
    if answered != nonce.encode():
        raise MismatchError("nonce")
    try:
        key.verify(csr.signature, csr.tbs_certrequest_bytes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise CertificateError("the request's signature does not hold") from error
    return key


def key_fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return SHA-256 of a public key (DER), base64url: by which a second use of it is noticed."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return base64url.encode(digest.finalize())


def issue(
    authority: Authority,
    key: ec.EllipticCurvePublicKey,
    holder: Holder,
    *,
    use: Use,
    index: int,
    now: datetime,
    life: timedelta | None = None,
) -> tuple[x509.Certificate, ...]:
    """Return a leaf of `authority`'s role for `key`, with the two certificates above it.

    It lives as long as its role allows, or for `life` if that is shorter.

    Raises:
        CertificateError: no role authority, or a use its role does not know.
    """
    role = authority.role
    if role is None or (role, use) not in _USES:
        raise CertificateError("this authority issues no such certificate")
    starts = max(now - CLOCK_SKEW, authority.certificate.not_valid_before_utc)
    longest = LONGEST_LIFE[role]
    until = min(starts + min(life or longest, longest), authority.certificate.not_valid_after_utc)
    subject = _names(holder.subject if role is Role.CARDHOLDER else holder.name, role)
    builder = (
        _builder(subject, authority.certificate.subject, key, starts + CLOCK_SKEW, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(use), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([role.value, *(TLS_USAGES if use is Use.TRANSPORT else ())]),
            critical=use is not Use.TRANSPORT,
        )
    )
    if role is not Role.CARDHOLDER:
        names = [x509.UniformResourceIdentifier(holder.subject), *holder.hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    leaf = _under(builder, authority, index).sign(authority.key, hashes.SHA256())
    return (leaf, *authority.chain[:-1])


_USES = {
    (Role.CARDHOLDER, Use.SIGN),
    (Role.MERCHANT, Use.SIGN),
    (Role.MERCHANT, Use.TRANSPORT),
    (Role.GATEWAY, Use.SIGN),
    (Role.GATEWAY, Use.ENCRYPT),
    (Role.GATEWAY, Use.TRANSPORT),
}


def enrol(authority: Authority, holder: Holder, *, use: Use, index: int, now: datetime) -> Signer:
    """Return a new key with its certificate, for who is authority and holder in one."""
    key = new_key()
    return Signer(key, issue(authority, key.public_key(), holder, use=use, index=index, now=now))


def sign_status(
    authority: Authority, revoked: Collection[int], *, entries: int, now: datetime
) -> str:
    """Return the authority's signed status list: of `entries` certificates, `revoked` withdrawn."""
    kind = "role" if authority.role else ("brand" if len(authority.chain) > 1 else "root")
    return status_list.sign(
        revoked,
        authority.key,
        subject=authority.thumbprint,
        entries=entries,
        now=now,
        lifetime_s=int(STATUS_LIFE[kind].total_seconds()),
    )


def gather_trust(
    roots: Collection[x509.Certificate],
    authorities: Collection[x509.Certificate],
    statuses: Mapping[str, str],
    *,
    now: datetime,
) -> Trust:
    """Return whom to believe: `roots`, and the status lists (token by thumbprint) that hold.

    `authorities` are the certificates by whose keys the lists are checked; one that leads to no
    root does no harm, since a list counts only for the authority whose thumbprint it bears.

    Raises:
        StatusUnknownError: a list of an authority that is not among `roots` and `authorities`.
        MalformedError, SignatureError, StaleError: a list does not hold at `now`.
    """
    known = {thumbprint(certificate): certificate for certificate in (*roots, *authorities)}
    lists = {}
    for subject, token in statuses.items():
        if subject not in known:
            raise StatusUnknownError("a status list of an unknown authority")
        key = public_key(known[subject])
        lists[subject] = status_list.verify(token, key, subject=subject, now=now)
    return Trust(tuple(roots), lists)


def _names(name: str, role: Role | None = None) -> x509.Name:
    oid = NameOID.COMMON_NAME if role in {None, Role.CARDHOLDER} else NameOID.ORGANIZATION_NAME
    return x509.Name([x509.NameAttribute(oid, name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _as_authority(builder: x509.CertificateBuilder, depth: int) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=depth - 1), critical=True
    ).add_extension(_key_usage(None), critical=True)


def _under(
    builder: x509.CertificateBuilder, above: Authority, index: int
) -> x509.CertificateBuilder:
    issuer = above.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value)
    return builder.add_extension(identifier, critical=False).add_extension(
        write_status_index(index), critical=False
    )


def _key_usage(use: Use | None) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=use is not Use.ENCRYPT,
        key_agreement=use is Use.ENCRYPT,
        key_cert_sign=use is None,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        encipher_only=False,
        decipher_only=False,
    )
