"""Invoices on their way to the tax office: files for Coretax, and a summary of what is in them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import batched, groupby
from typing import cast
from uuid import UUID

from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from niaga.flows.documents.models import Document
from niaga.flows.documents.queries import credited
from niaga.flows.documents.rendering.content import MARKETS_OWN, from_json
from niaga.flows.documents.ubl.coretax import (
    MOST_IN_A_FILE,
    TaxInvoice,
    bulk_xml,
    tax_invoice,
)
from niaga.flows.documents.ubl.markup import decimal_text
from niaga.flows.documents.ubl.net import UnwritableError
from niaga.parties.models import Company
from niaga.plumbing.tables import csv_line

SUMMARY = "summary.csv"
HEAD = ("number", "issued", "issuer", "buyer", "tax base", "other tax base", "PPN", "file", "note")
_AT_ONCE = 500

type Packed = tuple[str, bytes, int]
"""A file's name, its bytes, and how many documents are done with it."""


def tax_files(ids: Iterable[UUID]) -> Iterator[Packed]:
    """Yield the invoices among `ids` as Coretax files, a seller's 1,000 a file, then a summary.

    An invoice that was credited whole is left out, as is one that the tax office would refuse or
    whose contents were deleted; the summary tells of each what became of it. One file is in
    memory at a time.
    """
    summary = [csv_line(HEAD)]
    slugs = dict(Company.objects.values_list("id", "slug"))
    done = 0
    for seller_id, documents in groupby(_documents(ids), key=_issuer):
        name = slugs[seller_id] if seller_id else "market"
        for serial, some in enumerate(batched(documents, MOST_IN_A_FILE, strict=False), 1):
            file, taken = f"coretax-{name}-{serial:03}.xml", []
            for document in some:
                invoice, note = _judged(document)
                summary.append(csv_line(_row(document, invoice, file if invoice else "", note)))
                if invoice:
                    taken.append(invoice)
            done += len(some)
            if taken:
                yield file, bulk_xml(taken[0].content.seller.npwp, taken).encode(), done
    yield SUMMARY, "".join(summary).encode("utf-8-sig"), done


def _documents(ids: Iterable[UUID]) -> Iterator[Document]:
    """Yield the documents, the market's own first, then seller by seller, the oldest first."""
    rows = Document.objects.filter(pk__in=list(ids))
    ordered = list(
        rows.order_by("kind", "seller_id", "issued_at", "id").values_list("pk", flat=True)
    )
    for some in batched(ordered, _AT_ONCE, strict=False):
        found = (
            Document.objects.filter(pk__in=some)
            .defer("xml")
            .annotate(credited=credited(Document))
            .in_bulk()
        )
        yield from (found[pk] for pk in some)


def _issuer(document: Document) -> UUID | None:
    """Return the seller who issued it; None for the market."""
    return None if document.kind in MARKETS_OWN else document.seller_id


def _judged(document: Document) -> tuple[TaxInvoice | None, str]:
    """Return the tax invoice, or None and why not; a note where something is left to do."""
    if document.redacted_at:
        return None, redaction_note(document.redacted_at)
    content = from_json(document.content)
    back = cast("int", document.credited)  # type: ignore[attr-defined]
    with translation.override(content.language):
        if back and back == document.total_minor:
            return None, _("credited whole")
        try:
            invoice = tax_invoice(content)
        except UnwritableError as error:
            return None, str(error)
        if invoice is None:
            return None, _("no PPN")
        note = _("%(amount)s of it credited: the buyer writes a return note (nota retur)")
        return invoice, note % {"amount": decimal_text(back, "IDR")} if back else ""


def _row(document: Document, invoice: TaxInvoice | None, file: str, note: str) -> list[str]:
    parties, amounts = ["", ""], ["", "", ""]
    if not document.redacted_at:
        seller, buyer = document.content["seller"], document.content["buyer"]
        parties = [seller["name"], buyer["legal_name"] or buyer["name"]]
    if invoice:
        other = sum(line.other_base_minor for line in invoice.lines)
        sums = (invoice.base_minor, other, invoice.tax_minor)
        amounts = [decimal_text(minor, "IDR") for minor in sums]
    return [
        document.number,
        f"{localtime(document.issued_at):%Y-%m-%d}",
        *parties,
        *amounts,
        file,
        note,
    ]


def redaction_note(redacted_at: datetime) -> str:
    """Return what a summary says of a document whose contents were deleted."""
    return _("contents deleted on %(day)s") % {"day": f"{localtime(redacted_at):%Y-%m-%d}"}
