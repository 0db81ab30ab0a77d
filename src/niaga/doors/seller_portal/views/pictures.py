"""A product's pictures: hung up, put in order, taken down."""

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import found
from niaga.doors.seller_portal.forms.files import PicturesForm
from niaga.doors.seller_portal.page import go, show
from niaga.flows.information.commands.arrange_media import arrange_media
from niaga.flows.information.commands.keep_media import add_media, remove_media
from niaga.flows.information.pictures import store_picture
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.own_product_queries import OwnProduct, own_product


@seller_only
def pictures(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show the pictures, and take more."""
    known = found(own_product(desk.company_id, product_id))
    form = PicturesForm(request.POST, request.FILES) if request.method == "POST" else PicturesForm()
    if form.is_bound and form.is_valid():
        try:
            for file in form.cleaned_data["pictures"]:
                _hang(desk, known, file)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The pictures are up."))
            return go("pictures", product_id)
    known = found(own_product(desk.company_id, product_id)) if form.is_bound else known
    context = {"product": known, "form": form}
    return show(request, desk, "pictures", context, 422 if form.errors else 200)


def _hang(desk: SellerDesk, known: OwnProduct, file: object) -> None:
    stored = store_picture(file)  # type: ignore[arg-type]
    try:
        add_media(
            actor=desk.actor,
            seller_id=desk.company_id,
            product_id=known.product_id,
            file=stored.file,
            thumbnail=stored.thumbnail,
            alt=known.name_id,
        )
    except Refusal:
        default_storage.delete(stored.file)
        default_storage.delete(stored.thumbnail)
        raise


@require_POST
@seller_only
def arrange(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Move a picture one place forward."""
    known = found(own_product(desk.company_id, product_id))
    ids = [picture.media_id for picture in known.pictures]
    moved = next((m for m in ids if str(m) == request.POST.get("forward")), None)
    place = ids.index(moved) if moved else 0
    if moved and place:
        ids[place - 1], ids[place] = ids[place], ids[place - 1]
        arrange_media(
            actor=desk.actor,
            seller_id=desk.company_id,
            product_id=product_id,
            media_ids=tuple(ids),
        )
    return go("pictures", product_id)


@require_POST
@seller_only
def remove(
    request: HttpRequest, desk: SellerDesk, product_id: UUID, media_id: UUID
) -> HttpResponse:
    """Take a picture down."""
    known = found(own_product(desk.company_id, product_id))
    found(next((p for p in known.pictures if p.media_id == media_id), None))
    gone = remove_media(actor=desk.actor, seller_id=desk.company_id, media_id=media_id)
    if gone:
        default_storage.delete(gone.file)
        default_storage.delete(gone.thumbnail)
        messages.success(request, _("The picture is gone."))
    return go("pictures", product_id)
