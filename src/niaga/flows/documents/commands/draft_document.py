"""A document that programs will read is drafted; it is issued once it was judged."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from niaga.flows.documents.finishing import UnissuedDocument
from niaga.flows.documents.keeping import require_contents
from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.rendering.content import Party, from_json, to_json
from niaga.flows.documents.tasks import DRAFT_TASK, DUE_IN
from niaga.flows.documents.ubl.checks import Finding
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import open_tasks


@dataclass(eq=False)
class DraftGone(Refusal):
    """The draft was issued meanwhile, or never was."""

    draft_id: UUID

    code: ClassVar[str] = "draft_gone"


@command
def draft_document(*, document: UnissuedDocument) -> UUID | None:
    """Keep the document until it was judged, and return the draft's id.

    None says that the document about this thing was drafted or issued before.

    Raises:
        DocumentRedacted: the contents of the invoice that it corrects were deleted.
    """
    content = document.content
    if Document.objects.filter(kind=content.kind, about_id=document.about_id).exists():
        return None
    if document.corrects_id is not None:
        _hold_contents(document.corrects_id)
    draft, fresh = Draft.objects.get_or_create(
        kind=content.kind,
        about_id=document.about_id,
        defaults={
            "id": new_id(),
            "seller_id": document.seller_id,
            "series_name": document.series_name,
            "cause_id": document.cause_id,
            "corrects_id": document.corrects_id,
            "total_minor": content.totals.grand_total_minor if content.totals else None,
            "content": to_json(content),
        },
    )
    return draft.id if fresh else None


@command
def refuse_draft(*, draft_id: UUID, finding: Finding) -> None:
    """Write down which rule the draft breaks: a task for the operator."""
    Draft.objects.filter(pk=draft_id).update(
        rule=finding.rule, message=finding.message, judged_at=clock.now()
    )
    open_tasks(kind=DRAFT_TASK, subject_ids=(draft_id,), due_in=DUE_IN)


@command
def reopen_draft(*, draft_id: UUID, seller: Party) -> None:
    """Let a refused draft be judged again, with its seller's particulars as they are now.

    Raises:
        DraftGone: it was issued meanwhile.
    """
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise DraftGone(draft_id)
    draft.content = to_json(replace(from_json(draft.content), seller=seller))
    draft.rule, draft.message, draft.judged_at = "", "", None
    draft.save(update_fields=["content", "rule", "message", "judged_at"])


def _hold_contents(invoice_id: UUID) -> None:
    """Hold the invoice, so that it is not redacted meanwhile, and see that it says something."""
    row = Document.objects.select_for_update(no_key=True).defer("content", "xml")
    invoice = row.get(pk=invoice_id)
    require_contents(invoice.number, invoice.redacted_at)
