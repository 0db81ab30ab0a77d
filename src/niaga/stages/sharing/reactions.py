"""Cards follow what was written, priced, stocked and decided."""

from typing import cast

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.goods.events import StockRanLow
from niaga.flows.information.mailing import Letter, write_mail
from niaga.flows.information.models import Variant
from niaga.parties.models import Company
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.sharing import indexing


def index_product(event: RecordedEvent) -> None:
    """Rewrite the card of the event's subject, a product."""
    indexing.index_products([event.body.subject_id])


def index_company(event: RecordedEvent) -> None:
    """Rewrite the cards of the event's subject, a company."""
    indexing.index_company(event.body.subject_id)


def index_stock(event: RecordedEvent) -> None:
    """Bring the card of the event's subject, a SKU, in line with its stock."""
    indexing.index_stock([event.body.subject_id])


def mail_low_stock(event: RecordedEvent) -> None:
    """Tell the seller, in Indonesian, that a SKU runs low."""
    body = cast("StockRanLow", event.body)
    variant = Variant.objects.select_related("product").get(pk=body.subject_id)
    with translation.override("id"):
        letter = Letter(
            subject=_("Runs low: %(name)s") % {"name": variant.product.name_id},
            paragraphs=(
                _("%(free)s are left of %(name)s.")
                % {"free": body.free, "name": variant.product.name_id},
            ),
            facts=((_("SKU"), variant.sku), (_("You asked to be told at"), str(body.alert_at))),
            button=(_("See your stock"), reverse("seller:sku", args=[variant.id])),
        )
    write_mail(
        to=Company.objects.values_list("email", flat=True).get(pk=body.seller_id),
        language="id",
        letter=letter,
        template="low_stock",
        cause_id=variant.id,
        dedupe_key=f"low_stock:{event.id}",
    )
