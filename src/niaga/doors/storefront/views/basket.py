"""The basket: what a visitor gathers, changes, takes out and puts back."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from niaga.doors.look.access import buyer_of
from niaga.doors.look.forms import refusal_words
from niaga.doors.storefront.basket_cookie import basket_of, keep_basket
from niaga.doors.storefront.forms.basket import Addition, Quantity
from niaga.doors.storefront.page import go, language, show
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.fill_basket import (
    BasketLineNow,
    BasketLineUnknown,
    add_to_basket,
    change_basket_line,
    remove_from_basket,
)
from niaga.stages.sharing.queries import basket_view

# Why a line cannot be ordered as it stands; `{left}` are to be had.
PROBLEMS: dict[str, Promise] = {
    "off_sale": gettext_lazy("This is no longer sold. Please take it out."),
    "out_of_stock": gettext_lazy("Sold out just now. Please take it out, or come back later."),
    "only_left": gettext_lazy("Only {left} left."),
    "slot_missing": gettext_lazy("Please choose a time on the page of the service."),
    "slot_gone": gettext_lazy("This time is gone. Please choose another one."),
}
INVALID = gettext_lazy("Choose a quantity from 1 to 999.")


@dataclass(frozen=True, slots=True)
class Said:
    """What a toast or the next page's message says; `undo` are the fields that put it back."""

    text: str
    tone: str = "success"
    undo: dict[str, str] | None = None


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """Show the basket."""
    basket_id = basket_of(request)
    view = basket_view(basket_id, language())
    undo = {name: request.GET[name][:40] for name in Addition.base_fields if name in request.GET}
    context = {
        "basket": view,
        "problems": PROBLEMS,
        "undo": undo,
        "basket_count": str(view.item_count),
    }
    response = show(request, "basket", context)
    if basket_id:
        keep_basket(request, response, basket_id, view.item_count)
    return response


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put something into the basket; `then=checkout` goes on to pay at once."""
    form = Addition(request.POST)
    if not form.is_valid():
        return _refused(request, str(INVALID))
    try:
        now = _add(request, form)
    except Refusal as refusal:
        return _refused(request, refusal_words(refusal)[1])
    response = _added(request, now.item_count)
    keep_basket(request, response, now.basket_id, now.item_count)
    return response


def _added(request: HttpRequest, count: int) -> HttpResponse:
    if request.POST.get("then") == "checkout":
        target = reverse("checkout")
        return HttpResponseClientRedirect(target) if _htmx(request) else redirect(target)
    said = Said(_("Added to your basket."))
    if _htmx(request):
        return _toast(request, said, count, link=True)
    messages.success(request, said.text)
    return go("basket")


@require_POST
def change(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Set a line's quantity."""
    form = Quantity(request.POST)
    if not form.is_valid():
        return _refused(request, str(INVALID))
    quantity: int = form.cleaned_data["quantity"]

    def act(basket_id: UUID) -> BasketLineNow:
        return change_basket_line(
            actor=buyer_of(request), basket_id=basket_id, line_id=line_id, quantity=quantity
        )

    return _on_line(request, line_id, act, lambda _now: Said(_("Quantity changed.")))


@require_POST
def remove(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Take a line out, and offer to put it back."""

    def act(basket_id: UUID) -> BasketLineNow:
        return remove_from_basket(actor=buyer_of(request), basket_id=basket_id, line_id=line_id)

    def said(now: BasketLineNow) -> Said:
        undo = {"variant": str(now.variant_id), "quantity": str(now.quantity_before)}
        if now.slot_id:
            undo["slot"] = str(now.slot_id)
        return Said(_("Taken out of your basket."), undo=undo)

    return _on_line(request, line_id, act, said)


@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    """Put back what was taken out."""
    form = Addition(request.POST)
    if not form.is_valid():
        return _refused(request, str(INVALID))
    try:
        now = _add(request, form)
    except Refusal as refusal:
        return _refused(request, refusal_words(refusal)[1])
    return _answer(request, now, Said(_("Put back into your basket.")))


def _add(request: HttpRequest, form: Addition) -> BasketLineNow:
    wish = form.cleaned_data
    return add_to_basket(
        actor=buyer_of(request),
        basket_id=basket_of(request),
        variant_id=wish["variant"],
        quantity=wish["quantity"],
        slot_id=wish["slot"],
    )


def _on_line(
    request: HttpRequest,
    line_id: UUID,
    act: Callable[[UUID], BasketLineNow],
    said: Callable[[BasketLineNow], Said],
) -> HttpResponse:
    basket_id = basket_of(request)
    try:
        if basket_id is None:
            raise BasketLineUnknown(line_id)
        now = act(basket_id)
    except Refusal as refusal:
        return _refused(request, refusal_words(refusal)[1])
    return _answer(request, now, said(now))


def _answer(request: HttpRequest, now: BasketLineNow, said: Said) -> HttpResponse:
    """Show the basket as it is now: in place with htmx, else as the next page."""
    if _htmx(request):
        view = basket_view(now.basket_id, language())
        context = {"basket": view, "problems": PROBLEMS, "said": said, "count": now.item_count}
        response = render(request, "storefront/parts/basket_news.html", context)
    else:
        if not said.undo:
            messages.success(request, said.text)
        query = "?" + urlencode(said.undo) if said.undo else ""
        response = redirect(reverse("basket") + query)
    keep_basket(request, response, now.basket_id, now.item_count)
    return response


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    if _htmx(request):
        response = _toast(request, Said(text, "error"), None)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    messages.error(request, text)
    return go("basket")


def _toast(
    request: HttpRequest, said: Said, count: int | None, *, link: bool = False
) -> HttpResponse:
    context = {"said": said, "count": count, "link": link}
    status = 422 if said.tone == "error" else 200
    return render(request, "storefront/parts/toast.html", context, status=status)


def _htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]
