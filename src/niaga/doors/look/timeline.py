"""What happened, in words: every event that a timeline can carry, as the rows it shows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from niaga.doors.look import formats
from niaga.doors.look.words import ROLES, cancel_reason, decline_reason
from niaga.flows.documents.models import Document
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.timeline import TimelineEntry
from niaga.flows.money.methods import METHODS
from niaga.flows.money.states import HoldReason
from niaga.kernel.money import Money
from niaga.parties.states import SellerTier
from niaga.plumbing.outbox import Audience
from niaga.stages.aftersales.models import Complaint

type Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One fact as the timeline's macro takes it; `href` and its words `link` may be empty."""

    flow: str
    icon: str
    text: str
    detail: str
    who: str
    at: datetime
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """How one type of event is told: an icon of the sprite, a sentence, and what details it has.

    `named` tells it by its own data, where that says more than the sentence.
    """

    icon: str
    text: Promise
    detail: Callable[[Data], str] = lambda _data: ""
    named: Callable[[Data], str] | None = None


def rows(
    entries: Iterable[TimelineEntry],
    *,
    viewer: Audience,
    names: Mapping[UUID, str] = MappingProxyType({}),
) -> tuple[Row, ...]:
    """Return the entries as `viewer` reads them, in their order; links lead to pages of its door.

    `names` tell the things apart that share a timeline, such as the orders of a purchase.

    Raises:
        LookupError: no words for an event's type (a test walks all of them).
    """
    return tuple(_row(entry, viewer, names.get(entry.subject_id, "")) for entry in entries)


def _row(entry: TimelineEntry, viewer: Audience, name: str) -> Row:
    wording = WORDINGS[entry.kind]
    href, link = _link(entry, viewer)
    return Row(
        flow=entry.flow,
        icon=wording.icon,
        text=wording.named(entry.data) if wording.named else str(wording.text),
        detail=_joined(name, wording.detail(entry.data)),
        who=gettext("You") if entry.actor_role == viewer else str(ROLES[entry.actor_role]),
        at=entry.occurred_at,
        href=href,
        link=link,
    )


_PAGES: Mapping[Audience, Mapping[str, str]] = {
    "buyer": {"document": "document", "complaint": "complaint"},
    "seller": {"document": "seller:document_pdf", "complaint": "seller:complaint"},
    "operator": {"document": "office:document_pdf", "complaint": "office:complaint"},
}


def _link(entry: TimelineEntry, viewer: Audience) -> tuple[str, str]:
    pages = _PAGES[viewer]
    if document_id := entry.data.get("document_id"):
        return reverse(pages["document"], args=[document_id]), gettext("Open the PDF")
    if complaint_id := entry.data.get("complaint_id"):
        return reverse(pages["complaint"], args=[complaint_id]), gettext("Read it")
    return "", ""


def _joined(*parts: str | Promise) -> str:
    return " · ".join(str(part) for part in parts if part)


def _amount(data: Data, field: str = "amount_minor") -> str:
    return formats.money(Money(data[field], data["currency"]))


def _moment(text: str | None) -> str:
    return formats.moment(datetime.fromisoformat(text)) if text else ""


def _until(data: Data) -> str:
    until = _moment(data["expires_at"])
    return gettext("until %(moment)s") % {"moment": until} if until else ""


def _awaited(data: Data) -> str:
    day = formats.day(date.fromisoformat(data["promised_date"]))
    return _joined(_units(data["quantity"]), gettext("ships by %(day)s") % {"day": day})


def _units(n: int) -> str:
    return ngettext("%(n)s unit", "%(n)s units", n) % {"n": formats.number(n)}


def _how_to_pay(data: Data) -> str:
    return _joined(_amount(data), METHODS[data["method"]].label, _until(data))


def _held(data: Data) -> str:
    return _joined(_amount(data), _until(data))


def _declined(data: Data) -> str:
    return str(decline_reason(data["reason"]))


def _paid_out(data: Data) -> str:
    return gettext("%(net)s for the seller, %(commission)s commission") % {
        "net": _amount(data, "net_minor"),
        "commission": _amount(data, "commission_minor"),
    }


