"""Who is believed: every role in every other role, every broken chain, every withdrawn link."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from niaga.protocol import authority
from niaga.protocol.authority import Authority, Holder
from niaga.protocol.envelope import open_signed, sign
from niaga.protocol.errors import (
    CertificateError,
    CertificateExpiredError,
    CertificateRevokedError,
    CertificateRoleError,
    EncodingError,
    ProtocolError,
    SchemaError,
    SignatureError,
    StaleError,
    StatusUnknownError,
    TooLargeError,
)
from niaga.protocol.formats import base64url, jws, status_list, strict_json
from niaga.protocol.formats.x509 import (
    LONGEST_LIFE,
    STATUS_INDEX,
    Identity,
    Role,
    Trust,
    Use,
    read_chain,
    status_index,
    verify_chain,
    write_chain,
    write_status_index,
)
from niaga.protocol.messages.parts import SignedMessage
from tests.support import payment, payment_messages
from tests.support.payment import NOW, SHOP, SHOP_NAME

SIGNED = payment_messages.signed_messages()
OWN = {Role.CARDHOLDER: "cardholder", Role.MERCHANT: "merchant", Role.GATEWAY: "gateway"}
DAY = timedelta(days=1)


def verify(
    chain: Sequence[x509.Certificate],
    role: Role = Role.MERCHANT,
    use: Use = Use.SIGN,
    *,
    trust: Trust | None = None,
    now: Any = NOW,
) -> Identity:
    found = trust or payment.parties().trust
    return verify_chain(chain, role=role, use=use, trust=found, now=now)


@pytest.mark.parametrize("kind", SIGNED, ids=lambda kind: kind.__name__)
def test_every_message_is_believed_from_its_own_role_alone(kind: type[SignedMessage]) -> None:
    world = payment.parties()
    for name, signer in payment_messages.signers(world).items():
        token = sign(SIGNED[kind], signer)
        if name == OWN[kind.SIGNER]:
            assert open_signed(kind, token, trust=world.trust, now=NOW).message == SIGNED[kind]
        else:
            with pytest.raises(CertificateRoleError):
                open_signed(kind, token, trust=world.trust, now=NOW)


@pytest.mark.parametrize("kind", SIGNED, ids=lambda kind: kind.__name__)
def test_no_message_passes_for_another(kind: type[SignedMessage]) -> None:
    world = payment.parties()
    token = sign(SIGNED[kind], payment_messages.signer_of(kind, world))
    for other in SIGNED:
        if other is not kind:
            with pytest.raises((SchemaError, TooLargeError), match=r"not a dsp|bytes"):
                open_signed(other, token, trust=world.trust, now=NOW)


USES = {
    "cardholder": (Role.CARDHOLDER, Use.SIGN),
    "merchant": (Role.MERCHANT, Use.SIGN),
    "merchant transport": (Role.MERCHANT, Use.TRANSPORT),
    "gateway": (Role.GATEWAY, Use.SIGN),
    "gateway encryption": (Role.GATEWAY, Use.ENCRYPT),
    "gateway transport": (Role.GATEWAY, Use.TRANSPORT),
}


@pytest.mark.parametrize("shown", USES)
@pytest.mark.parametrize("wanted", USES)
def test_role_and_use(shown: str, wanted: str) -> None:
    signer = payment_messages.signers(payment.parties())[shown]
    role, use = USES[wanted]
    if shown == wanted:
        assert verify(signer.chain, role, use).role is role
    else:
        with pytest.raises(CertificateRoleError):
            verify(signer.chain, role, use)


@pytest.mark.parametrize("leaf", list(Role))
@pytest.mark.parametrize("above", list(Role))
def test_the_authority_must_be_of_the_role_too(leaf: Role, above: Role) -> None:
    """An authority that issues outside its role is not believed, though its key signed."""
    straying = replace(payment.parties().pki.roles[above], role=leaf)
    signer = authority.enrol(straying, Holder(SHOP, SHOP_NAME), use=Use.SIGN, index=9, now=NOW)
    if leaf is above:
        assert verify(signer.chain, leaf).role is leaf
        return
    for role in Role:
        with pytest.raises(CertificateRoleError):
            verify(signer.chain, role)


def test_an_identity_is_what_the_certificate_says() -> None:
    world = payment.parties()
    shop = verify(world.shop.chain)
    assert (shop.subject, shop.name, shop.brand) == (SHOP, SHOP_NAME, payment.BRAND)
    buyer = verify(world.buyer.chain, Role.CARDHOLDER)
    assert (buyer.subject, buyer.name) == ("buyer-1", "")


def test_no_name_or_number_is_in_a_cardholders_certificate() -> None:
    leaf = payment.parties().buyer.chain[0]
    assert [attribute.value for attribute in leaf.subject] == ["buyer-1"]
    with pytest.raises(x509.ExtensionNotFound):
        leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)


# ---- time ----


@pytest.mark.parametrize("role", list(Role))
def test_a_leaf_is_valid_for_its_time_and_no_longer(role: Role) -> None:
    pki = payment.parties().pki
    signer = pki.enrol(role, Use.SIGN, subject=SHOP, name=SHOP_NAME)
    life = LONGEST_LIFE[role]
    last = NOW + life - authority.CLOCK_SKEW
    assert verify(signer.chain, role, trust=pki.trust(now=last), now=last)
    after = last + timedelta(seconds=1)
    with pytest.raises(CertificateExpiredError):
        verify(signer.chain, role, trust=pki.trust(now=after), now=after)
    before = NOW - authority.CLOCK_SKEW - timedelta(seconds=1)
    with pytest.raises(CertificateExpiredError):
        verify(signer.chain, role, now=before)


def test_an_expired_authority_ends_its_leaves() -> None:
    pki = payment.parties().pki
    late = NOW + authority.AUTHORITY_LIFE - DAY
    signer = pki.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME, now=late)
    assert verify(signer.chain, trust=pki.trust(now=late), now=late)
    over = NOW + authority.AUTHORITY_LIFE + timedelta(seconds=1)
    with pytest.raises(CertificateExpiredError):
        verify(signer.chain, trust=pki.trust(now=over), now=over)


# ---- revocation ----


@pytest.mark.parametrize(("issuer", "depth"), [("role", 0), ("brand", 1), ("root", 2)])
def test_a_withdrawn_certificate_is_refused_at_every_depth(issuer: str, depth: int) -> None:
    pki = payment.parties().pki
    chain = payment.parties().shop.chain
    above = {"role": pki.roles[Role.MERCHANT], "brand": pki.brand, "root": pki.root}[issuer]
    index = status_index(chain[depth])
    with pytest.raises(CertificateRevokedError):
        verify(chain, trust=pki.trust(revoked={above.thumbprint: {index}}))
    others = set(range(payment.ENTRIES)) - {index}
    assert verify(chain, trust=pki.trust(revoked={above.thumbprint: others}))


def test_without_a_fresh_status_list_nobody_is_believed() -> None:
    pki, chain = payment.parties().pki, payment.parties().shop.chain
    full = pki.trust()
    for above in (pki.roles[Role.MERCHANT], pki.brand, pki.root):
        rest = {key: value for key, value in full.statuses.items() if key != above.thumbprint}
        with pytest.raises(StatusUnknownError):
            verify(chain, trust=Trust(full.roots, rest))
    with pytest.raises(StatusUnknownError):
        verify(chain, now=NOW + DAY)


def test_an_index_beyond_the_list_counts_as_withdrawn() -> None:
    pki = payment.parties().pki
    signer = pki.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME, index=payment.ENTRIES)
    with pytest.raises(CertificateRevokedError):
        verify(signer.chain)


@settings(deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_a_status_index_has_one_spelling(index: int) -> None:
    value = write_status_index(index)
    builder = x509.CertificateBuilder().add_extension(value, critical=False)
    name = x509.Name([])
    key = payment.parties().shop.key
    certificate = (
        builder.subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + DAY)
        .sign(key, hashes.SHA256())
    )
    assert status_index(certificate) == index


def gather(statuses: dict[str, str]) -> Trust:
    pki = payment.parties().pki
    authorities = [a.certificate for a in pki.authorities()]
    return authority.gather_trust([pki.root.certificate], authorities, statuses, now=NOW)


def test_a_status_list_counts_from_its_own_authority_alone() -> None:
    pki = payment.parties().pki
    merchants, gateways = pki.roles[Role.MERCHANT], pki.roles[Role.GATEWAY]
    token = authority.sign_status(gateways, [], entries=8, now=NOW)
    with pytest.raises(SignatureError):
        gather({merchants.thumbprint: token})
    stranger = payment.found_pki().root
    with pytest.raises(StatusUnknownError):
        gather({stranger.thumbprint: authority.sign_status(stranger, [], entries=8, now=NOW)})
    claimed = status_list.sign(
        [], merchants.key, subject=gateways.thumbprint, entries=8, now=NOW, lifetime_s=60
    )
    with pytest.raises(SchemaError):
        gather({merchants.thumbprint: claimed})


def test_an_expired_status_list_is_refused() -> None:
    root = payment.parties().pki.root
    old = authority.sign_status(root, [], entries=8, now=NOW - timedelta(days=90))
    with pytest.raises(StaleError):
        gather({root.thumbprint: old})


@pytest.mark.parametrize(
    "change",
    [
        {"status_list": {"bits": 2, "lst": "eJwDAAAAAAE"}},
        {"status_list": {"bits": 1, "lst": "AAAA"}},
        {"status_list": {"bits": 1, "lst": base64url.encode(zlib.compress(bytes(1 << 20)))}},
        {"status_list": {"bits": 1, "lst": base64url.encode(zlib.compress(b"a") + b"b")}},
        {"status_list": {"bits": 1}},
        {"status_list": []},
        {"status_list": {"bits": 1, "lst": 7}},
        {"exp": "tomorrow"},
        {"iat": 10**19},
        {"iat": -1},
        {"ttl": True},
        {"sub": 7},
        {"more": 1},
    ],
)
def test_a_malformed_status_list_is_refused(change: dict[str, Any]) -> None:
    root = payment.parties().pki.root
    token = authority.sign_status(root, [], entries=8, now=NOW)
    payload = strict_json.read_object(jws.parse(token, max_bytes=9999).payload, max_bytes=9999)
    header = {"typ": status_list.TYPE}
    spoiled = jws.sign(strict_json.write({**payload, **change}), root.key, header=header)
    with pytest.raises(ProtocolError):
        gather({root.thumbprint: spoiled})


# ---- chains ----


def test_another_root_is_not_believed() -> None:
    stranger = payment.found_pki()
    signer = stranger.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME)
    with pytest.raises(CertificateError):
        verify(signer.chain)


def test_links_of_two_chains_do_not_join() -> None:
    """The names are the same, the keys are not."""
    ours, stranger = payment.parties(), payment.found_pki()
    theirs = stranger.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME).chain
    mixed = [
        (theirs[0], *ours.shop.chain[1:]),
        (*theirs[:2], ours.shop.chain[2]),
        (ours.shop.chain[0], theirs[1], ours.shop.chain[2]),
        (ours.shop.chain[0], ours.bank.chain[1], ours.shop.chain[2]),
    ]
    for chain in mixed:
        with pytest.raises(CertificateError):
            verify(chain)


def test_a_chain_has_one_order_and_one_length() -> None:
    leaf, role, brand = payment.parties().shop.chain
    root = payment.parties().pki.root.certificate
    for chain in [
        (leaf, brand, role),
        (role, leaf, brand),
        (leaf, role),
        (leaf, role, brand, root),
        (leaf, role, role),
        (leaf,),
        (),
    ]:
        with pytest.raises(CertificateError):
            verify(chain)
        with pytest.raises((EncodingError, CertificateError)):
            verify(read_chain(write_chain(chain)))


def test_a_certificate_with_an_altered_bit_is_refused() -> None:
    leaf, *above = write_chain(payment.parties().shop.chain)
    der = base64url.decode_standard(leaf)
    for place in range(len(der)):
        altered = bytearray(der)
        altered[place] ^= 1 << place % 8
        x5c = [base64url.encode_standard(bytes(altered)), *above]
        with pytest.raises(ProtocolError):
            verify(read_chain(x5c))


def test_a_certificate_has_no_second_spelling() -> None:
    """Bits said to be unused at the signature's end."""
    certificate = payment.parties().shop.chain[0]
    der = certificate.public_bytes(serialization.Encoding.DER)
    place = len(der) - len(certificate.signature) - 1
    for bits in range(1, 8):
        altered = der[:place] + bytes([bits]) + der[place + 1 :]
        with pytest.raises(EncodingError):
            read_chain([base64url.encode_standard(altered), *["AAAA"] * 2])


