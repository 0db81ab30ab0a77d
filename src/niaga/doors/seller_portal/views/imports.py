"""Many products from a file: looked at first, then written."""

import re
from typing import BinaryIO, cast

from django.contrib import messages
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal, flash_refusal
from niaga.doors.look.page import found, language
from niaga.doors.seller_portal.forms.files import TableForm
from niaga.doors.seller_portal.forms.product import category_choices
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.words import IMPORT_RULES
from niaga.flows.information.catalogue import shelves
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.product_import import ImportReport, Mode, import_file

SHOWN = 100
EXAMPLE = (
    "product,category,name_id,name_en,sku,option:Ukuran,price,compare_at,weight_g,gtin,stock\n"
    "kaos-polos,{path},Kaos Polos,Plain T-shirt,KP-M,M,89000,99000,200,,25\n"
    "kaos-polos,,,,KP-L,L,89000,99000,220,,18\n"
)


@seller_only
def start(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Take a file and tell what importing it would do; nothing is written yet."""
    categories = category_choices(language())
    if request.method != "POST":
        return _page(request, desk, TableForm(categories=categories))
    form = TableForm(request.POST, request.FILES, categories=categories)
    if not form.is_valid():
        return _page(request, desk, form)
    token = new_id().hex
    path = storages["private"].save(_path(desk, token), form.cleaned_data["file"])
    try:
        report = _run(desk, token, "check", form.cleaned_data["category"])
    except Refusal as refusal:
        storages["private"].delete(path)
        add_refusal(form, refusal)
        return _page(request, desk, form)
    context = {
        "form": form,
        "report": report,
        "refused": report.refused[:SHOWN],
        "rules": IMPORT_RULES,
        "token": token,
        "category": form.cleaned_data["category"],
    }
    return show(request, desk, "import", context)


@require_POST
@seller_only
def finish(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Write what was looked at."""
    token = request.POST.get("token", "")
    category = request.POST.get("category", "")
    known = re.fullmatch(r"[0-9a-f]{32}", token) and storages["private"].exists(_path(desk, token))
    found(known or None)
    try:
        report = _run(desk, token, "valid", category if category in shelves() else "")
    except Refusal as refusal:
        flash_refusal(request, refusal)
        return go("import")
    storages["private"].delete(_path(desk, token))
    told = _("Imported. New products: %(created)s, rewritten: %(rewritten)s, left out: %(out)s.")
    messages.success(
        request,
        told % {"created": report.created, "rewritten": report.rewritten, "out": report.kept_out},
    )
    return go("products")


@seller_only
def example(request: HttpRequest, desk: SellerDesk) -> HttpResponse:  # noqa: ARG001
    """Give a small table to begin with."""
    path = next(reversed(shelves()), "")
    response = HttpResponse(EXAMPLE.format(path=path), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="products.csv"'
    return response


def _path(desk: SellerDesk, token: str) -> str:
    return f"imports/{desk.company_id}/{token}.csv"


def _run(desk: SellerDesk, token: str, mode: Mode, category: str) -> ImportReport:
    path = _path(desk, token)
    with storages["private"].open(path) as file:
        return import_file(
            cast("BinaryIO", file.file),
            size=storages["private"].size(path),
            seller_id=desk.company_id,
            mode=mode,
            tell=lambda *_: None,
            default_category=category,
        )


def _page(request: HttpRequest, desk: SellerDesk, form: TableForm) -> HttpResponse:
    context = {"form": form, "report": None}
    return show(request, desk, "import", context, 422 if form.errors else 200)
