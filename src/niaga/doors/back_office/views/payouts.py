"""Payouts: sellers get their money through an outgoing bank file."""

from tempfile import SpooledTemporaryFile
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niaga.doors.back_office.page import ask, go, show
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, found, page_number
from niaga.doors.look.payouts import ScheduleForm, filled
from niaga.flows.money.bank_file import payout_file
from niaga.flows.money.commands.confirm_batch import confirm_batch
from niaga.flows.money.commands.keep_payout_schedule import set_payout_schedule
from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.office_queries import (
    batch_view,
    batches_page,
    count_unmatched_entries,
    payout_batch_of,
    payouts_due,
)
from niaga.flows.money.paying_out import NothingToPayOut, run_payouts
from niaga.flows.money.payment_order import can_order_payments, write_payment_order
from niaga.flows.money.payout_schedule import payout_schedule
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money


@operator_only
def payouts(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show what each seller would get now, and the files made before."""
    due = payouts_due()
    currencies = sorted({line.net.currency for line in due})
    totals = [
        Money.total((line.amount for line in due if line.net.currency == code), code)
        for code in currencies
    ]
    schedule = payout_schedule(())
    return show(
        request,
        "payouts",
        {
            "due": due,
            "totals": [total for total in totals if total],
            "schedule": schedule.default,
            "every": schedule.default.every.label,
            "page": batches_page(page_number(request)),
            "entries": count_unmatched_entries(),
        },
    )


@operator_only
def run(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask, then make a bank file of all that is due, one for each currency."""
    paid = [line for line in payouts_due() if line.amount]
    form = Confirmation(answers(request))
    if request.method == "POST" and form.is_valid():
        codes = sorted({line.net.currency for line in paid})
        made = [run_payouts(actor=actor, currency=code) for code in codes]
        for file in made:
            said = _("Bank file %(number)s over %(total)s is ready.")
            messages.success(request, said % {"number": file.number, "total": money(file.total)})
        if made:
            return go("batch", made[0].batch_id)
        add_refusal(form, NothingToPayOut())
    question = Question(
        title=_("Make the bank file?"),
        text=_("Each seller below gets one line. Send the file to your bank afterwards."),
        button=_("Make the bank file"),
        back=reverse("office:payouts"),
        facts=tuple((line.seller_name, money(line.amount)) for line in paid),
    )
    context = {"question": question, "form": form}
    return show(request, "question", context, 422 if form.errors else 200)


@operator_only
def schedule(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Ask how often sellers are paid who chose nothing, and from which amount on everyone is."""
    form = ScheduleForm(answers(request), initial=filled(payout_schedule(()).default))

    def act(given: ScheduleForm) -> Word:
        terms = given.terms()
        set_payout_schedule(every=terms.every, least=terms.least)
        return _("Payouts run by the new schedule.")

    question = Question(
        title=_("How often are sellers paid?"),
        text=_("A seller may choose another day or a higher amount. Bank files are made at six."),
        button=_("Save"),
        back=reverse("office:payouts"),
    )
    return ask(request, question, form, act)


@operator_only
def batch(request: HttpRequest, actor: Actor, batch_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Show one outgoing file, line by line."""
    context = {"batch": found(batch_view(batch_id)), "has_order": can_order_payments()}
    return show(request, "batch", context)


@operator_only
def batch_file(request: HttpRequest, actor: Actor, batch_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give the file as CSV."""
    number = found(batch_view(batch_id)).about.number
    response = HttpResponse(payout_file(batch_id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="payouts-{number}.csv"'
    return response


@operator_only
def payment_order(request: HttpRequest, actor: Actor, batch_id: UUID) -> FileResponse:  # noqa: ARG001
    """Give the file as ISO 20022's pain.001."""
    number = found(batch_view(batch_id)).about.number
    found(can_order_payments() or None)
    file = SpooledTemporaryFile(max_size=1_000_000)  # noqa: SIM115 - the response closes it
    write_payment_order(batch_id, file)
    file.seek(0)
    name = f"payouts-{number}.xml"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/xml")


@operator_only
def batch_paid(request: HttpRequest, actor: Actor, batch_id: UUID) -> HttpResponse:
    """Ask, then confirm every line that waits."""
    view = found(batch_view(batch_id))

    def act(_form: Confirmation) -> Word:
        count = confirm_batch(actor=actor, batch_id=batch_id)
        return ngettext("%(n)s payout confirmed.", "%(n)s payouts confirmed.", count) % {"n": count}

    question = Question(
        title=_("Did the bank carry out file %(number)s?") % {"number": view.about.number},
        text=_("Every line that still waits is confirmed, and the sellers see it."),
        button=_("Yes, all was paid"),
        back=reverse("office:batch", args=[batch_id]),
        facts=(
            (_("Waiting lines"), str(view.about.waiting)),
            (_("Total of the file"), money(view.about.total)),
        ),
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def paid(request: HttpRequest, actor: Actor, payout_id: UUID) -> HttpResponse:
    """Ask, then confirm one line."""
    view = found(batch_view(found(payout_batch_of(payout_id))))
    line = next(payout for payout in view.payouts if payout.payout_id == payout_id)

    def act(_form: Confirmation) -> Word:
        confirm_payout(actor=actor, payout_id=payout_id)
        return _("The payout to %(name)s is confirmed.") % {"name": line.seller_name}

    question = Question(
        title=_("Was %(amount)s paid?") % {"amount": money(line.amount)},
        text=_("Confirm it when the bank carried it out; the seller sees it."),
        button=_("Yes, it was paid"),
        back=reverse("office:batch", args=[view.about.batch_id]),
        facts=(
            (_("Seller"), line.seller_name),
            (_("Bank account"), f"{line.bank_name} {line.bank_account}"),
            (_("Holder"), line.bank_holder),
            (_("State"), line.label),
        ),
    )
    return ask(request, question, Confirmation(answers(request)), act)
