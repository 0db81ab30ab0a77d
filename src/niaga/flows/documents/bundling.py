"""Many documents as one ZIP: made by a job into storage, read by who asked for it."""

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.files import File

from niaga.flows.documents.keeping import DocumentRedacted
from niaga.flows.documents.models import Bundle, Document
from niaga.flows.documents.printing import documents_storage, pdf_of
from niaga.flows.documents.tax_files import SUMMARY, Packed, redaction_note, tax_files
from niaga.kernel import clock
from niaga.plumbing.tables import csv_line

KEPT_FOR = timedelta(days=3)
_TOLD_EVERY = 10
_CHUNK = 64 * 1024
_PACKING = {Bundle.Form.PDF: zipfile.ZIP_STORED, Bundle.Form.CORETAX: zipfile.ZIP_DEFLATED}


@dataclass(frozen=True, slots=True)
class BundleView:
    """How far a bundle is.

    Once it is ready: `left_out` of its documents are redacted, and named in its summary.
    """

    bundle_id: UUID
    done: int
    total: int
    ready: bool
    left_out: int


def bundle_of(bundle_id: UUID, owner: str) -> BundleView | None:
    """Return how far the reader's own bundle is, or None; one statement, two once it is made."""
    row = Bundle.objects.filter(pk=bundle_id, owner=owner).first()
    if row is None:
        return None
    gone = Document.objects.filter(pk__in=row.document_ids, redacted_at__isnull=False)
    ready = bool(row.path)
    return BundleView(row.id, row.done, len(row.document_ids), ready, gone.count() if ready else 0)


def bundle_chunks(bundle_id: UUID, owner: str) -> Iterator[bytes] | None:
    """Return the reader's own ZIP piece by piece; None where there is none or it is not ready."""
    row = Bundle.objects.filter(pk=bundle_id, owner=owner).exclude(path="").first()
    if row is None or not documents_storage().exists(row.path):
        return None
    return _chunks(row.path)


def _chunks(path: str) -> Iterator[bytes]:
    with documents_storage().open(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def make_bundle(bundle_id: UUID) -> None:
    """Write the ZIP document by document; a second call makes it anew unless it is there."""
    row = Bundle.objects.get(pk=bundle_id)
    if row.path:
        return
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", _PACKING[Bundle.Form(row.form)]) as archive:
            told = 0
            for name, content, done in _files(row):
                archive.writestr(name, content)
                if done >= told + _TOLD_EVERY:
                    told = done
                    Bundle.objects.filter(pk=bundle_id).update(done=done)
        file.seek(0)
        path = documents_storage().save(f"bundles/{bundle_id}.zip", File(file))
    Bundle.objects.filter(pk=bundle_id).update(done=len(row.document_ids), path=path)


def forget_bundles() -> int:
    """Delete bundles that were asked for long ago; return how many."""
    old = Bundle.objects.filter(asked_at__lt=clock.now() - KEPT_FOR)
    for path in old.exclude(path="").values_list("path", flat=True):
        documents_storage().delete(path)
    return old.delete()[0]


def _files(row: Bundle) -> Iterator[Packed]:
    ids = [UUID(document_id) for document_id in row.document_ids]
    return tax_files(ids) if row.form == Bundle.Form.CORETAX else _printed(ids)


def _printed(ids: list[UUID]) -> Iterator[Packed]:
    """Yield PDFs, each name once; one document is in memory at a time.

    Where one is redacted, a summary at the end tells so.
    """
    names: set[str] = set()
    left_out: list[str] = []
    for done, document_id in enumerate(ids, 1):
        try:
            name, pdf = pdf_of(document_id)
        except DocumentRedacted as gone:
            left_out.append(csv_line([gone.number, redaction_note(gone.redacted_at)]))
            continue
        if name in names:
            name = f"{document_id}-{name}"
        names.add(name)
        yield name, pdf, done
    if left_out:
        summary = "".join([csv_line(["number", "note"]), *left_out])
        yield SUMMARY, summary.encode("utf-8-sig"), len(ids)
