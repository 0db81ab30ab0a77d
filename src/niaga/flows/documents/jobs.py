"""What leaves the flow of documents: printed files."""

from uuid import UUID

from niaga.flows.documents.printing import pdf_of
from niaga.plumbing.jobs import KEEP_TRYING, app


@app.task(retry=KEEP_TRYING)
def print_document(document_id: str) -> None:
    """Print an issued document into private storage."""
    pdf_of(UUID(document_id))
