"""Payments: confirmed by hand, or by the bank's file."""

import csv
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import BankFileForm, EvidenceForm
from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.words import BAD_LINES, RECEIPT_NOTES
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.formats import moment, money, query
from niaga.doors.look.page import Word, chosen, found, page_number, tabs, words
from niaga.flows.money.bank_file import COLUMNS, BadLine, ReceiptLine, read_receipts
from niaga.flows.money.office_queries import receipt_notes, receipts_page
from niaga.flows.money.states import PaymentState, ReceiptState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.tables import csv_line
from niaga.stages.ordering.commands.confirm_order import BY_HAND, confirm_purchase_payment
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.office_queries import (
    PaymentSummary,
    payment_summary,
    payments_page,
)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of the lines of a bank file; `notes` say why a receipt matched nothing."""

    matched: tuple[ReceiptLine, ...]
    unmatched: tuple[ReceiptLine, ...]
    seen: tuple[ReceiptLine, ...]
    bad: tuple[BadLine, ...]
    notes: dict[str, str]


@operator_only
def payments(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show payments, those that are awaited first."""
    state = chosen(request, "state", PaymentState.values)
    if "state" not in request.GET:
        state = PaymentState.PENDING.value
    page = payments_page(state=state, words=words(request), page=page_number(request))
    links = tabs(request, PaymentState.choices, page.by_state, state)
    links[0] = (links[0][0], query(request, state="all", page=None), *links[0][2:])
    return show(request, "payments", {"page": page, "tabs": links})


@operator_only
def confirm(request: HttpRequest, actor: Actor, payment_id: UUID) -> HttpResponse:
    """Ask for evidence, then confirm the whole payment."""
    payment = found(payment_summary(payment_id))
    found(payment.account_number)

    def act(form: EvidenceForm) -> Word:
        confirm_purchase_payment(
            actor=actor,
            purchase_id=payment.purchase_id,
            confirmed_by=f"{BY_HAND} {form.cleaned_data['reference']}",
        )
        return _("The payment of %(reference)s is confirmed; its sellers may begin.") % {
            "reference": payment.reference
        }

    return ask(request, _question(payment), EvidenceForm(answers(request)), act)


def _question(payment: PaymentSummary) -> Question:
    return Question(
        title=_("Confirm %(amount)s?") % {"amount": money(payment.amount)},
        text=_("Do this only when the whole amount is on the market's bank account."),
        button=_("Confirm the payment"),
        back=reverse("office:payments"),
        facts=(
            (_("Virtual account"), payment.account_number),
            (_("Amount"), money(payment.amount)),
            (_("Purchase"), payment.reference),
            (_("Buyer"), f"{payment.buyer_name} · {payment.buyer_email}"),
            (_("Expires"), moment(payment.expires_at) if payment.expires_at else ""),
            (_("State"), payment.label),
        ),
    )


@operator_only
def bank_file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the bank's file; the same file may be sent again, its lines are known then."""
    if request.method != "POST":
        return show(request, "bank_file", {"form": BankFileForm()})
    form = BankFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, "bank_file", {"form": form}, status=422)
    try:
        lines = tuple(read_receipts(form.cleaned_data["file"]))
    except csv.Error:
        form.add_error("file", _("This is not a CSV file."))
        return show(request, "bank_file", {"form": form}, status=422)
    return show(
        request,
        "bank_file_report",
        {"report": _take(actor, lines), "notes": RECEIPT_NOTES, "rules": BAD_LINES},
    )


def _take(actor: Actor, lines: tuple[ReceiptLine | BadLine, ...]) -> FileReport:
    """Take each good line in a transaction of its own: a bad neighbour holds nobody up."""
    good = tuple(line for line in lines if isinstance(line, ReceiptLine))
    taken = [(line, take_bank_receipt(actor=actor, line=line)) for line in good]
    unmatched = tuple(line for line, state in taken if state == ReceiptState.UNMATCHED)
    return FileReport(
        matched=tuple(line for line, state in taken if state == ReceiptState.MATCHED),
        unmatched=unmatched,
        seen=tuple(line for line, state in taken if state is None),
        bad=tuple(line for line in lines if isinstance(line, BadLine)),
        notes=receipt_notes(line.bank_reference for line in unmatched),
    )


@operator_only
def example_file(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Give a file that shows the columns."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="bank-receipts-example.csv"'
    received_at = clock.now().isoformat(timespec="seconds")
    response.write(csv_line(COLUMNS))
    response.write(csv_line(["TRX-2026-0001", "8808123456789012", 250_000, received_at]))
    return response


@operator_only
def receipts(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show what came in on the bank account, matched or not."""
    state = chosen(request, "state", ReceiptState.values)
    page = receipts_page(state=state, words=words(request), page=page_number(request))
    links = tabs(request, ReceiptState.choices, page.by_state, state)
    return show(request, "receipts", {"page": page, "tabs": links, "notes": RECEIPT_NOTES})