def test_a_leaf_cannot_issue() -> None:
    world = payment.parties()
    posing = Authority(world.shop.key, (*world.shop.chain, world.pki.root.certificate),
                       Role.MERCHANT)  # fmt: skip
    child = authority.enrol(posing, Holder(SHOP, SHOP_NAME), use=Use.SIGN, index=1, now=NOW)
    for chain in (child.chain, child.chain[:3]):
        with pytest.raises(CertificateError):
            verify(chain)


# ---- profile: certificates that our authority's key signed, but not as it should ----


type Change = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


def odd_leaf(
    *,
    skip: tuple[type[x509.ExtensionType], ...] = (),
    add: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    key: Any = None,
    life: timedelta | None = None,
    digest: Any = None,
) -> tuple[x509.Certificate, ...]:
    """Return the shop's chain with a leaf made again, differently, by the true authority."""
    world = payment.parties()
    leaf, *above = world.shop.chain
    issuer = world.pki.roles[Role.MERCHANT]
    builder = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(leaf.issuer)
        .public_key(key or leaf.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_before_utc + (life or 90 * DAY))
    )
    for extension in leaf.extensions:
        left_out = STATUS_INDEX if x509.UnrecognizedExtension in skip else None
        if not isinstance(extension.value, skip) and extension.oid != left_out:
            builder = builder.add_extension(extension.value, extension.critical)
    for value, critical in add:
        builder = builder.add_extension(value, critical)
    return (builder.sign(issuer.key, digest or hashes.SHA256()), *above)


