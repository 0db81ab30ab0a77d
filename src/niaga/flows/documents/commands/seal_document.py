"""A printed document becomes a link in its seller's chain, once and for good."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from niaga.flows.documents.chain import Link, sha256_of, xml_sha256
from niaga.flows.documents.models import Document, Seal
from niaga.plumbing.command import command
from niaga.plumbing.numbering import next_number


@command
def seal_document(
    *, document_id: UUID, pdf_sha256: str, certificate: str, sealed_at: datetime, path: str
) -> bool:
    """Seal a printed document; say whether this call did it (else it was sealed before).

    The chain's counter stays locked until the transaction ends: links follow each other.
    """
    # Two printers of one document meet here; the second one waits, and finds the seal.
    document = Document.objects.select_for_update().get(pk=document_id)
    if Seal.objects.filter(pk=document_id).exists():
        return False
    position = next_number(f"seal:{document.seller_id}")
    previous = Seal.objects.filter(seller_id=document.seller_id, position=position - 1).first()
    link = Link(
        document_id=str(document_id),
        seller_id=str(document.seller_id),
        position=position,
        content_sha256=document.content_sha256 or sha256_of(document.content),
        xml_sha256=xml_sha256(document.xml),
        pdf_sha256=pdf_sha256,
        certificate=certificate,
        sealed_at=sealed_at.isoformat(),
        previous_hash=previous.hash if previous else "",
    )
    values = asdict(link) | {"sealed_at": sealed_at, "hash": link.hash()}
    Seal.objects.create(**values)
    Document.objects.filter(pk=document_id).update(
        pdf_path=path, pdf_sha256=pdf_sha256, rendered_at=sealed_at
    )
    return True
