"""A document of an order is issued, and the order's timeline says so."""

from uuid import UUID

from niaga.flows.documents.commands.issue_document import issue_document
from niaga.flows.documents.finishing import Finished
from niaga.flows.documents.models import Draft
from niaga.flows.documents.rendering.content import MARKETS_OWN, DocumentContent, from_json
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import drop_task
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import DocumentIssued, SellerDocumentIssued


@command
def issue_paper(
    *,
    order_id: UUID,
    seller_id: UUID,
    series_name: str,
    about_id: UUID,
    content: DocumentContent,
    corrects_id: UUID | None = None,
    validated: Finished | None = None,
) -> None:
    """Issue `content` for the order, once about `about_id`.

    Raises:
        CreditTooHigh: a credit note takes back more than the invoice `corrects_id` has left.
        OutdatedError: the document would say something else than `validated`.
    """
    issued = issue_document(
        seller_id=seller_id,
        series_name=series_name,
        cause_id=order_id,
        about_id=about_id,
        content=content,
        corrects_id=corrects_id,
        validated=validated,
    )
    if issued:
        # The buyer's timeline is told of what is for the buyer.
        told = SellerDocumentIssued if content.kind in MARKETS_OWN else DocumentIssued
        record(
            told(
                subject_id=order_id,
                document_id=issued.document_id,
                kind=content.kind,
                number=issued.number,
            ),
            actor=Actor.system(),
        )


@command
def issue_judged(*, draft: Draft, judged: Finished) -> None:
    """Issue what was judged of a draft, to the letter; the draft is gone and its task done.

    Raises:
        CreditTooHigh, OutdatedError: see `issue_paper`; the draft stays and no number is taken.
    """
    issue_paper(
        order_id=draft.cause_id,
        seller_id=draft.seller_id,
        series_name=draft.series_name,
        about_id=draft.about_id,
        content=from_json(draft.content),
        corrects_id=draft.corrects_id,
        validated=judged,
    )
    drop_task(kind=DRAFT_TASK, subject_id=draft.id, reason=judged.content.number)
    draft.delete()
