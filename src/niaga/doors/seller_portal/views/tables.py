"""Stock, tracking and rates from tables, and tracking by signed messages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, found
from niaga.doors.seller_portal.forms.tables import PrefixForm, SmallTableForm
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.words import TABLE_RULES
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, keep_delivery
from niaga.flows.goods.commands.keep_sender import (
    end_sender,
    keep_prefix,
    make_sender,
    sender_secret,
)
from niaga.flows.goods.rate_table import read_rates
from niaga.flows.goods.stock_queries import deliveries_of, numbering_of
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.parties.regions import provinces
from niaga.plumbing.once import fingerprint
from niaga.plumbing.tables import Fault, RowsRefused, csv_line
from niaga.stages.ordering.commands.import_tracking import (
    TOLD,
    ParcelWord,
    hear_words,
    import_tracking,
)
from niaga.stages.sharing.commands.import_stock import import_stock
from niaga.stages.sharing.seller_queries import stock_lines

MOST_MESSAGE_BYTES = 256 * 1024
MOST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Table:
    """What a page of an upload says; `start` is a file to begin with (its words, its address)."""

    title: Word
    button: Word
    columns: Sequence[tuple[str, Word]]
    example: str
    crumbs: Sequence[tuple[Word, str]]
    start: tuple[Word, str] | None = None


def _upload(
    request: HttpRequest,
    desk: SellerDesk,
    table: Table,
    take: Callable[[bytes], Word],
    back: str,
    *args: Any,
) -> HttpResponse:
    """Show the page, or take the file; what is refused is told row by row."""
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SmallTableForm(*given)
    faults: tuple[Fault, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            told = take(form.cleaned_data["file"])
        except RowsRefused as refusal:
            add_refusal(form, refusal)
            faults = refusal.faults
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, str(told))
            return go(back, *args)
    context = {"table": table, "form": form, "faults": faults, "rules": TABLE_RULES}
    return show(request, desk, "table", context, 422 if form.errors else 200)


@seller_only
def stock(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Set the stock of many SKUs from a table."""

    def take(content: bytes) -> Word:
        done = import_stock(actor=desk.actor, seller_id=desk.company_id, content=content)
        said = {"rows": done.rows, "changed": done.changed}
        return _("%(rows)s rows were read, %(changed)s changed the stock.") % said

    table = Table(
        title=_("Stock from a table"),
        button=_("Set the stock"),
        columns=(
            ("sku", _("your own number of the variant")),
            ("location", _("its name; needed where you have several")),
            ("on_hand", _("how many are there, reserved items included")),
            ("note", _("why, if you like")),
        ),
        example="sku,location,on_hand,note\nKP-M,Gudang Bandung,25,\nKP-L,Toko,18,rusak 2",
        crumbs=((_("Stock"), reverse("seller:stock")),),
        start=(_("Your stock as it is"), reverse("seller:stock_now")),
    )
    return _upload(request, desk, table, take, "stock")


@seller_only
def stock_now(request: HttpRequest, desk: SellerDesk) -> HttpResponse:  # noqa: ARG001
    """Give the stock as a table that can be changed and sent back."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stock.csv"'
    response["Cache-Control"] = "private, no-store"
    response.write(csv_line(("sku", "location", "on_hand", "note")))
    for line in stock_lines(desk.company_id):
        response.write(csv_line((*line, "")))
    return response


@seller_only
def tracking(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Take words about many parcels from a table."""

    def take(content: bytes) -> Word:
        done = import_tracking(actor=desk.actor, seller_id=desk.company_id, content=content)
        told = _("%(words)s rows were read, %(moved)s moved a parcel.") % asdict(done)
        if not done.already_known:
            return told
        known = ngettext(
            "%(num)s was already known.", "%(num)s were already known.", done.already_known
        )
        return f"{told} {known % {'num': done.already_known}}"

    table = Table(
        title=_("Tracking from a table"),
        button=_("Take it"),
        columns=(
            ("parcel", _("its SSCC or its tracking number")),
            ("status", ", ".join(TOLD)),
            ("at", _("when, such as 2026-11-25T14:05+07:00; empty: now")),
            ("place", _("where, if you like")),
            ("note", _("more words, if you like")),
        ),
        example="parcel,status,at,place\n"
        "JNE0012345,in_transit,2026-11-25T14:05+07:00,Bandung\nJNE0012346,delivered,,",
        crumbs=((_("Orders"), reverse("seller:orders")),),
    )
    return _upload(request, desk, table, take, "orders")


