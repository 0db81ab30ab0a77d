"""A document of an order that programs will read is drafted, and judged by a worker."""

from uuid import UUID

from niaga.flows.documents.commands.draft_document import draft_document
from niaga.flows.documents.rendering.content import DocumentContent
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
