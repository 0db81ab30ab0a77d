"""Documents whose years of keeping are over: their contents and PDFs are deleted, lot by lot."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Max

from niaga.flows.documents.commands.redact_documents import documents_to_redact, redact_documents
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import documents_storage

LOT = 500

type Told = Callable[[int], None]
"""Told how many documents are redacted."""


@dataclass(frozen=True, slots=True)
class Due:
    """How many documents are to be redacted, and the last year among theirs."""

    documents: int
    until_year: int | None


def due() -> Due:
    """Return what `redact_due` would redact now; one statement."""
    found = documents_to_redact().aggregate(documents=Count("pk"), until_year=Max("year"))
    return Due(found["documents"], found["until_year"])


def redact_due(*, told: Told = lambda _done: None) -> int:
    """Delete contents, XML and PDFs of all documents whose years are over; return of how many.

    A lot is one transaction, and its files are deleted after it. Whatever ends the run in between,
    the next one goes on from there, with the files that were left first.
    """
    delete_files()
    done = 0
    oldest = documents_to_redact().order_by("year", "id").values_list("id", flat=True)
    while lot := list(oldest[:LOT]):
        done += redact_documents(document_ids=lot)
        delete_files()
        told(done)
    return done


def delete_files() -> int:
    """Delete the PDFs of redacted documents that are still stored; return how many."""
    left = Document.objects.filter(redacted_at__isnull=False).exclude(pdf_path="")
    done = 0
    while lot := dict(left.order_by("id").values_list("id", "pdf_path")[:LOT]):
        for path in lot.values():
            documents_storage().delete(path)
        done += left.filter(pk__in=lot).update(pdf_path="")
    return done
