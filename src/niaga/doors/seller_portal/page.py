"""What every page of the seller portal shares: its frame, and how it asks."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.access import SellerDesk, is_selling
from niaga.doors.look.ask import Question, ask_first
from niaga.doors.look.page import Word

# heading -> (label, name of the page, icon, count)
MENU: tuple[tuple[Word, tuple[tuple[Word, str, str, int], ...]], ...] = (
    ("", ((_("Overview"), "seller:home", "layout-dashboard", 0),)),
    (
        _("Sales"),
        (
            (_("Orders"), "seller:orders", "package", 0),
            (_("Quotations"), "seller:quotations", "clipboard-list", 0),
            (_("Complaints"), "seller:complaints", "message-circle", 0),
            (_("Reviews"), "seller:reviews", "star", 0),
        ),
    ),
    (
        _("Catalogue"),
        (
            (_("Products"), "seller:products", "tag", 0),
            (_("Stock"), "seller:stock", "warehouse", 0),
            (_("Delivery"), "seller:deliveries", "truck", 0),
        ),
    ),
    (
        _("Records"),
        (
            (_("Balance"), "seller:balance", "wallet", 0),
            (_("Held back"), "seller:holds", "lock", 0),
            (_("Documents"), "seller:documents", "file-text", 0),
        ),
    ),
    (_("Shop"), ((_("Settings"), "seller:shop", "settings", 0),)),
)


def show(
    request: HttpRequest,
    desk: SellerDesk,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Return the page `seller_portal/<template>.html` inside the door's frame."""
    frame = {"side": MENU, "desk": desk, "selling": is_selling(desk)}
    return render(request, f"seller_portal/{template}.html", {**frame, **context}, status=status)


def ask[F: Form](
    request: HttpRequest, desk: SellerDesk, question: Question, form: F, act: Callable[[F], Word]
) -> HttpResponse:
    """Ask the seller, then act (see `look.ask`)."""
    return ask_first(request, question, form, act, partial(show, request, desk, "question"))


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of this door."""
    return redirect(f"seller:{name}", *args)
