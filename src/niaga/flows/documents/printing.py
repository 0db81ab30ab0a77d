"""A document's PDF: printed once into private storage, printed again when it was lost."""

import hashlib
from dataclasses import replace
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from niaga.flows.documents.models import Document
from niaga.flows.documents.rendering.content import DocumentContent, from_json
from niaga.flows.documents.rendering.pdf import render_pdf
from niaga.flows.documents.styles import logo_png
from niaga.kernel import clock


class PrintDiffersError(Exception):
    """A document printed again is not the same to the byte: its template was changed."""


def pdf_of(document_id: UUID) -> tuple[str, bytes]:
    """Return a document's file name and PDF; print it where it is not there yet.

    Raises:
        Document.DoesNotExist: no such document.
        PrintDiffersError: the file was lost and the new print has another hash.
    """
    document = Document.objects.get(pk=document_id)
    storage = storages["private"]
    name = document.number.replace("/", "-") + ".pdf"
    if document.pdf_path and storage.exists(document.pdf_path):
        with storage.open(document.pdf_path) as file:
            return name, file.read()
    pdf = render_pdf(_content(document), xml=document.xml, template=document.template)
    sha256 = hashlib.sha256(pdf).hexdigest()
    if document.pdf_sha256 and document.pdf_sha256 != sha256:
        raise PrintDiffersError(f"{document.number}: {sha256} is not {document.pdf_sha256}")
    path = f"documents/{document.seller_id}/{document.year}/{document.id}.pdf"
    if not storage.exists(path):
        storage.save(path, ContentFile(pdf))
    Document.objects.filter(pk=document_id).update(
        pdf_path=path, pdf_sha256=sha256, rendered_at=document.rendered_at or clock.now()
    )
    return name, pdf


def _content(document: Document) -> DocumentContent:
    """Return what the document says, with the logo it names."""
    content = from_json(document.content)
    logo = logo_png(content.style.logo_sha256 if content.style else "")
    return replace(content, seller=replace(content.seller, logo=logo))
