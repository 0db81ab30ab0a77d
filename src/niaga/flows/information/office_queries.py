"""What the operator asks of mails."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from niaga.flows.information.models import Mail
from niaga.plumbing.paging import Page, paged_by_state

# A mail that was refused once waits for its next try: for the operator it has failed.
_FAILED = Q(state=Mail.State.FAILED) | (Q(state=Mail.State.WAITING) & ~Q(error=""))


@dataclass(frozen=True, slots=True)
class MailSummary:
    """A mail as lists show it; `standing` is waiting, sent or failed (tried in vain so far)."""

    mail_id: UUID
    to: str
    subject: str
    template: str
    standing: str
    tries: int
    error: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail with its words; its HTML is asked for apart (`mail_html`)."""

    about: MailSummary
    language: str
    text: str


def mails_page(*, standing: str = "", words: str = "", page: int = 1) -> Page[MailSummary]:
    """Return a page of mails, newest first; `words` match address or subject. Two statements."""
    rows = _mails().defer("text", "html")
    if word := words.strip():
        rows = rows.filter(Q(to__icontains=word) | Q(subject__icontains=word))
    return paged_by_state(
        rows.order_by("-created_at", "-id"), _summary, state=standing, page=page, column="standing"
    )


def mail_view(mail_id: UUID) -> MailView | None:
    """Return a mail, or None; one statement."""
    row = _mails().defer("html").filter(pk=mail_id).first()
    return MailView(_summary(row), row.language, row.text) if row else None


def mail_html(mail_id: UUID) -> str | None:
    """Return the HTML that was sent, or None when there is no such mail."""
    return Mail.objects.filter(pk=mail_id).values_list("html", flat=True).first()


def failed_mails() -> int:
    """Return how many mails were tried in vain so far."""
    return Mail.objects.filter(_FAILED).count()


def _mails() -> QuerySet[Any]:
    return Mail.objects.annotate(
        standing=Case(
            When(_FAILED, then=Value("failed")), default=F("state"), output_field=CharField()
        )
    )


def _summary(row: Any) -> MailSummary:
    return MailSummary(
        mail_id=row.id,
        to=row.to,
        subject=row.subject,
        template=row.template,
        standing=row.standing,
        tries=row.tries,
        error=row.error,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
