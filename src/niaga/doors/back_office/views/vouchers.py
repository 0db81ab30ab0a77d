"""Vouchers, borne by the market, by sellers, or by both."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import VoucherForm
from niaga.doors.back_office.page import ask, go, show
from niaga.doors.back_office.words import VOUCHER_STANDINGS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import moment, percent
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, page_number, tabs, words
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.parties.queries import company_names
from niaga.stages.sharing.commands.end_voucher import end_voucher
from niaga.stages.sharing.commands.make_voucher import make_voucher
from niaga.stages.sharing.office_queries import VoucherView, voucher_view, vouchers_page

_ALL_BP = 10_000


def bearers(voucher: VoucherView) -> str:
    """Say who bears what a voucher takes off: the market, the sellers, or each a part."""
    sellers = voucher.seller_name or _("The sellers")
    if voucher.market_bp == _ALL_BP:
        return _("The market")
    if not voucher.market_bp:
        return sellers
    return _("The market %(part)s, %(sellers)s %(rest)s") % {
        "part": percent(voucher.market_bp),
        "sellers": sellers,
        "rest": percent(_ALL_BP - voucher.market_bp),
    }


@operator_only
def vouchers(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all vouchers, newest first."""
    standing = chosen(request, "standing", VOUCHER_STANDINGS)
    page = vouchers_page(standing=standing, words=words(request), page=page_number(request))
    links = tabs(request, VOUCHER_STANDINGS.items(), page.by_state, standing, "standing")
    context = {"page": page, "tabs": links, "standings": VOUCHER_STANDINGS, "bearers": bearers}
    return show(request, "vouchers", context)


@operator_only
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a voucher."""
    form = VoucherForm(answers(request), sellers=company_names())
    if request.method == "POST" and form.is_valid():
        try:
            make_voucher(actor=actor, terms=form.terms())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            code = form.cleaned_data["code"].upper()
            messages.success(request, _("Voucher %(code)s is made.") % {"code": code})
            return go("vouchers")
    return show(request, "voucher_new", {"form": form}, status=422 if form.errors else 200)


@operator_only
def end(request: HttpRequest, actor: Actor, voucher_id: UUID) -> HttpResponse:
    """Ask, then end a voucher now."""
    voucher = found(voucher_view(voucher_id))

    def act(_form: Confirmation) -> Word:
        end_voucher(actor=actor, voucher_id=voucher_id)
        return _("Voucher %(code)s has ended.") % {"code": voucher.code}

    question = Question(
        title=_("End voucher %(code)s?") % {"code": voucher.code},
        text=_("Nobody can use it from now on; orders that used it keep their price."),
        button=_("End the voucher"),
        back=reverse("office:vouchers"),
        facts=(
            (_("Borne by"), bearers(voucher)),
            (_("Used"), str(voucher.uses)),
            (_("Until"), moment(voucher.ends_at)),
        ),
        danger=True,
    )
    return ask(request, question, Confirmation(answers(request)), act)
