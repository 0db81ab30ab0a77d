"""Somebody asks for documents as one ZIP."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.documents.finding import Reader, Wanted, found_ids
from niaga.flows.documents.jobs import bundle_documents
from niaga.flows.documents.models import Bundle
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

MOST = 5_000


@dataclass(eq=False)
class NothingFound(Refusal):
    """No document fits what is wanted."""

    code: ClassVar[str] = "no_document_found"


@command
def ask_bundle(*, reader: Reader, wanted: Wanted) -> UUID:
    """Have a ZIP made of what the reader may see and wants, the newest 5,000; return its id.

    Raises:
        NothingFound: there is nothing to put into it.
    """
    ids = found_ids(reader, wanted, at_most=MOST)
    if not ids:
        raise NothingFound
    bundle = Bundle.objects.create(
        id=new_id(),
        owner=reader.owner,
        document_ids=[str(document_id) for document_id in ids],
        asked_at=clock.now(),
    )
    bundle_documents.defer(bundle_id=str(bundle.id))
    return bundle.id
