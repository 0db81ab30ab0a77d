"""The mails of a quotation: to the seller who is asked, to the buyer who is answered."""

from typing import cast

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.information.mailing import Letter, write_mail
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.sharing import events
from niaga.stages.sharing.models import Quotation


def mail_asked(event: RecordedEvent) -> None:
    """Tell the seller, in Indonesian, that a buyer asks for prices."""
    quotation = _quotation(event)
    with translation.override("id"):
        letter = Letter(
            subject=_("%(name)s asks for a quotation") % {"name": quotation.person.name},
            paragraphs=(
                _("Hello %(name)s,") % {"name": quotation.seller.name},
                _("A buyer asks what you would charge. Offer your prices, or decline."),
            ),
            facts=((_("The buyer writes"), quotation.note),) if quotation.note else (),
            button=(_("Answer"), reverse("seller:quotation", args=[quotation.id])),
        )
    _write(quotation, letter, to=quotation.seller.email, language="id", template="quotation_asked")


def mail_offered(event: RecordedEvent) -> None:
    """Tell the buyer that there are prices, and where."""
    quotation = _quotation(event)
    person = quotation.person
    with translation.override(person.language):
        letter = Letter(
            subject=_("Your quotation from %(name)s") % {"name": quotation.seller.name},
            paragraphs=(
                _("Hello %(name)s,") % {"name": person.name},
                _("%(seller)s has quoted. The prices hold until the day on its page.")
                % {"seller": quotation.seller.name},
            ),
            facts=((_("The seller writes"), quotation.answer),) if quotation.answer else (),
            button=(_("See the quotation"), reverse("quotation", args=[quotation.id])),
        )
    _write(quotation, letter, to=person.email, language=person.language, template="quotation")


def mail_declined(event: RecordedEvent) -> None:
    """Tell the buyer that the seller would not quote."""
    body = cast("events.QuotationDeclined", event.body)
    if body.role != "seller":
        return
    quotation = _quotation(event)
    person = quotation.person
    with translation.override(person.language):
        letter = Letter(
            subject=_("No quotation from %(name)s") % {"name": quotation.seller.name},
            paragraphs=(
                _("Hello %(name)s,") % {"name": person.name},
                _("%(seller)s does not quote this time. Its usual prices hold.")
                % {"seller": quotation.seller.name},
            ),
            facts=((_("The seller writes"), quotation.answer),) if quotation.answer else (),
        )
    _write(quotation, letter, to=person.email, language=person.language, template="no_quotation")


def _quotation(event: RecordedEvent) -> Quotation:
    return Quotation.objects.select_related("person", "seller").get(pk=event.body.subject_id)


def _write(quotation: Quotation, letter: Letter, *, to: str, language: str, template: str) -> None:
    write_mail(
        to=to,
        language=language,
        letter=letter,
        template=template,
        cause_id=quotation.id,
        dedupe_key=f"{template}:{quotation.id}",
    )
