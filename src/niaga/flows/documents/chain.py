"""The proof of documents: canonical JSON, links of a seller's chain, and the daily root."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a seller's chain; hashes are SHA-256 in hexadecimal.

    `number`, `kind` and `issued_at` (ISO 8601) are in the content, too; `certificate` is the hash
    of the one that signed the PDF, `previous_hash` empty for a seller's first link.
    """

    document_id: str
    seller_id: str
    position: int
    content_sha256: str
    xml_sha256: str
    pdf_sha256: str
    certificate: str
    sealed_at: str
    previous_hash: str

    def hash(self) -> str:
        """Return the link's hash, which covers every value of it."""
        return sha256_of(asdict(self))


def canonical(values: Any) -> bytes:
    """Return JSON in its one form: keys sorted, no spaces, UTF-8; numbers are whole."""
    text = json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def sha256_of(values: Any) -> str:
    """Return the SHA-256 of `values` in canonical JSON."""
    return hashlib.sha256(canonical(values)).hexdigest()


def xml_sha256(xml: str) -> str:
    """Return the SHA-256 of a document's XML; empty where it has none."""
    return hashlib.sha256(xml.encode()).hexdigest() if xml else ""


def root_of(*, day: str, heads: list[list[Any]], previous_root: str) -> str:
    """Return a day's root: the hash of every chain's head and of the root before."""
    return sha256_of({"day": day, "heads": heads, "previous_root": previous_root})


def verify_url(document_id: UUID) -> str:
    """Return the address, printed on the document, that tells whether it is genuine."""
    return f"{settings.SITE_URL}/verify/{document_id}/"