def _release(data: Data) -> str:
    if not data["release_at"]:
        return ""
    return gettext("The seller is paid after %(moment)s, unless something is wrong.") % {
        "moment": _moment(data["release_at"])
    }


def _files(data: Data) -> str:
    n = data["files"]
    return ngettext("%(n)s file", "%(n)s files", n) % {"n": formats.number(n)}


def _new_time(data: Data) -> str:
    return _joined(f"{_moment(data['before'])} → {_moment(data['after'])}")


def _kept(data: Data) -> str:
    kept = _amount(data, "kept_minor")
    told = gettext("The seller keeps %(amount)s.") % {"amount": kept} if data["kept_minor"] else ""
    return _joined(_moment(data["starts_at"]), told)


def _stars(data: Data) -> str:
    n = data["stars"]
    return ngettext("%(n)s star", "%(n)s stars", n) % {"n": n}


def _stock(data: Data) -> str:
    return gettext("%(change)+d, now %(on_hand)d on hand") % data


def _audit(data: Data) -> str:
    n = data["violations"]
    return ngettext("%(n)s thing disagrees.", "%(n)s things disagree.", n) % {"n": n}


WORDINGS: Mapping[str, Wording] = {
    # Goods
    "StockReserved": Wording(
        "boxes", _("Reserved in the warehouse"),
        lambda data: _joined(_units(data["quantity"]), _until(data)),
    ),
    "StockAwaited": Wording("hourglass", _("Waits for stock to come"), _awaited),
    "StockReleased": Wording("rotate-ccw", _("Put back on sale")),
    "ShipmentDispatched": Wording(
        "truck", _("Parcel handed to the carrier"),
        lambda data: _joined(data["carrier"], data["tracking_number"], _units(data["quantity"])),
        lambda data: gettext("Ready to be fetched") if data.get("pickup")
        else gettext("Parcel handed to the carrier"),
    ),
    "ShipmentTracked": Wording(
        "navigation", _("News from the carrier"),
        lambda data: _joined(ShipmentState(data["state"]).label, data["note"]),
    ),
    "ShipmentDelivered": Wording("package-check", _("Parcel delivered")),
    "ServicePerformed": Wording("calendar-check", _("Service given")),
    "BookingMoved": Wording("calendar", _("Another time was agreed"), _new_time),
    "BookingGivenUp": Wording("calendar", _("The buyer cancelled a booking"), _kept),
    "DownloadsGranted": Wording("download", _("Ready to download"), _files),
    "ReturnAgreed": Wording(
        "package-open", _("To be sent back"), lambda data: _units(data["quantity"])
    ),
    "ReturnReceived": Wording(
        "rotate-ccw", _("Came back to the seller"),
        lambda data: _joined(
            _units(data["quantity"]), gettext("back in stock") if data["restocked"] else ""
        ),
    ),
    "ReturnCalledOff": Wording(
        "ban", _("Return called off"), lambda data: _units(data["quantity"])
    ),
    "StockChanged": Wording("warehouse", _("Stock changed"), _stock),
    "StockRanLow": Wording(
        "triangle-alert", _("Stock runs low"), lambda data: _units(data["free"])
    ),
    "StockPolicyChanged": Wording("settings", _("Stock rules changed")),
    # Information
    "OrderPlaced": Wording("shopping-bag", _("Order placed"), lambda data: data["reference"]),
    "OrderConfirmed": Wording("clipboard-check", _("The seller prepares the order")),
    "OrderDelivered": Wording("circle-check", _("Everything has arrived"), _release),
    "OrderCompleted": Wording("badge-check", _("Order completed")),
    "OrderCancelled": Wording(
        "ban", _("Order cancelled"), lambda data: cancel_reason(data["reason"])
    ),
    "ReviewWritten": Wording("star", _("Review written"), _stars),
    "ComplaintOpened": Wording(
        "message-square-warning", _("Complaint opened"),
        lambda data: str(Complaint.Reason(data["reason"]).label),
    ),
    "ComplaintAnswered": Wording("message-circle", _("Word in the complaint")),
    "ComplaintEscalated": Wording("scale", _("The operator is asked to decide")),
    "ComplaintResolved": Wording("thumbs-up", _("Complaint resolved")),
    "MailRetried": Wording("mail", _("Mail sent again"), lambda data: data["to"]),
    # Money
    "PaymentOpened": Wording("landmark", _("Waiting for payment"), _how_to_pay),
    "PaymentConfirmed": Wording("banknote", _("Payment received"), _amount),
    "PaymentExpired": Wording(
        "hourglass", _("The payment did not come in time"), _amount
    ),
    "PaymentRequested": Wording(
        "credit-card", _("Signed in the wallet; the bank is asked"), _amount
    ),
    "PaymentAuthorized": Wording("badge-check", _("The bank approved and holds the amount"), _held),
    "PaymentDeclined": Wording("ban", _("The bank did not approve"), _declined),
    "PaymentCalledOff": Wording("rotate-ccw", _("The bank did not answer; nothing is charged")),
    "BankRefused": Wording(
        "message-square-warning", _("The bank refused"),
        lambda data: _joined(data["kind"], data["reason"]),
    ),
    "OrderCharged": Wording("shield-check", _("Charged to the card, safe in escrow"), _amount),
    "HoldReleased": Wording("undo-2", _("The bank lets the amount go"), _amount),
    "OrderPaid": Wording("shield-check", _("Paid: the money is safe in escrow"), _amount),
    "EscrowReleased": Wording("hand-coins", _("Money released to the seller"), _paid_out),
    "RefundDue": Wording("undo-2", _("Refund on its way"), _amount),
    "CommissionGivenBack": Wording(
        "undo-2", _("Commission given back to the seller"),
        lambda data: _amount(data, "commission_minor"),
    ),
    "RefundSent": Wording("send", _("Refund transferred")),
    "EscrowHoldPlaced": Wording(
        "lock", _("Money held back"),
        lambda data: str(HoldReason(data["reason"]).label),
    ),
    "EscrowHoldAppealed": Wording("scale", _("The seller objects to the hold")),
    "EscrowHoldKept": Wording(
        "lock", _("The hold stays: the operator has answered"), lambda data: data["decision"]
    ),
    "EscrowHoldLifted": Wording("thumbs-up", _("The hold is lifted")),
    "PayoutPrepared": Wording("wallet", _("Payout put into the bank file")),
    "PayoutReturned": Wording(
        "undo-2", _("Sent back by the seller's bank"), lambda data: data["reason"]
    ),
    "DifferenceSettled": Wording(
        "scale", _("Difference booked"), lambda data: _joined(_amount(data), data["reason"])
    ),
    "PayoutPaid": Wording("coins", _("Paid out to the seller's bank account")),
    # Documents
    "DocumentIssued": Wording(
        "file-text", _("Document issued"),
        lambda data: data["number"],
        named=lambda data: str(Document.Kind(data["kind"]).label),
    ),
    "SellerDocumentIssued": Wording(
        "file-text", _("Document issued to the seller"),
        lambda data: data["number"],
        named=lambda data: str(Document.Kind(data["kind"]).label),
    ),
    # Companies, and what the operator does
    "CompanyRegistered": Wording("store", _("Registered and asked to be let in")),
    "CompanyApproved": Wording("badge-check", _("Approved")),
    "CompanyRefused": Wording("ban", _("Refused"), lambda data: data["note"]),
    "CompanySuspended": Wording("lock", _("Suspended"), lambda data: data["note"]),
    "CompanyRanked": Wording(
        "star", _("Given another tier"), lambda data: str(SellerTier(data["tier"]).label)
    ),
    "CompanyDescribed": Wording("pencil", _("Shopfront changed")),
    "BankAccountChanged": Wording("landmark", _("Bank account changed")),
    "VoucherMade": Wording("ticket-percent", _("Voucher made"), lambda data: data["code"]),
    "VoucherEnded": Wording("ticket-percent", _("Voucher ended"), lambda data: data["code"]),
    "AuditFinished": Wording("shield-check", _("Audit finished"), _audit),
    "DeliveriesRetried": Wording("refresh-cw", _("Failed deliveries tried again")),
}  # fmt: skip
