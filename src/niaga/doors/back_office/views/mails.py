"""Mails that the market wrote."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.words import MAIL_STANDINGS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, chosen, found, page_number, tabs, words
from niaga.flows.information.commands.resend_mail import resend_mail
from niaga.flows.information.office_queries import mail_html, mail_view, mails_page
from niaga.kernel.actor import Actor

# A letter is a stranger's page: no script, no form, no way to this site. Mail clients read styles
# inside the letter alone, so those are allowed here.
LETTER_CSP: dict[str, Any] = {
    "default-src": [CSP.NONE],
    "img-src": [CSP.SELF, "data:"],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.NONE],
    "sandbox": True,
}


@operator_only
def mails(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all mails, newest first."""
    standing = chosen(request, "standing", MAIL_STANDINGS)
    page = mails_page(standing=standing, words=words(request), page=page_number(request))
    links = tabs(request, MAIL_STANDINGS.items(), page.by_state, standing, "standing")
    return show(request, "mails", {"page": page, "tabs": links, "standings": MAIL_STANDINGS})


@operator_only
def mail(request: HttpRequest, actor: Actor, mail_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Show one mail's words."""
    context = {
        "mail": found(mail_view(mail_id)),
        "standings": MAIL_STANDINGS,
        "languages": dict(settings.LANGUAGES),
    }
    return show(request, "mail", context)


@csp_override(LETTER_CSP)
@operator_only
def letter(request: HttpRequest, actor: Actor, mail_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give the HTML as it was sent, locked into a sandbox."""
    return HttpResponse(found(mail_html(mail_id)))


@operator_only
def resend(request: HttpRequest, actor: Actor, mail_id: UUID) -> HttpResponse:
    """Ask, then send a mail again that did not get through."""
    about = found(mail_view(mail_id)).about

    def act(_form: Confirmation) -> Word:
        resend_mail(actor=actor, mail_id=mail_id)
        return _("The mail will be sent again in a moment.")

    question = Question(
        title=_("Send this mail again?"),
        text=_("It goes to the same address."),
        button=_("Send it again"),
        back=reverse("office:mail", args=[mail_id]),
        facts=((_("To"), about.to), (_("Subject"), about.subject), (_("Error"), about.error)),
    )
    return ask(request, question, Confirmation(answers(request)), act)
