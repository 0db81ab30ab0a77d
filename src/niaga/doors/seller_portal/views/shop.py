"""The shop's face, its contact, its bank account."""

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal
from niaga.doors.seller_portal.forms.company import BankForm, ShopfrontForm
from niaga.doors.seller_portal.forms.files import PictureForm
from niaga.doors.seller_portal.page import go, show
from niaga.flows.information.pictures import store_picture
from niaga.kernel.refusal import Refusal
from niaga.parties.commands.describe_company import (
    change_bank_account,
    describe_company,
    hang_picture,
)
from niaga.parties.seller_queries import OwnCompany, own_company


@seller_only
def shop(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the settings, and take new words."""
    if request.method != "POST":
        return _page(request, desk)
    form = ShopfrontForm(request.POST)
    if form.is_valid():
        try:
            describe_company(actor=desk.actor, company_id=desk.company_id, front=form.front())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your shop has its new look."))
            return go("shop")
    return _page(request, desk, front_form=form)


@require_POST
@seller_only
def bank(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Change where the company is paid."""
    form = BankForm(request.POST)
    if form.is_valid():
        change_bank_account(actor=desk.actor, company_id=desk.company_id, account=form.account())
        messages.success(request, _("The next payout goes to this account."))
        return go("shop")
    return _page(request, desk, bank_form=form)


@require_POST
@seller_only
def logo(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Hang up another logo."""
    return _picture(request, desk, "logo")


@require_POST
@seller_only
def banner(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Hang up another banner."""
    return _picture(request, desk, "banner")


def _picture(request: HttpRequest, desk: SellerDesk, place: str) -> HttpResponse:
    form = PictureForm(request.POST, request.FILES, auto_id=f"id_{place}_%s")
    if form.is_valid():
        try:
            stored = store_picture(form.cleaned_data["pictures"][0])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            wanted, other = stored.file, stored.thumbnail
            if place == "logo":
                wanted, other = other, wanted
            default_storage.delete(other)
            before = hang_picture(
                actor=desk.actor, company_id=desk.company_id, place=place, path=wanted
            )
            if before:
                default_storage.delete(before)
            messages.success(request, _("The picture is up."))
            return go("shop")
    return _page(request, desk, **{f"{place}_form": form})


def _page(request: HttpRequest, desk: SellerDesk, **given: object) -> HttpResponse:
    company: OwnCompany = own_company(desk.company_id)
    front = {name: getattr(company.front, name) for name in company.front.__slots__}
    account = {name: getattr(company.bank, name) for name in company.bank.__slots__}
    context = {
        "company": company,
        "front_form": ShopfrontForm(initial=front),
        "bank_form": BankForm(initial=account),
        "logo_form": PictureForm(auto_id="id_logo_%s"),
        "banner_form": PictureForm(auto_id="id_banner_%s"),
        **given,
    }
    return show(request, desk, "shop", context, 422 if given else 200)
