"""Whether a document is genuine: what the public page is told, without private data."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from niaga.flows.documents.chain import Link, sha256_of, xml_sha256
from niaga.flows.documents.keeping import may_be_redacted
from niaga.flows.documents.models import DailyRoot, Document, Seal
from niaga.kernel import clock

type Verdict = Literal["valid", "superseded", "redacted", "altered", "pending"]


@dataclass(frozen=True, slots=True)
class Proof:
    """What anybody may know of a document: that it is, and whether it still holds.

    `superseded` says that later documents changed what it says: `corrected_by` are the numbers of
    credit notes, or of the invoice that followed a pro forma. `redacted` says that it was genuine
    until its contents were deleted, its issuer's name among them; `altered` that the stored
    document does not fit its seal; `pending` that it is not sealed yet.
    """

    document_id: UUID
    verdict: Verdict
    label: str
    number: str
    issuer: str
    issued_at: datetime
    sealed_at: datetime | None
    position: int | None
    hash: str
    pdf_sha256: str
    corrected_by: tuple[str, ...]
    redacted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublishedRoot:
    """A day's published hash over the heads of all chains."""

    day: date
    root: str
    previous_root: str
    chains: int
    published_at: datetime


def examine(document_id: UUID) -> Proof | None:
    """Return what anybody may know of a document, or None where there is none."""
    row = Document.objects.select_related("seal").filter(pk=document_id).first()
    return _proof(row) if row else None


def examine_file(pdf: bytes) -> Proof | None:
    """Return the proof of the document whose sealed PDF this is to the byte, or None."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    seal = Seal.objects.filter(pdf_sha256=sha256).select_related("document").first()
    return _proof(seal.document) if seal else None


def link_of(seal: Seal) -> Link:
    """Return the values that a seal's hash covers."""
    return Link(
        document_id=str(seal.document_id),
        seller_id=str(seal.seller_id),
        position=seal.position,
        content_sha256=seal.content_sha256,
        xml_sha256=seal.xml_sha256,
        pdf_sha256=seal.pdf_sha256,
        certificate=seal.certificate,
        sealed_at=seal.sealed_at.isoformat(),
        previous_hash=seal.previous_hash,
    )


def altered_parts(row: Document, seal: Seal) -> tuple[str, ...]:
    """Return which parts of a stored document are not what was sealed; no statement.

    What is redacted has no content or XML to compare; then its time must have come.
    """
    on = row.redacted_at and min(row.redacted_at, clock.now())
    fits = {
        "content": bool(on) or sha256_of(row.content) == seal.content_sha256,
        "xml": bool(on) or xml_sha256(row.xml) == seal.xml_sha256,
        "redaction": on is None or may_be_redacted(sealed_at=seal.sealed_at, at=on),
        "pdf": row.pdf_sha256 == seal.pdf_sha256,
        "seal": link_of(seal).hash() == seal.hash,
    }
    return tuple(part for part, holds in fits.items() if not holds)


def roots(limit: int = 60) -> tuple[PublishedRoot, ...]:
    """Return the published daily roots, newest first; one statement."""
    return tuple(
        PublishedRoot(row.day, row.root, row.previous_root, len(row.heads), row.published_at)
        for row in DailyRoot.objects.order_by("-day")[:limit]
    )


def root_file(day: date) -> dict[str, object] | None:
    """Return a day's root with everything its hash covers, or None."""
    row = DailyRoot.objects.filter(pk=day).first()
    if row is None:
        return None
    return {
        "day": row.day.isoformat(),
        "heads": row.heads,
        "previous_root": row.previous_root,
        "root": row.root,
    }


def _proof(row: Document) -> Proof:
    seal: Seal | None = getattr(row, "seal", None)
    corrected_by = _later(row)
    verdict: Verdict = "superseded" if corrected_by else "valid"
    if seal is None:
        verdict = "pending"
    elif altered_parts(row, seal) or not _follows(seal):
        verdict = "altered"
    elif row.redacted_at:
        verdict = "redacted"
    return Proof(
        document_id=row.id,
        verdict=verdict,
        label=str(row.get_kind_display()),
        number=row.number,
        issuer=row.content.get("seller", {}).get("name", ""),
        issued_at=row.issued_at,
        sealed_at=seal.sealed_at if seal else None,
        position=seal.position if seal else None,
        hash=seal.hash if seal else "",
        pdf_sha256=seal.pdf_sha256 if seal else "",
        corrected_by=corrected_by,
        redacted_at=row.redacted_at,
    )


def _later(row: Document) -> tuple[str, ...]:
    rows = row.corrections.all()
    if row.kind == "pro_forma":
        rows = Document.objects.filter(cause_id=row.cause_id, kind="invoice")
    return tuple(rows.order_by("issued_at", "id").values_list("number", flat=True))


def _follows(seal: Seal) -> bool:
    """Say whether the link before it is the one that the seal names."""
    before = Seal.objects.filter(seller_id=seal.seller_id, position=seal.position - 1)
    return (before.values_list("hash", flat=True).first() or "") == seal.previous_hash
