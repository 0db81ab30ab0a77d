"""What is not stocked: bookable times of services, files of digital goods."""

import hashlib
from pathlib import PurePosixPath
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal, flash_refusal
from niaga.doors.look.page import found, page_number
from niaga.doors.seller_portal.forms.files import FileForm, SlotsForm
from niaga.doors.seller_portal.page import go, show
from niaga.flows.goods.commands.keep_file import remove_file
from niaga.flows.goods.stock_queries import files_of, slots_page
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.open_times import close_time, open_times
from niaga.stages.sharing.commands.own_stock import offer_file
from niaga.stages.sharing.own_product_queries import OwnProduct, own_product


@seller_only
def slots(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show a service's coming times, and open more."""
    known = of_kind(desk, product_id, "service")
    form = SlotsForm(answers(request), variants=known.variants)
    if form.is_bound and form.is_valid():
        try:
            opened = open_times(
                seller_id=desk.company_id,
                sku_id=UUID(form.cleaned_data["sku"]),
                starts=form.starts(),
                duration_min=form.cleaned_data["duration_min"],
                capacity=form.cleaned_data["capacity"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            told = ngettext("%(num)s time was opened.", "%(num)s times were opened.", opened)
            messages.success(request, told % {"num": opened})
            return go("slots", product_id)
    context = {
        "product": known,
        "form": form,
        "page": slots_page(desk.company_id, known.sku_ids, page_number(request)),
        "names": {v.variant_id: v.options_text or v.sku for v in known.variants},
    }
    return show(request, desk, "slots", context, 422 if form.errors else 200)


@require_POST
@seller_only
def close_slot(
    request: HttpRequest, desk: SellerDesk, product_id: UUID, slot_id: UUID
) -> HttpResponse:
    """Close a time that nobody has booked."""
    of_kind(desk, product_id, "service")
    try:
        close_time(seller_id=desk.company_id, slot_id=slot_id)
    except Refusal as refusal:
        flash_refusal(request, refusal)
    else:
        messages.success(request, _("The time is closed."))
    return go("slots", product_id)


@seller_only
def files(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show a digital good's files, and take more."""
    known = of_kind(desk, product_id, "digital")
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid() and known.sku_ids:
        file = form.cleaned_data["file"]
        path, sha256 = _store(desk, file)
        for sku_id in known.sku_ids:
            offer_file(
                seller_id=desk.company_id,
                sku_id=sku_id,
                name=file.name,
                path=path,
                size_bytes=file.size,
                sha256=sha256,
            )
        messages.success(request, _("Buyers can download it from now on."))
        return go("files", product_id)
    context = {
        "product": known,
        "form": form,
        "files": files_of(desk.company_id, known.sku_ids),
        "names": {v.variant_id: v.options_text or v.sku for v in known.variants},
    }
    return show(request, desk, "files", context, 422 if form.errors else 200)


def _store(desk: SellerDesk, file: UploadedFile[bytes]) -> tuple[str, str]:
    """Store the file privately; return its path and hash."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    ending = PurePosixPath(file.name or "").suffix[:12]
    path = storages["private"].save(f"digital/{desk.company_id}/{new_id().hex}{ending}", file)
    return path, digest.hexdigest()


@require_POST
@seller_only
def remove(request: HttpRequest, desk: SellerDesk, product_id: UUID, file_id: UUID) -> HttpResponse:
    """Take a file away; who bought it before cannot download it either."""
    known = of_kind(desk, product_id, "digital")
    kept = files_of(desk.company_id, known.sku_ids)
    found(next((file for file in kept if file.file_id == file_id), None))
    path = remove_file(seller_id=desk.company_id, file_id=file_id)
    if path and not any(file.path == path and file.file_id != file_id for file in kept):
        storages["private"].delete(path)
    messages.success(request, _("The file is gone."))
    return go("files", product_id)


def of_kind(desk: SellerDesk, product_id: UUID, kind: str) -> OwnProduct:
    """Return the seller's product.

    Raises:
        Http404: there is none, or it is of another kind.
    """
    known = own_product(desk.company_id, product_id)
    return found(known if known and known.kind == kind else None)
