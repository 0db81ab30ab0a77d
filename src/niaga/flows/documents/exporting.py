"""All documents in a folder that can be checked without the market: files, chains, roots."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from django.utils.timezone import localdate

from niaga.flows.documents.chain import canonical
from niaga.flows.documents.keeping import DocumentRedacted
from niaga.flows.documents.models import DailyRoot, Document, Seal
from niaga.flows.documents.offline import AUTHORITY, CHAIN, ROOTS, roots_file
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.signing.keys import authority_certificate
from niaga.flows.documents.verifying import link_of

type Told = Callable[[int, int], None]
"""Told how many documents are written, and of how many."""

_AT_ONCE = 200


def export_documents(folder: Path, *, told: Told, seller_id: UUID | None = None) -> int:
    """Write every document (of one seller) into `folder`; return how many.

    Each is a PDF, its content as canonical JSON, and its XML where it has one, below a folder of
    its seller; beside them lie the chains, the daily roots and the authority's certificate. Of a
    redacted document there is the link alone, and the day on which its contents were deleted.
    """
    rows = Document.objects.order_by("seller_id", "issued_at", "id")
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    ids = list(rows.values_list("id", flat=True))
    for document_id in rows.filter(seal=None).values_list("id", flat=True):
        pdf_of(document_id)  # seals it, too: the chain below must know every document
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / CHAIN).open("wb") as chain:
        for done, seal in enumerate(_seals(ids), 1):
            chain.write(canonical(_written(folder, seal)) + b"\n")
            told(done, len(ids))
    published = DailyRoot.objects.order_by("day").values("day", "heads", "previous_root", "root")
    listed = [row | {"day": row["day"].isoformat()} for row in published]
    (folder / ROOTS).write_bytes(roots_file(listed))
    pem = authority_certificate().public_bytes(serialization.Encoding.PEM)
    (folder / AUTHORITY).write_bytes(pem)
    return len(ids)


def _seals(ids: list[UUID]) -> Iterator[Seal]:
    """Yield the documents' seals, chain by chain, few in memory at a time."""
    rows = Seal.objects.filter(pk__in=ids).order_by("seller_id", "position")
    ordered = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ordered), _AT_ONCE):
        some = Seal.objects.select_related("document").in_bulk(ordered[start : start + _AT_ONCE])
        yield from (some[pk] for pk in ordered[start : start + _AT_ONCE])


def _written(folder: Path, seal: Seal) -> dict[str, object]:
    document, link = seal.document, asdict(link_of(seal))
    try:
        name, pdf = pdf_of(document.id)
    except DocumentRedacted as gone:
        on = localdate(gone.redacted_at).isoformat()
        return {"link": link, "hash": seal.hash, "redacted": on}
    place = Path(str(document.seller_id)) / document.kind
    (folder / place).mkdir(parents=True, exist_ok=True)
    base = place / name.removesuffix(".pdf")
    files = {"pdf": f"{base}.pdf", "content": f"{base}.json"}
    (folder / files["pdf"]).write_bytes(pdf)
    (folder / files["content"]).write_bytes(canonical(document.content))
    if document.xml:
        files["xml"] = f"{base}.xml"
        (folder / files["xml"]).write_text(document.xml, encoding="utf-8")
    assert hashlib.sha256(pdf).hexdigest() == seal.pdf_sha256, "pdf_of gives the sealed file"
    return {"link": link, "hash": seal.hash, "files": files}
