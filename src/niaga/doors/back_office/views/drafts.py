"""Documents that broke a rule and were not issued: what their task asks for."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.page import ask
from niaga.doors.back_office.task_facts import facts_of
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, found
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.task_queries import tasks_about
from niaga.stages.ordering.commands.retry_draft import retry_draft
from niaga.stages.ordering.refused_drafts import refused_draft


@operator_only
def again(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Ask, then have the document judged again."""
    found(refused_draft(draft_id))
    task = tasks_about(DRAFT_TASK, [draft_id])[draft_id]

    def act(_form: Confirmation) -> Word:
        retry_draft(actor=actor, draft_id=draft_id)
        return _("It is judged again. Once it is valid it is issued, and the task is done.")

    question = Question(
        title=_("Try to issue it again?"),
        text=_("The seller's particulars are read again, then the document is judged as before."),
        button=_("Try again"),
        back=reverse("office:task", args=[task.task_id]),
        facts=facts_of(DRAFT_TASK, draft_id),
    )
    return ask(request, question, Confirmation(answers(request)), act)
