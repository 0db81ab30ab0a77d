"""A seller's products: the list, writing one, putting it on sale and taking it off."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs, words
from niaga.doors.seller_portal.forms.product import (
    ProductForm,
    StartForm,
    VariantRows,
    add_product_refusal,
    described,
    product_initial,
    variants_initial,
)
from niaga.doors.seller_portal.page import ask, go, show
from niaga.flows.information.models import Product
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.list_product import list_product
from niaga.stages.sharing.commands.show_listing import hide_listing, publish_listing
from niaga.stages.sharing.own_product_queries import OwnProduct, own_product
from niaga.stages.sharing.seller_queries import PRODUCT_ORDERS, own_products_page

SORTS = {
    "newest": gettext_lazy("Newest first"),
    "changed": gettext_lazy("Last changed"),
    "name": gettext_lazy("Name"),
    "price": gettext_lazy("Price"),
    "stock": gettext_lazy("Least stock"),
}


@seller_only
def products(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the seller's products, by state."""
    state = chosen(request, "state", Product.State.values)
    sort = chosen(request, "sort", PRODUCT_ORDERS) or "newest"
    page = own_products_page(
        desk.company_id,
        language=language(),
        state=state,
        words=words(request),
        sort=sort,
        page=page_number(request),
    )
    links = tabs(request, Product.State.choices, page.by_state, state)
    context = {"page": page, "tabs": links, "sort": sort, "sorts": SORTS}
    return show(request, desk, "products", context)


@seller_only
def new(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Choose kind and category, then write the product."""
    if request.method == "POST":
        return _write(request, desk, None)
    start = StartForm(request.GET or None, language=language())
    if not start.is_bound or not start.is_valid():
        return show(request, desk, "product_start", {"form": start})
    form = ProductForm(initial=start.cleaned_data, language=language())
    return _form_page(request, desk, None, form, VariantRows(prefix="v"))


@seller_only
def product(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show and rewrite a product."""
    known = found(own_product(desk.company_id, product_id))
    if request.method == "POST":
        return _write(request, desk, known)
    form = ProductForm(initial=product_initial(known), language=language())
    rows = VariantRows(initial=variants_initial(known), prefix="v")
    return _form_page(request, desk, known, form, rows)


def _write(request: HttpRequest, desk: SellerDesk, known: OwnProduct | None) -> HttpResponse:
    if {"add_row", "look_again"} & request.POST.keys():
        data = _with_row(request.POST) if "add_row" in request.POST else request.POST
        form = ProductForm(initial=data.dict(), language=language())
        return _form_page(request, desk, known, form, VariantRows(initial=_rows(data), prefix="v"))
    form, rows = (
        ProductForm(request.POST, language=language()),
        VariantRows(request.POST, prefix="v"),
    )
    if form.is_valid() & rows.is_valid():
        description, prices = described(form, rows)
        try:
            done = list_product(
                actor=desk.actor,
                seller_id=desk.company_id,
                description=description,
                prices=prices,
                product_id=known.product_id if known else None,
            )
        except Refusal as refusal:
            add_product_refusal(form, rows, refusal)
        else:
            messages.success(request, _("The product is saved."))
            return go("product" if known else "pictures", done.product_id)
    return _form_page(request, desk, known, form, rows, 422)


def _rows(data: QueryDict) -> list[dict[str, Any]]:
    """Return the rows of a form that is not sent in yet."""
    total = data.get("v-TOTAL_FORMS", "1")
    names = ("sku", "value1", "value2", "value3", "price", "compare_at", "weight_g", "gtin")
    return [
        {name: data.get(f"v-{n}-{name}", "") for name in names}
        | {"active": bool(data.get(f"v-{n}-active")) or f"v-{n}-sku" not in data}
        for n in range(min(int(total) if total.isdigit() else 1, 100))
    ]


def _with_row(data: QueryDict) -> QueryDict:
    more = data.copy()
    total = more.get("v-TOTAL_FORMS", "1")
    more["v-TOTAL_FORMS"] = str(min((int(total) if total.isdigit() else 1) + 1, 100))
    return more


def _form_page(
    request: HttpRequest,
    desk: SellerDesk,
    known: OwnProduct | None,
    form: ProductForm,
    rows: Any,
    status: int = 200,
) -> HttpResponse:
    context = {"product": known, "form": form, "rows": rows}
    return show(request, desk, "product", context, status)


@seller_only
def attributes(request: HttpRequest, desk: SellerDesk) -> HttpResponse:  # noqa: ARG001
    """Give the fields of a category's attributes, keeping what was filled in."""
    form = ProductForm(initial=request.GET.dict(), language=language())
    return render(request, "seller_portal/parts/attributes.html", {"form": form})


@seller_only
def publish(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Ask, then put the product on sale."""
    known = found(own_product(desk.company_id, product_id))
    return _move(
        request,
        desk,
        _question(
            known,
            _("Publish %(name)s?"),
            _("Everyone can find and buy it."),
            _("Publish"),
        ),
        lambda: publish_listing(actor=desk.actor, seller_id=desk.company_id, product_id=product_id),
        _("The product is on sale."),
    )


@seller_only
def hide(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Ask, then take the product off sale."""
    known = found(own_product(desk.company_id, product_id))
    return _move(
        request,
        desk,
        _question(
            known,
            _("Hide %(name)s?"),
            _("Nobody can find or buy it; open orders go on. You can publish it again."),
            _("Hide"),
        ),
        lambda: hide_listing(actor=desk.actor, seller_id=desk.company_id, product_id=product_id),
        _("The product is off sale."),
    )


def _question(known: OwnProduct, title: str, text: str, button: str) -> Question:
    return Question(
        title=title % {"name": known.name_id},
        text=text,
        button=button,
        back=reverse("seller:product", args=[known.product_id]),
        facts=(
            (_("State"), known.label),
            (_("Variants"), len(known.sku_ids)),
            (_("Pictures"), len(known.pictures)),
        ),
    )


def _move(
    request: HttpRequest,
    desk: SellerDesk,
    question: Question,
    act: Callable[[], None],
    done: Word,
) -> HttpResponse:
    def move(_form: Confirmation) -> Word:
        act()
        return done

    return ask(request, desk, question, Confirmation(answers(request)), move)
