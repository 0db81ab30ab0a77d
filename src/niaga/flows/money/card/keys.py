"""The market's payment keys: one file each (mode 0600) with the key and its certificate's chain.

A renewed certificate brings a new key; the former stays until it expires, since offers signed by it
may still be answered. A key that was ordered and not certified yet lies beside them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.flows.money.card.settings import card_settings
from niaga.kernel import clock
from niaga.plumbing.key_files import chain_pem, key_pem, signers_in, write_private
from niaga.protocol import authority
from niaga.protocol.envelope import Signer
from niaga.protocol.formats.x509 import Use

USES = (Use.SIGN, Use.TRANSPORT)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A key whose certificate was ordered; `order_id` is empty while the order is not placed."""

    key: ec.EllipticCurvePrivateKey
    order_id: str


def takes_cards() -> bool:
    """Say whether the market has a gateway and live certificates: whether it can take cards."""
    found = card_settings()
    if found is None:
        return False
    cabinet = Cabinet(found.folder)
    return all(cabinet.current(use) is not None for use in USES)


@dataclass(frozen=True, slots=True)
class Cabinet:
    """The folder of the market's payment keys."""

    folder: Path

    def current(self, use: Use) -> Signer | None:
        """Return the newest key of a use with a certificate that is valid now, or None."""
        now = clock.now()
        live = [s for s in self._signers(use) if s.chain[0].not_valid_after_utc > now]
        return max(live, key=lambda s: s.chain[0].not_valid_before_utc, default=None)

    def named(self, thumbprint: str) -> Signer | None:
        """Return the signing key whose certificate has this thumbprint, or None."""
        return next((s for s in self._signers(Use.SIGN) if s.thumbprint == thumbprint), None)

    def transport_file(self) -> Path | None:
        """Return the file of the current TLS key, as `ssl` reads it, or None."""
        found = self.current(Use.TRANSPORT)
        return self._file(Use.TRANSPORT, found.thumbprint) if found else None

    def keep(self, use: Use, key: ec.EllipticCurvePrivateKey, chain: list[bytes]) -> None:
        """Keep a key with the chain (DER) that was issued for it; nothing is ordered any more."""
        certificates = [x509.load_der_x509_certificate(der) for der in chain]
        signer = Signer(key, tuple(certificates))
        write_private(self._file(use, signer.thumbprint), key_pem(key) + chain_pem(signer.chain))
        self._ordered_file(use).unlink(missing_ok=True)

    def ordered(self, use: Use) -> Ordered:
        """Return the key to be certified next, made now where there is none yet."""
        path = self._ordered_file(use)
        if not path.exists():
            self.note_order(use, Ordered(authority.new_key(), ""))
        told = json.loads(path.read_text())
        key = serialization.load_pem_private_key(told["key"].encode(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return Ordered(key, told["order_id"])

    def note_order(self, use: Use, ordered: Ordered) -> None:
        """Remember under which id a key's certificate was ordered."""
        told = {"key": key_pem(ordered.key).decode(), "order_id": ordered.order_id}
        write_private(self._ordered_file(use), json.dumps(told).encode())

    def drop_order(self, use: Use) -> None:
        """Forget an order that was refused; the next one brings another key."""
        self._ordered_file(use).unlink(missing_ok=True)

    def drop_expired(self) -> None:
        """Remove keys whose certificates are over."""
        for use in USES:
            for signer in self._signers(use):
                if signer.chain[0].not_valid_after_utc <= clock.now():
                    self._file(use, signer.thumbprint).unlink(missing_ok=True)

    def _signers(self, use: Use) -> tuple[Signer, ...]:
        return signers_in(self.folder, use.value)

    def _file(self, use: Use, thumbprint: str) -> Path:
        return self.folder / use.value / f"{thumbprint}.pem"

    def _ordered_file(self, use: Use) -> Path:
        return self.folder / use.value / "ordered.json"
