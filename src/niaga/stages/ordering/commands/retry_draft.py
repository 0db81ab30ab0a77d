"""A refused document is judged again, once what was wrong is mended."""

from uuid import UUID

from niaga.flows.documents.commands.draft_document import DraftGone, reopen_draft
from niaga.flows.documents.models import Draft
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.kernel.actor import Actor
from niaga.parties.models import Company
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import check_own_task
from niaga.stages.ordering.jobs import issue_drafted
from niaga.stages.ordering.papers import party_of


@command
def retry_draft(*, actor: Actor, draft_id: UUID) -> None:
    """Judge a refused draft again, with its seller's particulars as they are now.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken its task.
        DraftGone: it was issued meanwhile.
    """
    seller_id = Draft.objects.filter(pk=draft_id).values_list("seller_id", flat=True).first()
    if seller_id is None:
        raise DraftGone(draft_id)
    check_own_task(actor, kind=DRAFT_TASK, subject_id=draft_id)
    reopen_draft(draft_id=draft_id, seller=party_of(Company.objects.get(pk=seller_id)))
    issue_drafted.defer(draft_id=str(draft_id))