@seller_only
def rates(request: HttpRequest, desk: SellerDesk, service_id: UUID) -> HttpResponse:
    """Replace a service's zones by those of a carrier's rate table."""
    services = (s for s in deliveries_of(desk.company_id) if s.service_id == service_id)
    known = found(next((s for s in services if s.kind in {"zone", "own"}), None))

    def take(content: bytes) -> Word:
        zones = read_rates(content, provinces=provinces())
        terms = DeliveryTerms(
            known.name, known.kind, known.flat, known.days_min, known.days_max,
            known.position, known.active, zones,
        )  # fmt: skip
        keep_delivery(seller_id=desk.company_id, terms=terms, service_id=service_id)
        return _("%(n)s zones are kept.") % {"n": len(zones)}

    table = Table(
        title=_("Prices from a table"),
        button=_("Replace the zones"),
        columns=(
            ("zone", _("a name for it")),
            ("provinces", _("with | between; * is everywhere else")),
            ("first_kg, extra_kg", _("in rupiah; a started kilogram counts as a whole one")),
            ("days_min, days_max", _("how long it takes")),
        ),
        example="zone,provinces,first_kg,extra_kg,days_min,days_max\n"
        "Jawa,Jawa Barat|Jawa Tengah|Banten,12000,9000,1,3\nLainnya,*,38000,30000,4,9",
        crumbs=(
            (_("Delivery"), reverse("seller:deliveries")),
            (known.name, reverse("seller:delivery", args=[service_id])),
        ),
    )
    return _upload(request, desk, table, take, "delivery", service_id)


EXAMPLE = """POST {path}
webhook-id: msg_2b7f
webhook-timestamp: 1764054300
webhook-signature: v1,…

{{"type": "parcel.tracked", "data": [
  {{"parcel": "095234000000000017",
   "status": "out_for_delivery",
   "at": "2026-11-25T14:05:00+07:00"}}]}}"""


@seller_only
def carrier(request: HttpRequest, desk: SellerDesk, secret: str = "") -> HttpResponse:
    """Show and keep how parcels are numbered, and who may tell of them."""
    numbering = numbering_of(desk.company_id)
    form = PrefixForm(None if "make" in request.POST else answers(request),
                      initial={"gs1_prefix": numbering.prefix})  # fmt: skip
    if "make" in request.POST:
        secret = make_sender(seller_id=desk.company_id)
        numbering = replace(numbering, sender_since=numbering_of(desk.company_id).sender_since)
    elif form.is_bound and form.is_valid():
        try:
            keep_prefix(seller_id=desk.company_id, prefix=form.cleaned_data["gs1_prefix"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your next parcels are numbered so."))
            return go("carrier")
    path = reverse("seller:tracking_news", args=[desk.company_id])
    context = {
        "form": form,
        "secret": secret,
        "made_at": numbering.sender_since,
        "address": f"{settings.SITE_URL}{path}",
        "example": EXAMPLE.format(path=path),
    }
    response = show(request, desk, "carrier", context, 422 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@seller_only
def carrier_end(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Take no more signed messages."""
    end_sender(seller_id=desk.company_id)
    messages.success(request, _("No message is taken any more."))
    return go("carrier")


@csrf_exempt
@require_POST
def news(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """Take a signed message about a seller's parcels (Standard Webhooks): all of it or nothing.

    200 says how many words there were, how many moved a parcel and how many were already known: a
    message that was taken before is known whole, and moves nothing. 400 and 422 say what is wrong,
    401 that the signature is wrong or old.
    """
    secret = found(sender_secret(company_id))
    if len(request.body) > MOST_MESSAGE_BYTES:
        return _problem(413, "The message is too long.")
    try:
        Webhook(secret).verify(request.body, {k.lower(): v for k, v in request.headers.items()})
    except WebhookVerificationError:
        return _problem(401, "The signature is wrong, or the message is too old.")
    words = _words(request.body)
    if words is None:
        return _problem(400, "The message has no list of parcels with their statuses.")
    named = fingerprint({"id": request.headers["webhook-id"]})
    try:
        heard = hear_words(
            actor=Actor("seller", seller_id=company_id),
            seller_id=company_id,
            words=words,
            source=f"msg:{named[:40]}",
        )
    except RowsRefused as refusal:
        wrong = [{"item": f.line, "field": f.column, "rule": f.rule} for f in refusal.faults]
        return _problem(422, "Nothing was taken.", faults=wrong)
    return JsonResponse(asdict(heard))


def _words(body: bytes) -> list[ParcelWord] | None:
    """Return the message's words, numbered from 1, or None where it is no such message."""
    try:
        items = json.loads(body)["data"]
        fields = ("parcel", "status", "at", "note", "place")
        words = [
            ParcelWord(number, **{name: str(item.get(name, "")) for name in fields})
            for number, item in enumerate(items, start=1)
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return words if 0 < len(words) <= MOST_WORDS else None


def _problem(status: int, title: str, **more: Any) -> HttpResponse:
    """Return an RFC 9457 problem."""
    body = {"type": "about:blank", "title": title, "status": status, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")
