"""Somebody asks for documents as one ZIP."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.documents.finding import Reader, Wanted, found_ids, tax_invoice_ids
from niaga.flows.documents.jobs import bundle_documents
from niaga.flows.documents.models import Bundle
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

MOST = 5_000
MOST_FOR_TAX = 50_000


@dataclass(eq=False)
class NothingFound(Refusal):
    """No document fits what is wanted."""

    code: ClassVar[str] = "no_document_found"


@dataclass(eq=False)
class TooManyForTax(Refusal):
    """More than `most` invoices fit: a tax office is not told of a part."""

    most: int

    code: ClassVar[str] = "too_many_for_tax"


@command
def ask_bundle(*, reader: Reader, wanted: Wanted) -> UUID:
    """Have a ZIP made of what the reader may see and wants, the newest 5,000; return its id.

    Raises:
        NothingFound: there is nothing to put into it.
    """
    ids = found_ids(reader, wanted, at_most=MOST)
    return _asked(reader, ids, Bundle.Form.PDF)


@command
def ask_tax_files(*, reader: Reader, wanted: Wanted) -> UUID:
    """Have a ZIP of Coretax files made of the invoices that are wanted; return its id.

    Raises:
        NothingFound: there is no invoice among what is wanted.
        TooManyForTax: there are more than 50,000.
    """
    ids = tax_invoice_ids(reader, wanted, at_most=MOST_FOR_TAX + 1)
    if len(ids) > MOST_FOR_TAX:
        raise TooManyForTax(MOST_FOR_TAX)
    return _asked(reader, ids, Bundle.Form.CORETAX)


def _asked(reader: Reader, ids: tuple[UUID, ...], form: Bundle.Form) -> UUID:
    if not ids:
        raise NothingFound
    bundle = Bundle.objects.create(
        id=new_id(),
        owner=reader.owner,
        form=form,
        document_ids=[str(document_id) for document_id in ids],
        asked_at=clock.now(),
    )
    bundle_documents.defer(bundle_id=str(bundle.id))
    return bundle.id
