"""A document's PDF: printed, signed and sealed once; printed again when its file was lost."""

import hashlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from niaga.flows.documents.commands.seal_document import seal_document
from niaga.flows.documents.keeping import require_contents
from niaga.flows.documents.models import Document, DocumentStyle, Seal
from niaga.flows.documents.rendering.content import MARKETS_OWN, DocumentContent, from_json
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.signing.keys import DocumentKey, market_key, named_key, seller_key
from niaga.flows.documents.styles import logo_png
from niaga.kernel import clock

_log = logging.getLogger(__name__)


class PrintDiffersError(Exception):
    """A document printed again is not the same to the byte: its template was changed."""


def pdf_of(document_id: UUID) -> tuple[str, bytes]:
    """Return a document's file name and PDF; print, sign and seal it where that is to be done.

    A stored file counts only while it has the sealed hash; a lost or damaged one is printed again.

    Raises:
        Document.DoesNotExist: no such document.
        DocumentRedacted: its contents were deleted.
        KeyLostError: the file was lost, and so was the key that signed it.
        PrintDiffersError: the file was lost and the new print has another hash.
    """
    document = Document.objects.select_related("seal").get(pk=document_id)
    require_contents(document.number, document.redacted_at)
    name = document.number.replace("/", "-") + ".pdf"
    seal = _seal(document)
    if seal is None:
        return name, _print_first(document)
    return name, _stored(document, seal) or _print_again(document, seal)


def documents_to_print(at_most: int = 500) -> tuple[UUID, ...]:
    """Return documents issued ten minutes ago or earlier that are not sealed yet."""
    due = Document.objects.filter(seal=None, issued_at__lte=clock.now() - timedelta(minutes=10))
    return tuple(due.order_by("issued_at").values_list("id", flat=True)[:at_most])


def signed_pdf(document: Document, key: DocumentKey, *, at: datetime) -> bytes:
    """Return the document printed and signed; the same values make the same bytes."""
    # pyHanko and what it brings load for a second; of all processes only the one that prints pays.
    from niaga.flows.documents.signing.pades import sign_pdf  # noqa: PLC0415

    printed = render_pdf(content_of(document), xml=document.xml, template=document.template or 1)
    return sign_pdf(printed, key, at=at)


def content_of(document: Document) -> DocumentContent:
    """Return what the document says, with the logo it names."""
    content = from_json(document.content)
    logo = logo_png(content.style.logo_sha256 if content.style else "")
    return replace(content, seller=replace(content.seller, logo=logo))


def documents_storage() -> Storage:
    """Return where documents lie: on disk or in S3, as the deployment says."""
    return storages["documents"]


def _seal(document: Document) -> Seal | None:
    return getattr(document, "seal", None)


def _print_first(document: Document) -> bytes:
    key = _key_for(document)
    sealed_at = clock.now()
    pdf = signed_pdf(document, key, at=sealed_at)
    sealed = seal_document(
        document_id=document.id,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        certificate=key.fingerprint,
        sealed_at=sealed_at,
        path=_path(document),
    )
    if not sealed:  # another process was faster, at another instant: its print is the one
        return pdf_of(document.id)[1]
    _store(_path(document), pdf)
    return pdf


def _print_again(document: Document, seal: Seal) -> bytes:
    pdf = signed_pdf(document, named_key(seal.certificate), at=seal.sealed_at)
    sha256 = hashlib.sha256(pdf).hexdigest()
    if sha256 != seal.pdf_sha256:
        raise PrintDiffersError(f"{document.number}: {sha256} is not {seal.pdf_sha256}")
    _log.warning("%s was lost and is printed again", document.number)
    _store(document.pdf_path, pdf)
    if Document.objects.filter(pk=document.pk, redacted_at__isnull=False).exists():
        documents_storage().delete(document.pdf_path)  # it was redacted while it was printed
    return pdf


def _stored(document: Document, seal: Seal) -> bytes | None:
    try:
        with documents_storage().open(document.pdf_path) as file:
            pdf = bytes(file.read())
    except FileNotFoundError:
        return None
    return pdf if hashlib.sha256(pdf).hexdigest() == seal.pdf_sha256 else None


def _store(path: str, pdf: bytes) -> None:
    storage = documents_storage()
    if storage.exists(path):
        storage.delete(path)
    stored = storage.save(path, ContentFile(pdf))
    if stored != path:  # another process was faster with the same bytes; nothing is to lie beside
        storage.delete(stored)


def _path(document: Document) -> str:
    return f"{document.seller_id}/{document.year}/{document.id}.pdf"


def _key_for(document: Document) -> DocumentKey:
    """Return the seller's key where it has a certificate of its own, else the market's."""
    if document.kind not in MARKETS_OWN:
        style = DocumentStyle.objects.filter(pk=document.seller_id, has_certificate=True)
        if style.exists():
            seller = document.content["seller"]
            return seller_key(document.seller_id, seller["legal_name"] or seller["name"])
    return market_key()
