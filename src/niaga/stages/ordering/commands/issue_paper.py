"""A document of an order is issued, and the order's timeline says so."""

from niaga.flows.documents.commands.issue_document import issue_document
from niaga.flows.documents.finishing import Finished, UnissuedDocument, kept_in
from niaga.flows.documents.models import Draft
from niaga.flows.documents.rendering.content import MARKETS_OWN
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import drop_task
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import DocumentIssued, SellerDocumentIssued


@command
def issue_paper(*, document: UnissuedDocument, validated: Finished | None = None) -> None:
    """Issue a document of an order, once about one thing.

    Raises:
        CreditTooHigh: a credit note takes back more than its invoice has left.
        DocumentRedacted: the invoice's contents were deleted.
        OutdatedError: the document would say something else than `validated`.
    """
    issued = issue_document(document=document, validated=validated)
    if issued:
        kind = document.content.kind
        # The buyer's timeline is told of what is for the buyer.
        told = SellerDocumentIssued if kind in MARKETS_OWN else DocumentIssued
        record(
            told(
                subject_id=document.cause_id,
                document_id=issued.document_id,
                kind=kind,
                number=issued.number,
            ),
            actor=Actor.system(),
        )


@command
def issue_judged(*, draft: Draft, judged: Finished) -> None:
    """Issue what was judged of a draft, to the letter; the draft is gone and its task done.

    Raises:
        CreditTooHigh, DocumentRedacted, OutdatedError: see `issue_paper`; the draft stays and no
            number is taken.
    """
    issue_paper(document=kept_in(draft), validated=judged)
    drop_task(kind=DRAFT_TASK, subject_id=draft.id, reason=judged.content.number)
    draft.delete()
