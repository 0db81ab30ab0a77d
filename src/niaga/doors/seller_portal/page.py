"""What every page of the seller portal shares: its menu, its tabs, what the address asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.access import SellerDesk, is_selling
from niaga.doors.look.formats import query

type Word = str | Promise
type Tab = tuple[Word, str, bool, int | None]

# heading -> (label, name of the page, icon, count)
MENU: tuple[tuple[Word, tuple[tuple[Word, str, str, int], ...]], ...] = (
    ("", ((_("Overview"), "seller:home", "layout-dashboard", 0),)),
    (
        _("Sales"),
        (
            (_("Orders"), "seller:orders", "package", 0),
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
            (_("Documents"), "seller:documents", "file-text", 0),
        ),
    ),
    (_("Shop"), ((_("Settings"), "seller:shop", "settings", 0),)),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the seller is asked before something happens; `facts` say to what."""

    title: Word
    text: Word
    button: Word
    back: str
    facts: tuple[tuple[Word, Any], ...] = ()
    danger: bool = False


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


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of this door."""
    return redirect(f"seller:{name}", *args)


def found[T](thing: T | None) -> T:
    """Return the thing.

    Raises:
        Http404: there is none, or it is not this seller's.
    """
    if thing is None:
        raise Http404
    return thing


def tabs(
    request: HttpRequest,
    choices: Iterable[tuple[str, Word]],
    counts: Mapping[str, int],
    current: str,
    name: str = "state",
) -> list[Tab]:
    """Return tabs for `ui.tabs`: everything first, then one a state, each with its count."""
    everything: Tab = (
        _("All"),
        query(request, **{name: None, "page": None}),
        not current,
        sum(counts.values()),
    )
    return [
        everything,
        *(
            (
                label,
                query(request, **{name: code, "page": None}),
                code == current,
                counts.get(code, 0),
            )
            for code, label in choices
        ),
    ]


def chosen(request: HttpRequest, name: str, allowed: Iterable[str]) -> str:
    """Return what the address asks for under `name`, or nothing when it is not allowed."""
    value = request.GET.get(name, "")
    return value if value in allowed else ""


def words(request: HttpRequest) -> str:
    """Return what is searched for."""
    return request.GET.get("q", "")[:100].replace("\0", "")


def page_number(request: HttpRequest) -> int:
    """Return the page that is asked for; the first when that is no number."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def language() -> str:
    """Return the visitor's language, `id` or `en`."""
    return "en" if (translation.get_language() or "id").startswith("en") else "id"
