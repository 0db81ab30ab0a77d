"""Codes to pay by, as the buyer's page shows them."""

from urllib.parse import quote

import segno
from django.conf import settings
from markupsafe import Markup

from niaga.stages.ordering.jobs import hear_soon
from niaga.stages.ordering.queries import PaymentView
from niaga.stages.ordering.receiving import code_of


def code_content(payment: PaymentView) -> str:
    """Return the code a payment waits to be paid by; empty while there is none.

    The first look at a purchase orders the code of the gateway; whoever looks again sees the same.
    While somebody looks, the worker asks the gateway for money; the page itself never does.
    """
    if payment.state != "pending" or not payment.by_code:
        return ""
    found = code_of(payment.payment_id)
    if found is None:
        return ""
    hear_soon()
    return found.content


def qr_code(content: str) -> Markup:
    """Return a code as SVG with its quiet zone, black on white for any scanner."""
    made = segno.make(content, error="m", micro=False)
    return Markup(made.svg_inline(border=4, light="#fff", omitsize=True))  # noqa: S704 - no input


def payer_simulator(content: str) -> str:
    """Return the address where the demo's simulator pays a code; empty at a real gateway."""
    if not (content and settings.PAYER_SIMULATOR_URL):
        return ""
    return f"{settings.PAYER_SIMULATOR_URL}?code={quote(content, safe='')}"
