"""The operator asks for a mail to be sent again that did not get through."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.information.events import MailRetried
from niaga.flows.information.jobs import send_mail
from niaga.flows.information.models import Mail
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@dataclass(eq=False)
class MailSentBefore(Refusal):
    """The mail got through; nobody is written to twice."""

    code: ClassVar[str] = "mail_sent_before"


@command
def resend_mail(*, actor: Actor, mail_id: UUID) -> None:
    """Ask the job queue to send the mail now.

    Raises:
        MailSentBefore: it was sent.
    """
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state == Mail.State.SENT:
        raise MailSentBefore
    send_mail.defer(mail_id=str(mail_id))
    record(MailRetried(subject_id=mail.id, to=mail.to), actor=actor)
