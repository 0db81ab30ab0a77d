"""A seller gives money of its order back."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from niaga.doors.look import refunding
from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.page import found, language
from niaga.doors.seller_portal.page import show
from niaga.stages.ordering.refund_queries import refund_sheet


@seller_only
def refund(request: HttpRequest, desk: SellerDesk, order_id: UUID) -> HttpResponse:
    """Give money of an own order back: choose, see what it does, do it."""
    sheet = refund_sheet(order_id, language=language())
    sheet = found(sheet if sheet and sheet.seller_id == desk.company_id else None)
    back = reverse("seller:order", args=[order_id])
    return refunding.refund(
        request, desk.actor, sheet, back, partial(show, request, desk, "refund")
    )
