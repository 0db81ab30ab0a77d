"""A party's keys as files: each (mode 0600) holds a key and, behind it, its certificate's chain."""

import os
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol.envelope import Signer

_SETTLED_NS = 2_000_000_000
# Folder -> when it was last changed, and what was in it then.
_kept: dict[str, tuple[int, tuple[Signer, ...]]] = {}


def signers_in(folder: Path, use: str) -> tuple[Signer, ...]:
    """Return the keys (`*.pem`) of a use, in the order of their names; none without a folder.

    They are asked for at each message, so what was read is kept while the folder does not change:
    files get their names whole (`write_private`). A change just now may not be the last one that
    the folder's time can tell apart, and is not kept yet.
    """
    place = f"{folder}/{use}"
    try:
        changed_ns = os.stat(place).st_mtime_ns  # noqa: PTH116 - a path object costs more than this
    except FileNotFoundError:
        return ()
    kept = _kept.get(place)
    if kept and kept[0] == changed_ns:
        return kept[1]
    found = tuple(map(_read, sorted(Path(place).glob("*.pem"))))
    if time.time_ns() - changed_ns > _SETTLED_NS:
        _kept[place] = (changed_ns, found)
    return found


def _read(path: Path) -> Signer:
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Signer(key, tuple(x509.load_pem_x509_certificates(content)))


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key as PKCS #8 PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def chain_pem(chain: tuple[x509.Certificate, ...]) -> bytes:
    """Return the certificates as PEM, in their order."""
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in chain)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
