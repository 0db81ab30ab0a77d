"""Documents that broke a rule and were not issued."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.page import ask, show
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, found
from niaga.flows.documents.commands.draft_document import take_draft
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.retry_draft import retry_draft
from niaga.stages.ordering.refused_drafts import RefusedDraft, refused_draft, refused_drafts


@operator_only
def refused(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what was not issued, and the rule it breaks."""
    return show(request, "refused_drafts", {"drafts": refused_drafts(), "me": actor.person_id})


@operator_only
def take(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponse:
    """Ask, then make the document the operator's own task."""
    about = found(refused_draft(draft_id))

    def act(_form: Confirmation) -> Word:
        take_draft(actor=actor, draft_id=draft_id)
        return _("You look into it now.")

    question = Question(
        title=_("Look into this document?"),
        text=_("Others see that it is yours. Try it again when what is wrong is mended."),
        button=_("I look into it"),
        back=reverse("office:refused_drafts"),
        facts=_facts(about),
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def again(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Ask, then have the document judged again."""
    about = found(refused_draft(draft_id))

    def act(_form: Confirmation) -> Word:
        retry_draft(draft_id=draft_id)
        return _("It is judged again. Once it is valid it is issued and leaves this list.")

    question = Question(
        title=_("Try to issue it again?"),
        text=_("The seller's particulars are read again, then the document is judged as before."),
        button=_("Try again"),
        back=reverse("office:refused_drafts"),
        facts=_facts(about),
    )
    return ask(request, question, Confirmation(answers(request)), act)


def _facts(about: RefusedDraft) -> tuple[tuple[Word, Word], ...]:
    return (
        (_("Document"), about.label),
        (_("Order"), f"{about.order_reference} · {about.seller_name}"),
        (_("Rule"), about.rule),
        (_("What is wrong"), about.message),
    )