def usage(**changes: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    values = dict.fromkeys(names, False) | {"digital_signature": True} | changes
    return x509.KeyUsage(**values)


def addresses(*values: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(v) for v in values])


ROLES = [role.value for role in Role]
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")

ODD: dict[str, Callable[[], tuple[x509.Certificate, ...]]] = {
    "no basic constraints": lambda: odd_leaf(skip=(x509.BasicConstraints,)),
    "an authority's constraints": lambda: odd_leaf(
        skip=(x509.BasicConstraints,), add=((x509.BasicConstraints(ca=True, path_length=0), True),)
    ),
    "no key usage": lambda: odd_leaf(skip=(x509.KeyUsage,)),
    "may sign certificates": lambda: odd_leaf(
        skip=(x509.KeyUsage,), add=((usage(key_cert_sign=True), True),)
    ),
    "signs and agrees": lambda: odd_leaf(
        skip=(x509.KeyUsage,), add=((usage(key_agreement=True), True),)
    ),
    "no role": lambda: odd_leaf(skip=(x509.ExtendedKeyUsage,)),
    "two roles": lambda: odd_leaf(
        skip=(x509.ExtendedKeyUsage,), add=((x509.ExtendedKeyUsage(ROLES[1:]), True),)
    ),
    "no status index": lambda: odd_leaf(skip=(x509.UnrecognizedExtension,)),
    "no address": lambda: odd_leaf(skip=(x509.SubjectAlternativeName,)),
    "two addresses": lambda: odd_leaf(
        skip=(x509.SubjectAlternativeName,), add=((addresses(SHOP, "https://b.example"), False),)
    ),
    "an unknown extension": lambda: odd_leaf(add=((UNKNOWN, False),)),
    "an unknown critical extension": lambda: odd_leaf(add=((UNKNOWN, True),)),
    "a life too long": lambda: odd_leaf(life=90 * DAY + timedelta(seconds=1)),
    "another curve": lambda: odd_leaf(key=ec.generate_private_key(ec.SECP384R1()).public_key()),
    "another kind of key": lambda: odd_leaf(
        key=rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    ),
    "another hash": lambda: odd_leaf(digest=hashes.SHA384()),
}


