"""What the labels of a seller's parcels say, and their PDF."""

from collections.abc import Collection
from uuid import UUID

from niaga.flows.documents.rendering.parcel_label import ParcelLabel, render_labels
from niaga.flows.goods.models import Shipment
from niaga.kernel import clock
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.queries import contact_view

MOST_LABELS = 200


def labels_pdf(shipment_ids: Collection[UUID], *, seller_id: UUID, language: str) -> bytes | None:
    """Return the labels of those parcels that are the seller's, or None where none is.

    Without any named: of the newest parcels.

    At most MOST_LABELS, the newest parcel first; two statements, whatever their number.
    """
    own = Shipment.objects.filter(seller_id=seller_id, sscc__isnull=False)
    named = own.filter(pk__in=shipment_ids) if shipment_ids else own
    parcels = list(named.order_by("-created_at", "-id")[:MOST_LABELS])
    orders = (
        Order.objects.filter(pk__in={parcel.cause_id for parcel in parcels})
        .select_related("purchase", "seller")
        .in_bulk()
    )
    labels = [_label(parcel, orders[parcel.cause_id]) for parcel in parcels]
    if not labels:
        return None
    return render_labels(labels, language=language, printed_at=clock.now())


def _label(parcel: Shipment, order: Order) -> ParcelLabel:
    buyer, seller = contact_view(order.purchase), order.seller
    return ParcelLabel(
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        order=order.reference,
        sscc=parcel.sscc or "",
        weight_g=parcel.weight_g,
        sender=(
            seller.name,
            seller.street,
            " ".join(part for part in (seller.city, seller.postal_code) if part),
            seller.phone,
        ),
        recipient=(buyer.recipient or buyer.name, *buyer.address_lines, buyer.phone),
    )
