"""A document is sent again by mail, to whom it was issued."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.documents.keeping import require_contents
from niaga.flows.documents.models import Document
from niaga.flows.documents.rendering.content import MARKETS_OWN
from niaga.flows.information.mailing import Letter, write_mail
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.parties.models import Person
from niaga.plumbing.command import command
from niaga.stages.ordering import letters
from niaga.stages.ordering.letters import OrderFacts, load_order
from niaga.stages.ordering.models import Order, Purchase


@dataclass(eq=False)
class NobodyToMail(Refusal):
    """The document belongs to no order, so nobody is known to be mailed."""

    code: ClassVar[str] = "nobody_to_mail"


@command
def mail_document(*, document_id: UUID) -> str:
    """Mail the way to a document to its addressee, at most once a minute; return the address.

    What the market issued goes to the seller, everything else to the buyer; a quotation to who
    asked for it. The mail leads to the
    purchase's own page, so that the PDF itself lies in no mailbox.

    Raises:
        NobodyToMail: the document is of no order and no quotation.
        DocumentRedacted: its contents were deleted, so there is nothing to open.
    """
    document = Document.objects.defer("content", "xml").get(pk=document_id)
    require_contents(document.number, document.redacted_at)
    minute = clock.now().strftime("%Y%m%d%H%M")
    if document.kind == Document.Kind.QUOTATION:
        return _mail_quotation(document, minute)
    if not Order.objects.filter(pk=document.cause_id).exists():
        raise NobodyToMail
    facts = load_order(document.cause_id)
    if document.kind in MARKETS_OWN:

        def to_seller(told: OrderFacts, language: str) -> Letter:  # noqa: ARG001 - a Compose
            return _letter(document, told.order.seller.name, reverse("seller:documents"))

        again = f"{document_id}:{minute}"
        letters.to_seller(facts, to_seller, template="document", about_id=again)
        return facts.order.seller.email

    def to_buyer(purchase: Purchase, language: str) -> Letter:  # noqa: ARG001 - a Compose
        return _letter(document, purchase.name, letters.purchase_path(purchase))

    letters.to_buyer(
        facts.purchase, to_buyer, template="document", cause_id=document_id, again=minute
    )
    return facts.purchase.email


def _mail_quotation(document: Document, minute: str) -> str:
    person = Person.objects.get(quotations=document.cause_id)
    with translation.override(person.language):
        letter = _letter(document, person.name, reverse("quotation", args=[document.cause_id]))
    write_mail(
        to=person.email,
        language=person.language,
        letter=letter,
        template="document",
        cause_id=document.id,
        dedupe_key=f"document:{document.id}:{minute}",
    )
    return person.email


def _letter(document: Document, name: str, path: str) -> Letter:
    kind = str(document.get_kind_display())
    return Letter(
        subject=f"{kind} {document.number}",
        paragraphs=(
            _("Hello %(name)s,") % {"name": name},
            _("Here is the document you asked for. You find it, with all others, on its page."),
        ),
        facts=((kind, document.number),),
        button=(_("Open the page"), path),
    )