@pytest.mark.parametrize("name", ODD)
def test_a_leaf_outside_the_profile_is_refused(name: str) -> None:
    with pytest.raises(CertificateError):
        verify(ODD[name]())


def test_the_leaf_made_again_without_a_difference_is_believed() -> None:
    assert verify(odd_leaf()).subject == SHOP


def test_an_authority_with_another_number_of_roles_is_refused() -> None:
    world = payment.parties()
    brand = world.pki.brand
    for roles in ([], ROLES[:2]):
        key = authority.new_key()
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "odd")])
        issuer_id = brand.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(brand.certificate.subject)
            .public_key(key.public_key())
            .serial_number(5)
            .not_valid_before(NOW - DAY / 24)
            .not_valid_after(NOW + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(key_cert_sign=True), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id.value),
                critical=False,
            )
            .add_extension(write_status_index(50), critical=False)
        )
        if roles:
            builder = builder.add_extension(x509.ExtendedKeyUsage(roles), critical=False)
        certificate = builder.sign(brand.key, hashes.SHA256())
        odd = Authority(key, (certificate, *brand.chain), Role.MERCHANT)
        signer = authority.enrol(odd, Holder(SHOP, SHOP_NAME), use=Use.SIGN, index=1, now=NOW)
        with pytest.raises(CertificateError):
            verify(signer.chain)
