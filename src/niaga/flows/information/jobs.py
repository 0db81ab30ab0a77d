"""What leaves the flow of information: mails."""

from uuid import UUID

from django.core.mail import EmailMultiAlternatives

from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.plumbing.jobs import KEEP_TRYING, app


@app.task(retry=KEEP_TRYING)
def send_mail(mail_id: str) -> None:
    """Hand one mail to the SMTP server; tried again with growing waits while it is down.

    A crash between the server's answer and the note of it sends the mail twice: at least once.
    The Message-ID is the same both times, so that a mailbox can tell.
    """
    mail = Mail.objects.get(pk=UUID(mail_id))
    if mail.state == Mail.State.SENT:
        return
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<{mail.id}@niaga>", "Content-Language": mail.language},
    )
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except OSError as error:
        Mail.objects.filter(pk=mail.pk).update(tries=mail.tries + 1, error=str(error)[:500])
        raise
    Mail.objects.filter(pk=mail.pk).update(
        state=Mail.State.SENT, sent_at=clock.now(), tries=mail.tries + 1, error=""
    )
