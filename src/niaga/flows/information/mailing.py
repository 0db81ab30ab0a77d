"""Mails: written inside a reaction, sent by a job through SMTP, kept for the operator to see."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from niaga.flows.information.jobs import send_mail
from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One row of a letter's table."""

    title: str
    detail: str
    amount: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in its reader's language; `button` is (label, path on the market)."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[LetterLine, ...] = ()
    total: str = ""
    button: tuple[str, str] | None = None


def write_mail(
    *, to: str, language: str, letter: Letter, template: str, cause_id: UUID, dedupe_key: str
) -> None:
    """Write a letter down and ask for it to be sent; the same `dedupe_key` writes it once."""
    with translation.override(language):
        values = {"letter": letter, "site_url": settings.SITE_URL, "language": language}
        text = get_template("mail/letter.txt").render(values)
        html = get_template("mail/letter.html").render(values)
    mail = Mail(
        id=new_id(),
        cause_id=cause_id,
        dedupe_key=dedupe_key,
        to=to,
        language=language,
        template=template,
        subject=letter.subject,
        text=text.strip(),
        html=html,
        created_at=clock.now(),
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    if Mail.objects.filter(pk=mail.pk).exists():
        send_mail.defer(mail_id=str(mail.id))
