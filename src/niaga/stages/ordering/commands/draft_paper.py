"""A document of an order that programs will read is drafted, and judged by a worker."""

from niaga.flows.documents.commands.draft_document import draft_document
from niaga.flows.documents.finishing import UnissuedDocument
from niaga.plumbing.command import command
from niaga.stages.ordering.jobs import issue_drafted


@command
def draft_paper(*, document: UnissuedDocument) -> None:
    """Draft a document of an order, once about one thing; it is issued if it is valid."""
    draft_id = draft_document(document=document)
    if draft_id:
        issue_drafted.defer(draft_id=str(draft_id))
