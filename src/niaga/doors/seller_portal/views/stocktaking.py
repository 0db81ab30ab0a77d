"""Stock that is counted, on its way between locations, or has moved."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import query
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import (
    Word,
    chosen,
    found,
    identifier,
    language,
    page_number,
    tabs,
    words,
)
from niaga.doors.seller_portal.forms.stock import ArrivalForm, CountForm, CountStartForm
from niaga.doors.seller_portal.page import ask, go, show
from niaga.doors.seller_portal.words import MOVEMENTS
from niaga.flows.goods.commands.count_stock import (
    abandon_count,
    book_count,
    start_count,
    write_count,
)
from niaga.flows.goods.commands.transfer_stock import receive_transfer
from niaga.flows.goods.states import MovementReason, TransferState
from niaga.flows.goods.stock_queries import locations_of
from niaga.flows.goods.stocktaking_queries import (
    all_movements_page,
    count_lines_page,
    count_of,
    counts_page,
    transfer_of,
    transfers_page,
)
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.seller_queries import sku_names, skus_called

_SHOWN = (("", gettext_lazy("All")), ("open", gettext_lazy("To count")),
          ("different", gettext_lazy("Different")))  # fmt: skip


@seller_only
def movements(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show every movement, newest first, by kind, location or product."""
    kind = chosen(request, "kind", MOVEMENTS)
    page = all_movements_page(
        desk.company_id,
        kind=kind,
        location_id=identifier(request, "location"),
        sku_ids=skus_called(desk.company_id, words(request)),
        page=page_number(request),
    )
    context = {
        "page": page,
        "names": sku_names((m.sku_id for m in page.rows), language=language()),
        "kinds": MOVEMENTS,
        "reasons": dict(MovementReason.choices),
        "places": locations_of(desk.company_id),
        "kind": kind,
    }
    return show(request, desk, "movements", context)


@seller_only
def transfers(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what is on its way between locations, and what arrived."""
    state = chosen(request, "state", TransferState.values)
    page = transfers_page(desk.company_id, state=state, page=page_number(request))
    context = {
        "page": page,
        "tabs": tabs(request, TransferState.choices, page.by_state, state),
        "names": sku_names((t.sku_id for t in page.rows), language=language()),
    }
    return show(request, desk, "transfers", context)


@seller_only
def arrival(request: HttpRequest, desk: SellerDesk, transfer_id: UUID) -> HttpResponse:
    """Ask how many arrived, and book a transfer in."""
    transfer = found(transfer_of(desk.company_id, transfer_id))
    name = sku_names([transfer.sku_id], language=language())[transfer.sku_id]

    def act(form: ArrivalForm) -> Word:
        receive_transfer(
            actor=desk.actor,
            seller_id=desk.company_id,
            transfer_id=transfer_id,
            quantity=form.cleaned_data["quantity"],
        )
        return _("The transfer has arrived.")

    question = Question(
        title=_("Did it arrive?"),
        text=_("What is missing is written off at the destination."),
        button=_("Book it in"),
        back=reverse("seller:transfers"),
        facts=(
            (_("Product"), f"{name.name} {name.options}".strip()),
            (_("From"), transfer.origin),
            (_("To"), transfer.destination),
            (_("Sent"), transfer.quantity),
            (_("Note"), transfer.note),
        ),
    )
    form = ArrivalForm(answers(request), initial={"quantity": transfer.quantity})
    return ask(request, desk, question, form, act)


@seller_only
def counts(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the count sheets, and begin one."""
    places = locations_of(desk.company_id)
    form = CountStartForm(answers(request), locations=places)
    if form.is_bound and form.is_valid():
        sheet = start_count(
            actor=desk.actor,
            seller_id=desk.company_id,
            location_id=UUID(form.cleaned_data["location"]),
        )
        return go("count", sheet.count_id)
    page = counts_page(desk.company_id, page=page_number(request))
    context = {"page": page, "form": form, "places": places}
    return show(request, desk, "counts", context, 422 if form.errors else 200)


@seller_only
def count(request: HttpRequest, desk: SellerDesk, count_id: UUID) -> HttpResponse:
    """Show a sheet, and write down what was counted."""
    sheet = found(count_of(desk.company_id, count_id))
    shown = chosen(request, "show", ("open", "different"))
    page = count_lines_page(
        count_id,
        show=shown,
        sku_ids=skus_called(desk.company_id, words(request)),
        page=page_number(request),
    )
    form = CountForm(answers(request), lines=page.rows)
    if form.is_bound and form.is_valid():
        try:
            write_count(
                actor=desk.actor,
                seller_id=desk.company_id,
                count_id=count_id,
                tallies=form.tallies(),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Written down."))
            return go("count", count_id)
    context = {
        "sheet": sheet,
        "page": page,
        "form": form,
        "names": sku_names((line.sku_id for line in page.rows), language=language()),
        "tabs": [
            (label, query(request, show=code, page=None), code == shown, None)
            for code, label in _SHOWN
        ],
    }
    return show(request, desk, "count", context, 422 if form.errors else 200)


@seller_only
def book(request: HttpRequest, desk: SellerDesk, count_id: UUID) -> HttpResponse:
    """Ask, then book a sheet's differences."""
    sheet = found(count_of(desk.company_id, count_id))

    def act(_form: Confirmation) -> Word:
        done = book_count(actor=desk.actor, seller_id=desk.company_id, count_id=count_id)
        return ngettext(
            "%(n)s difference is booked.", "%(n)s differences are booked.", done.different
        ) % {"n": done.different}

    question = Question(
        title=_("Book this count?"),
        text=_("The differences become movements. What was not counted stays as it is."),
        button=_("Book it"),
        back=reverse("seller:count", args=[count_id]),
        facts=(
            (_("Location"), sheet.location),
            (_("Counted"), f"{sheet.counted} / {sheet.lines}"),
            (_("Different"), str(sheet.different)),
        ),
    )
    return ask(request, desk, question, Confirmation(answers(request)), act)


@seller_only
def abandon(request: HttpRequest, desk: SellerDesk, count_id: UUID) -> HttpResponse:
    """Ask, then put a sheet away."""
    found(count_of(desk.company_id, count_id))

    def act(_form: Confirmation) -> Word:
        abandon_count(actor=desk.actor, seller_id=desk.company_id, count_id=count_id)
        return _("The sheet is put away; nothing was booked.")

    question = Question(
        title=_("Put this sheet away?"),
        text=_("Nothing of it will be booked."),
        button=_("Put it away"),
        back=reverse("seller:counts"),
        danger=True,
    )
    return ask(request, desk, question, Confirmation(answers(request)), act)
