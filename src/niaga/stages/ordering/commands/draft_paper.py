"""A document of an order that programs will read is drafted, and judged by a worker."""

from uuid import UUID

from niaga.flows.documents.commands.draft_document import draft_document, reopen_draft
from niaga.flows.documents.rendering.content import DocumentContent, Party
from niaga.plumbing.command import command
from niaga.stages.ordering.jobs import issue_drafted


@command
def draft_paper(
    *,
    order_id: UUID,
    seller_id: UUID,
    series_name: str,
    about_id: UUID,
    content: DocumentContent,
    corrects_id: UUID | None = None,
) -> None:
    """Draft `content` for the order, once about `about_id`; it is issued if it is valid."""
    draft_id = draft_document(
        seller_id=seller_id,
        series_name=series_name,
        cause_id=order_id,
        about_id=about_id,
        content=content,
        corrects_id=corrects_id,
    )
    if draft_id:
        issue_drafted.defer(draft_id=str(draft_id))


@command
def retry_draft(*, draft_id: UUID, seller: Party) -> None:
    """Judge a refused draft again, with its seller's particulars as they are now.

    Raises:
        DraftGone: it was issued meanwhile.
    """
    reopen_draft(draft_id=draft_id, seller=seller)
    issue_drafted.defer(draft_id=str(draft_id))
