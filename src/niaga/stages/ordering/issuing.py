"""Issues drafts: judged outside any transaction, then issued to the letter in a short one."""

from datetime import timedelta
from uuid import UUID

from niaga.flows.documents.commands.draft_document import refuse_draft
from niaga.flows.documents.commands.issue_document import CreditTooHigh, OutdatedError
from niaga.flows.documents.judging import judge
from niaga.flows.documents.keeping import DocumentRedacted
from niaga.flows.documents.models import Draft
from niaga.flows.documents.ubl.checks import Finding
from niaga.kernel import clock
from niaga.stages.ordering.commands.issue_paper import issue_judged

PATIENCE = 50


class CrowdedError(Exception):
    """Others took the coming number each time: the job is tried again later."""


def drafts_waiting(at_most: int = 500) -> tuple[UUID, ...]:
    """Return drafts that nobody has judged within ten minutes, the oldest first."""
    due = Draft.objects.filter(rule="", drafted_at__lte=clock.now() - timedelta(minutes=10))
    return tuple(due.order_by("drafted_at").values_list("id", flat=True)[:at_most])


def issue_draft(draft_id: UUID) -> None:
    """Issue the draft, or write down the rule it breaks; what is issued already is left alone.

    Where another document takes the number first, the draft is judged again under the next one:
    one of those who compete always gets through.

    Raises:
        RulesUnavailableError: nobody could judge it now.
        CrowdedError: the number was taken `PATIENCE` times.
    """
    for _ in range(PATIENCE):
        draft = Draft.objects.filter(pk=draft_id, rule="").first()
        if draft is None:
            return
        judged = judge(draft)
        if isinstance(judged, Finding):
            refuse_draft(draft_id=draft_id, finding=judged)
            return
        try:
            issue_judged(draft=draft, judged=judged)
        except CreditTooHigh as no:
            refuse_draft(draft_id=draft_id, finding=Finding("NIAGA-05", f"left: {no.left_minor}"))
        except DocumentRedacted as no:
            finding = Finding("NIAGA-06", f"the contents of {no.number} were deleted")
            refuse_draft(draft_id=draft_id, finding=finding)
        except OutdatedError:
            continue
        return
    raise CrowdedError(str(draft_id))
