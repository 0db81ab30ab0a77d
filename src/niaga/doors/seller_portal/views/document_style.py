"""How the seller's documents look and are numbered, with a preview that follows the form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal
from niaga.doors.seller_portal.forms.documents import OWN_KINDS, StyleForm, style_initial
from niaga.doors.seller_portal.page import go, show
from niaga.flows.documents.commands.change_style import change_style
from niaga.flows.documents.numbers import SELLER_LONGEST, PatternInvalid
from niaga.flows.documents.previewing import number_example, preview_png
from niaga.flows.documents.rendering.content import Style
from niaga.flows.documents.styles import style_of
from niaga.kernel.refusal import Refusal


@seller_only
def style(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the choices with a preview, and keep new ones.

    A POST with `preview` (what htmx sends while the seller writes) keeps nothing.
    """
    initial = style_initial(style_of(desk.company_id))
    form = StyleForm(request.POST if request.method == "POST" else None, initial=initial)
    if "preview" in request.POST:
        form.is_valid()
        context = _preview(desk, form, form.cleaned_data)
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "seller_portal/parts/document_preview.html", context)
        return show(request, desk, "document_style", {"form": form, **context})
    if form.is_valid():
        try:
            change_style(seller_id=desk.company_id, choice=form.choice())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your next documents look like this."))
            return go("document_style")
    values = form.cleaned_data if form.is_bound else initial
    context = {"form": form, **_preview(desk, form, values)}
    return show(request, desk, "document_style", context, 422 if form.errors else 200)


@require_GET
@seller_only
def preview(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Draw a sample invoice in the style that the address tells."""
    form = StyleForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    look = Style(
        accent=chosen.get("accent", Style().accent),
        footer_text=chosen.get("footer_text", ""),
        payment_terms=chosen.get("payment_terms", ""),
    )
    png = preview_png(
        desk.company_id,
        style=look,
        language=chosen.get("language", ""),
        shows_logo=chosen.get("shows_logo", False),
    )
    response = HttpResponse(png, content_type="image/png")
    response["Cache-Control"] = "private, max-age=60"
    return response


def _preview(desk: SellerDesk, form: StyleForm, values: dict[str, Any]) -> dict[str, Any]:
    """Return the picture's address and each kind's next number as an example."""
    shown = {
        name: values.get(name) or ""
        for name in ("accent", "language", "footer_text", "payment_terms")
    }
    if values.get("shows_logo"):
        shown["shows_logo"] = "on"
    examples = []
    for kind in OWN_KINDS:
        pattern = (values.get(f"pattern_{kind}") or "").strip()
        try:
            number = number_example(kind, pattern, series_name=desk.slug.upper()[:SELLER_LONGEST])
        except PatternInvalid:
            number = ""
        examples.append((form.fields[f"pattern_{kind}"].label, number))
    return {"picture": urlencode(shown), "examples": examples}
