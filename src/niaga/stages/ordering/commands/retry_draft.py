"""A refused document is judged again, once what was wrong is mended."""

from uuid import UUID

from niaga.flows.documents.commands.draft_document import DraftGone, reopen_draft
from niaga.flows.documents.models import Draft
from niaga.parties.models import Company
from niaga.plumbing.command import command
from niaga.stages.ordering.jobs import issue_drafted
from niaga.stages.ordering.papers import party_of


@command
def retry_draft(*, draft_id: UUID) -> None:
    """Judge a refused draft again, with its seller's particulars as they are now.

    Raises:
        DraftGone: it was issued meanwhile.
    """
    seller_id = Draft.objects.filter(pk=draft_id).values_list("seller_id", flat=True).first()
    if seller_id is None:
        raise DraftGone(draft_id)
    reopen_draft(draft_id=draft_id, seller=party_of(Company.objects.get(pk=seller_id)))
    issue_drafted.defer(draft_id=str(draft_id))
