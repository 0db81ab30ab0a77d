"""The gateway's own keys: who it is to merchants, and what opens payment instructions.

One file each (mode 0600) with key and chain. A renewed certificate brings a new key; the former
stays until it expires, since offers signed before may still name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from niaga.gateway.authority.commands.issue_certificate import issue_certificate
from niaga.gateway.authority.commands.order_certificate import holder_of
from niaga.gateway.authority.keyring import Keyring
from niaga.gateway.authority.trust import current_trust
from niaga.kernel import clock
from niaga.plumbing.key_files import chain_pem, key_pem, signers_in, write_private
from niaga.protocol.authority import new_key
from niaga.protocol.envelope import Signer
from niaga.protocol.formats.x509 import Trust, Use, write_chain
from niaga.protocol.gateway.authorization import Keys
from niaga.protocol.messages.enrolment import GatewayCertificates

RENEW_BEFORE = timedelta(days=30)
USES = (Use.SIGN, Use.ENCRYPT, Use.TRANSPORT)


def keyring() -> Keyring:
    """Return this deployable's authority."""
    return Keyring(settings.AUTHORITY_KEYS)


def trust() -> Trust:
    """Return whom the gateway believes now."""
    return current_trust(keyring())


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The folder of one party's keys, and in whose name they speak."""

    folder: Path
    address: str
    name: str

    def current(self, use: Use) -> Signer:
        """Return the newest key of a use whose certificate is valid now."""
        now = clock.now()
        live = [s for s in self._signers(use) if s.chain[0].not_valid_after_utc > now]
        return max(live, key=lambda s: s.chain[0].not_valid_before_utc)

    def opening(self) -> Mapping[str, ec.EllipticCurvePrivateKey]:
        """Return every key that opens what is sealed to this party, by thumbprint."""
        return {signer.thumbprint: signer.key for signer in self._signers(Use.ENCRYPT)}

    def ensure(self) -> int:
        """Have a certificate issued for each use that has none for 30 more days; return how many.

        TLS servers read two files of fixed names, `transport.pem` and `transport-key.pem`.
        """
        soon = clock.now() + RENEW_BEFORE
        missing = [
            use
            for use in USES
            if not any(s.chain[0].not_valid_after_utc > soon for s in self._signers(use))
        ]
        for use in missing:
            self._renew(use)
        if Use.TRANSPORT in missing or not self.tls_chain.exists():
            newest = self.current(Use.TRANSPORT)
            write_private(self.tls_key, key_pem(newest.key))
            write_private(self.tls_chain, chain_pem(newest.chain))
        return len(missing)

    def keys(self) -> Keys:
        """Return who this party is, and what opens things sealed to it."""
        return Keys(self.address, self.opening())

    def publish_seal(self, path: Path) -> None:
        """Write down, for wallets to be told, the chain to which things are sealed."""
        write_private(path, chain_pem(self.current(Use.ENCRYPT).chain))

    @property
    def tls_chain(self) -> Path:
        """The certificates shown in TLS (PEM)."""
        return self.folder / "transport.pem"

    @property
    def tls_key(self) -> Path:
        """Their private key (PEM)."""
        return self.folder / "transport-key.pem"

    def _renew(self, use: Use) -> None:
        key = new_key()
        chain = issue_certificate(
            authority=keyring().authority("gateway"),
            key=key.public_key(),
            holder=holder_of(self.address, self.name, use),
            use=use,
        )
        signer = Signer(key, chain)
        path = self.folder / use.value / f"{signer.thumbprint}.pem"
        write_private(path, key_pem(key) + chain_pem(chain))

    def _signers(self, use: Use) -> tuple[Signer, ...]:
        return signers_in(self.folder, use.value)


def gateway_cabinet() -> Cabinet:
    """Return the gateway's own keys."""
    return Cabinet(settings.GATEWAY_KEYS, settings.GATEWAY_ADDRESS, settings.GATEWAY_NAME)


def gateway_signer() -> Signer:
    """Return the key that signs the gateway's answers."""
    return gateway_cabinet().current(Use.SIGN)


def gateway_brand() -> str:
    """Return the brand under which the gateway works, as its own certificate tells."""
    return _common_name(gateway_signer().chain[-1])


@lru_cache(maxsize=4)
def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def gateway_keys() -> Keys:
    """Return who the gateway is, and what opens instructions."""
    return gateway_cabinet().keys()


def gateway_certificates() -> GatewayCertificates:
    """Return the chains merchants and wallets need, as they are told at the well-known address."""
    mine = gateway_cabinet()
    return GatewayCertificates(
        id=mine.address,
        sig_x5c=tuple(write_chain(mine.current(Use.SIGN).chain)),
        enc_x5c=tuple(write_chain(mine.current(Use.ENCRYPT).chain)),
    )


def issuer_certificate() -> tuple[x509.Certificate, ...]:
    """Return the chain to which wallets seal card data; its key is the issuer's alone."""
    return tuple(x509.load_pem_x509_certificates(Path(settings.ISSUER_SEAL).read_bytes()))
