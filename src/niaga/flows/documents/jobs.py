"""What leaves the flow of documents: printed files, bundles, and the daily root."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import get_default_timezone

from niaga.flows.documents.bundling import forget_bundles, make_bundle
from niaga.flows.documents.commands.publish_root import publish_root
from niaga.flows.documents.printing import documents_to_print, pdf_of
from niaga.flows.documents.redacting import redact_due
from niaga.plumbing.jobs import KEEP_TRYING, app


@app.task(retry=KEEP_TRYING)
def print_document(document_id: str) -> None:
    """Print an issued document into private storage."""
    pdf_of(UUID(document_id))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="print_missing_documents", pass_context=False)
def print_missing_documents(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Print what its own job has not printed within ten minutes; return how many."""
    due = documents_to_print()
    for document_id in due:
        pdf_of(document_id)
    return len(due)


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="publish_daily_root", pass_context=False, retry=KEEP_TRYING)
def publish_daily_root(timestamp: int) -> str | None:
    """Publish yesterday's root, in the first hour that a worker is there."""
    day = datetime.fromtimestamp(timestamp, get_default_timezone()).date() - timedelta(days=1)
    return publish_root(day=day)


@app.task(retry=KEEP_TRYING)
def bundle_documents(bundle_id: str) -> None:
    """Make the ZIP that somebody asked for."""
    make_bundle(UUID(bundle_id))


@app.periodic(cron="30 3 * * *")
@app.task(queueing_lock="forget_bundles", pass_context=False)
def forget_old_bundles(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Delete ZIPs nobody needs any more; return how many."""
    return forget_bundles()


@app.periodic(cron="15 19 * * *")  # 02:15 in Jakarta
@app.task(queueing_lock="redact_due_documents", pass_context=False, retry=KEEP_TRYING)
def redact_due_documents(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Delete the contents of documents whose years of keeping are over; return of how many."""
    return redact_due()
