"""Mails: written inside a reaction, sent by a job through SMTP, kept for the operator to see."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.ids import new_id


def write_mail(
    *,
    to: str,
    template: str,
    language: str,
    context: Mapping[str, Any],
    cause_id: UUID,
    dedupe_key: str,
) -> UUID | None:
    """Write one mail from `mail/<template>.html` and `.txt`; return its id.

    The text template's first line is the subject. A mail with the same `dedupe_key` is written
    once: None says it was there. The caller defers `send_mail` with the id.
    """
    with translation.override(language):
        values = {**context, "site_url": settings.SITE_URL, "language": language}
        text = get_template(f"mail/{template}.txt").render(values)
        html = get_template(f"mail/{template}.html").render(values)
    subject, _, body = text.strip().partition("\n")
    mail = Mail(
        id=new_id(),
        cause_id=cause_id,
        dedupe_key=dedupe_key,
        to=to,
        language=language,
        template=template,
        subject=subject.strip(),
        text=body.strip(),
        html=html,
        created_at=clock.now(),
    )
    made = Mail.objects.bulk_create([mail], ignore_conflicts=True)
    fresh = Mail.objects.filter(pk=made[0].pk).exists()
    return mail.id if fresh else None
