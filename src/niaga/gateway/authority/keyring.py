"""The authority's keys: one file each (mode 0600) with the key and the chain above it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.kernel import clock
from niaga.plumbing.key_files import chain_pem, key_pem, write_private
from niaga.protocol import authority
from niaga.protocol.authority import Authority
from niaga.protocol.formats.x509 import Role

BRAND = "Niaga"
ROLES = {role.name.lower(): role for role in Role}
ROOT_FILE = "payment-root.pem"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The folder of root, brand and one authority for each role."""

    folder: Path

    @property
    def root_file(self) -> Path:
        """The root's certificate (PEM), to be handed out."""
        return self.folder / ROOT_FILE

    def certificate_file(self, name: str) -> Path:
        """Return the file with the certificate alone of an authority: whom TLS servers admit."""
        return self.folder / f"{name}-authority.pem"

    def is_founded(self) -> bool:
        """Say whether the keys are there; `found` makes them whole or not at all."""
        return self.root_file.exists()

    def found(self, *, brand: str = BRAND) -> None:
        """Make root, brand and role authorities, once."""
        assert not self.is_founded(), "an authority is founded once"
        now = clock.now()
        root = authority.found_root(f"{brand} root", now=now)
        above = authority.found_brand(root, brand, index=0, now=now)
        made = {"root": root, "brand": above}
        for index, (name, role) in enumerate(ROLES.items()):
            made[name] = authority.found_role(above, role, f"{brand} {name}s", index=index, now=now)
        for name, one in made.items():
            write_private(self.folder / f"{name}.pem", key_pem(one.key) + chain_pem(one.chain))
            write_private(self.certificate_file(name), chain_pem(one.chain[:1]))
        write_private(self.root_file, chain_pem(root.chain))

    def authority(self, name: str) -> Authority:
        """Return `root`, `brand` or the authority of a role (its name in lower case)."""
        path = self.folder / f"{name}.pem"
        return _read(path, path.stat().st_mtime_ns, ROLES.get(name))

    def all(self) -> tuple[Authority, ...]:
        """Return every authority, the root first."""
        return tuple(self.authority(name) for name in ("root", "brand", *ROLES))


@lru_cache(maxsize=16)
def _read(path: Path, _changed_ns: int, role: Role | None) -> Authority:
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(key, tuple(x509.load_pem_x509_certificates(content)), role)
