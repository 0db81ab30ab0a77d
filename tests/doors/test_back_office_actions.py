"""What the operator does at the door: it works and is remembered; a refusal changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from niaga.flows.information.models import Mail
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.models import (
    BankReceipt,
    Payment,
    Payout,
    PayoutBatch,
    Refund,
)
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money, share_half_up
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.parties.models import Company, Person
from niaga.plumbing.commands.tasks import take_task
from niaga.plumbing.models import Delivery, StoredEvent, Task
from niaga.plumbing.relay import fan_out
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.aftersales.models import Complaint
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.models import Order
from niaga.stages.sharing.models import Voucher
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    """The operator's browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(name="Sari Operator", is_staff=True))
    return client


def act(office: Client, name: str, pk: UUID | None = None, **answers: object) -> int:
    """Post a form of the door; return the answer's status."""
    return office.post(reverse(f"office:{name}", args=[pk] if pk else []), answers).status_code


def kinds(subject_id: UUID) -> list[str]:
    """The types of a subject's events, oldest first."""
    rows = StoredEvent.objects.filter(subject_id=subject_id).order_by("id")
    return list(rows.values_list("type", flat=True))


def everything() -> tuple[object, ...]:
    """What must not change when an action is refused."""
    return (
        StoredEvent.objects.count(),
        trial_balance(),
        sorted(Order.objects.values_list("id", "state")),
        sorted(Payment.objects.values_list("id", "state")),
        sorted(Payout.objects.values_list("id", "state")),
        sorted(Refund.objects.values_list("id", "state")),
        sorted(Company.objects.values_list("id", "state", "decision_note")),
        sorted(Complaint.objects.values_list("id", "state")),
        sorted(Voucher.objects.values_list("id", "ends_at")),
        BankReceipt.objects.count(),
    )


def payment_of(placed: PlacedPurchase) -> Payment:
    return Payment.objects.get(cause_id=placed.purchase_id)


def finished_order() -> Order:
    """An order whose money is released to its seller."""
    placed = place(make_basket((make_goods(make_company()), 1)))
    pay(placed)
    [order] = orders_of(placed)
    deliver(ship_all(order))
    complete_order(actor=OPERATOR, order_id=order.id)
    return order


def test_a_company_is_approved_suspended_and_approved_again(office: Client) -> None:
    company = make_company(approved=False)
    assert act(office, "company_approve", company.id) == 302
    assert act(office, "company_suspend", company.id, note="Complaints") == 302
    company.refresh_from_db()
    assert (company.state, company.decision_note) == ("suspended", "Complaints")
    assert act(office, "company_approve", company.id) == 302
    assert kinds(company.id)[1:] == ["CompanyApproved", "CompanySuspended", "CompanyApproved"]
    shown = office.get(reverse("office:company", args=[company.id])).content.decode()
    assert "Complaints" in shown


def test_a_company_is_refused_with_a_reason(office: Client) -> None:
    company = make_company(approved=False)
    before = everything()
    assert act(office, "company_refuse", company.id, note=" ") == 422
    assert act(office, "company_suspend", company.id, note="not yet in") == 422
    assert everything() == before
    assert act(office, "company_refuse", company.id, note="NIB unknown") == 302
    assert kinds(company.id)[-1] == "CompanyRefused"
    before = everything()
    assert act(office, "company_approve", company.id) == 422
    assert everything() == before


def test_a_payment_is_confirmed_once_and_with_evidence(office: Client) -> None:
    placed = place(make_basket((make_goods(make_company()), 1)))
    payment = payment_of(placed)
    before = everything()
    assert act(office, "payment_confirm", payment.id) == 422
    assert everything() == before
    assert act(office, "payment_confirm", payment.id, reference="BCA 77") == 302
    payment.refresh_from_db()
    assert (payment.state, payment.confirmed_by) == ("confirmed", "by hand: BCA 77")
    assert "PaymentConfirmed" in kinds(placed.purchase_id)
    before = everything()
    assert act(office, "payment_confirm", payment.id, reference="again") == 422
    assert everything() == before
    assert_flows_agree()


def test_cash_on_delivery_is_not_confirmed_by_hand(office: Client) -> None:
    placed = place(make_basket((make_goods(make_company()), 1)), method="cash_on_delivery")
    before = everything()
    assert act(office, "payment_confirm", payment_of(placed).id, reference="x") == 404
    assert everything() == before


def upload(office: Client, text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("bank.csv", content, content_type="text/csv")
    response = office.post(reverse("office:bank_file"), {"file": file})
    assert response.status_code in {200, 422}
    return response.content.decode()


HEADER = "bank_reference,account_number,amount,received_at\n"
AT = "2026-11-24T09:00:00+07:00"


def test_the_bank_file_pays_reports_and_may_come_twice(office: Client) -> None:
    goods = make_goods(make_company(), price=100_000)
    good, short = place(make_basket((goods, 1))), place(make_basket((goods, 1)))
    text = HEADER + "".join(
        f"{line}\n"
        for line in (
            f"T1,{payment_of(good).account_number},115000,{AT}",
            f"T1,{payment_of(good).account_number},115000,{AT}",
            f"T2,{payment_of(short).account_number},114000,{AT}",
            f"T3,8808000000000000,5000,{AT}",
            f",8808000000000000,5000,{AT}",
            f"T4,88x,5000,{AT}",
            f"T5,8808000000000000,12.5,{AT}",
            f"T6,8808000000000000,Infinity,{AT}",
            f"T7,8808000000000000,1e30,{AT}",
            "T8,8808000000000000,5000,yesterday",
            f"{'T' * 61},8808000000000000,5000,{AT}",
        )
    )
    told = upload(office, text)
    states = dict(BankReceipt.objects.values_list("bank_reference", "state"))
    assert states == {"T1": "matched", "T2": "unmatched", "T3": "unmatched"}
    assert payment_of(good).state == "confirmed"
    assert payment_of(short).state == "pending"
    assert "The amount is not the one that is due" in told
    assert "No payment has this account number" in told
    assert "This is too long" in told
    before = everything()
    again = upload(office, text)
    assert "Seen before" in again
    assert everything() == before
    assert_flows_agree()


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", b"\xff\xfe\x00", b"\x00", "x" * 2_000_001])
def test_a_file_that_is_no_bank_file_changes_nothing(office: Client, content: str | bytes) -> None:
    before = everything()
    upload(office, content)
    assert everything() == before


def test_the_example_file_can_be_read(office: Client) -> None:
    example = office.get(reverse("office:bank_file_example")).content.decode()
    told = upload(office, example)
    assert BankReceipt.objects.get().note == "unknown_account"
    assert "TRX-2026-0001" in told


def _taken_by_a_colleague(task: Task) -> Person:
    """Let Budi look after a task instead of the one it was given to."""
    budi = make_person(name="Budi", is_staff=True)
    take_task(actor=Actor("operator", person_id=budi.id), task_id=task.id)
    return budi


def _unmatched(amount: Money) -> BankReceipt:
    line = ReceiptLine("TRX-9", "8808000000000000", amount, clock.now())
    take_bank_receipt(actor=Actor("operator"), line=line)
    return BankReceipt.objects.get()


def test_money_that_pays_nothing_is_assigned_to_its_purchase(office: Client) -> None:
    placed = place(make_basket((make_goods(make_company()), 1)))
    payment = Payment.objects.get(cause_id=placed.purchase_id)
    receipt = _unmatched(Money(payment.amount_minor))
    task = Task.objects.get(kind="receipt")
    listed = office.get(reverse("office:tasks")).content.decode()
    assert "Money that pays nothing" in listed
    assert '<span class="count">1</span>' in listed
    _taken_by_a_colleague(task)
    assert act(office, "receipt_assign", receipt.id, reference=placed.reference) == 422
    assert act(office, "task_take", task.id) == 302
    assert act(office, "receipt_assign", receipt.id, reference="NG-NONE") == 422
    assert Payment.objects.get(pk=payment.id).state == "pending"
    assert act(office, "receipt_assign", receipt.id, reference=placed.reference) == 302
    assert Payment.objects.get(pk=payment.id).state == "confirmed"
    assert act(office, "receipt_assign", receipt.id, reference=placed.reference) == 422
    assert Task.objects.get().state == "done"
    assert_flows_agree()


def test_money_that_pays_nothing_is_sent_back_once(office: Client) -> None:
    receipt = _unmatched(Money.of(75_000))
    assert act(office, "task_take", Task.objects.get().id) == 302
    assert act(office, "receipt_sent_back", receipt.id, reference="OUT-1") == 302
    assert act(office, "receipt_sent_back", receipt.id, reference="OUT-1") == 422
    assert BankReceipt.objects.get().state == "returned"
    assert balance(AccountKey("unmatched_receipts")) == Money.zero()
    assert balance(AccountKey("bank")) == Money.zero()
    assert_flows_agree()


def test_a_task_is_given_to_a_colleague_with_a_note(office: Client) -> None:
    _unmatched(Money.of(75_000))
    task = Task.objects.get()
    budi = _taken_by_a_colleague(task)
    assert act(office, "task_give", task.id, person=str(budi.id)) == 422
    assert act(office, "task_take", task.id) == 302
    assert act(office, "task_give", task.id, person=str(new_id())) == 422
    assert act(office, "task", task.id, text="I called the bank.") == 302
    assert act(office, "task_give", task.id, person=str(budi.id)) == 302
    page = office.get(reverse("office:task", args=[task.id])).content.decode()
    assert "I called the bank." in page
    assert "Budi" in page
    assert office.get(reverse("office:tasks"), {"mine": "yes"}).content.decode().count("<tr>") <= 1


def test_a_cancelled_order_is_refunded_once(office: Client) -> None:
    placed = place(make_basket((make_goods(make_company()), 1)))
    pay(placed)
    [order] = orders_of(placed)
    assert act(office, "order_cancel", order.id) == 422
    assert act(office, "order_cancel", order.id, reason="Sold out") == 302
    assert "OrderCancelled" in kinds(order.id)
    refund = Refund.objects.get()
    assert act(office, "refund_sent", refund.id) == 302
    assert kinds(order.id)[-1] == "RefundSent"
    before = everything()
    assert act(office, "refund_sent", refund.id) == 422
    assert act(office, "order_cancel", order.id, reason="Again") == 422
    assert everything() == before
    assert_flows_agree()


def test_an_unpaid_order_is_cancelled_with_its_purchase(office: Client) -> None:
    lines = [(make_goods(make_company()), 1) for _ in range(2)]
    placed = place(make_basket(*lines))
    first, second = orders_of(placed)
    assert act(office, "order_cancel", first.id, reason="Wish of the buyer") == 302
    second.refresh_from_db()
    assert second.state == "cancelled"
    assert payment_of(placed).state == "cancelled"
    assert_flows_agree()


def test_payouts_are_run_sent_and_confirmed(office: Client) -> None:
    first, second = finished_order(), finished_order()
    assert act(office, "payouts_run") == 302
    batch = PayoutBatch.objects.get()
    assert "PayoutPrepared" in kinds(first.id)
    assert_flows_agree()
    before = everything()
    assert act(office, "payouts_run") == 422
    assert everything() == before
    file = office.get(reverse("office:batch_file", args=[batch.id])).content.decode()
    assert len(file.splitlines()) == 3
    one = Payout.objects.order_by("id").first()
    assert one is not None
    assert act(office, "payout_paid", one.id) == 302
    before = everything()
    assert act(office, "payout_paid", one.id) == 422
    assert everything() == before
    assert act(office, "batch_paid", batch.id) == 302
    assert set(Payout.objects.values_list("state", flat=True)) == {"paid"}
    assert "PayoutPaid" in kinds(second.id)
    before = everything()
    assert act(office, "batch_paid", batch.id) == 422
    assert everything() == before
    assert_flows_agree()


def test_a_complaint_is_answered_and_resolved(office: Client) -> None:
    placed = place(make_basket((make_goods(make_company()), 1)))
    pay(placed)
    [order] = orders_of(placed)
    complaint_id = open_complaint(
        actor=Actor.guest(), line_id=order.lines.get().id, reason="damaged", body="Broken",
        author="Dewi",
    )  # fmt: skip
    assert act(office, "complaint", complaint_id, body=" ") == 422
    assert act(office, "complaint", complaint_id, body="We look into it.") == 302
    assert act(office, "complaint_resolve", complaint_id, body="Refund agreed.") == 302
    assert kinds(order.id)[-3:] == ["ComplaintAnswered", "EscrowHoldLifted", "ComplaintResolved"]
    page = office.get(reverse("office:complaint", args=[complaint_id])).content.decode()
    assert "Sari Operator" in page
    assert "Refund agreed." in page
    before = everything()
    assert act(office, "complaint", complaint_id, body="Too late") == 422
    assert act(office, "complaint_resolve", complaint_id, body="Again") == 422
    assert everything() == before


def terms(**changes: object) -> dict[str, object]:
    starts = localtime(clock.now())
    form = "%Y-%m-%dT%H:%M"
    return {
        "code": "hemat-10",
        "percent": "10",
        "starts_at": starts.strftime(form),
        "ends_at": (starts + timedelta(days=2)).strftime(form),
    } | changes


def test_a_voucher_is_made_and_ended(office: Client) -> None:
    company = make_company()
    assert act(office, "voucher_new", **terms(seller=company.id, most=20_000)) == 302
    voucher = Voucher.objects.get()
    assert (voucher.code, voucher.percent_bp, voucher.seller_id) == ("HEMAT-10", 1000, company.id)
    assert voucher.most_minor == 20_000_00
    assert act(office, "voucher_end", voucher.id) == 302
    assert kinds(voucher.id) == ["VoucherMade", "VoucherEnded"]
    before = everything()
    assert act(office, "voucher_end", voucher.id) == 422
    assert everything() == before


@pytest.mark.parametrize(
    ("share", "borne", "words"),
    [
        ("", 10_000, "The market"),
        ("100", 10_000, "The market"),
        ("0", 0, "The sellers"),
        ("33.33", 3_333, "The market 33.33%, The sellers 66.67%"),
    ],
)
def test_a_voucher_says_who_bears_it_and_each_line_keeps_its_part(
    office: Client, share: str, borne: int, words: str
) -> None:
    assert act(office, "voucher_new", **terms(market_share=share)) == 302
    assert Voucher.objects.get().market_bp == borne
    assert words in office.get(reverse("office:vouchers")).content.decode()
    goods = [make_goods(make_company(), price=price) for price in (33_333, 10_001, 77_777)]
    placed = place(make_basket(*((one, 1) for one in goods)), voucher="HEMAT-10")
    pay(placed)
    lines = [line for order in orders_of(placed) for line in order.lines.all()]
    whole = share_half_up(Money(sum(line.discount_minor for line in lines)), borne, 10_000)
    assert sum(line.subsidy_minor for line in lines) == whole.minor
    for line in lines:  # each within one step of its exact part
        assert abs(line.subsidy_minor - line.discount_minor * borne / 10_000) < 100
    assert_flows_agree()


@pytest.mark.parametrize(
    "changes",
    [
        {"market_share": "101"}, {"market_share": "-1"}, {"market_share": "half"},
        {"code": "x"}, {"code": "a b c"}, {"percent": ""}, {"percent": "0"}, {"percent": "101"},
        {"amount": "5000"}, {"percent": "", "amount": "0"}, {"ends_at": "2020-01-01T00:00"},
        {"uses_limit": "0"}, {"seller": "nobody"}, {"starts_at": "soon"}, {"code": "TAKEN"},
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_voucher_is_refused(office: Client, changes: dict[str, object]) -> None:
    assert act(office, "voucher_new", **terms(code="TAKEN")) == 302
    before = everything()
    assert act(office, "voucher_new", **terms(**changes)) == 422
    assert everything() == before


def test_a_failed_mail_is_sent_again_a_sent_one_not(office: Client) -> None:
    place(make_basket((make_goods(make_company()), 1)))
    drain()
    mail = Mail.objects.first()
    assert mail is not None
    Mail.objects.filter(pk=mail.pk).update(error="refused", tries=1)
    listed = office.get(reverse("office:mails"), {"standing": "failed"}).content.decode()
    assert mail.subject in listed
    assert act(office, "mail_resend", mail.id) == 302
    assert kinds(mail.id) == ["MailRetried"]
    Mail.objects.filter(pk=mail.pk).update(state="sent", sent_at=clock.now())
    before = everything()
    assert act(office, "mail_resend", mail.id) == 422
    assert everything() == before


def test_a_letter_is_shown_in_a_sandbox(office: Client) -> None:
    place(make_basket((make_goods(make_company()), 1)))
    drain()
    mail = Mail.objects.all()[0]
    letter = office.get(reverse("office:mail_letter", args=[mail.id]))
    assert "sandbox" in letter["Content-Security-Policy"]
    assert "script-src" not in letter["Content-Security-Policy"]
    assert "default-src 'none'" in letter["Content-Security-Policy"]
    assert letter.content.decode() == mail.html


def test_dead_deliveries_are_tried_again(office: Client) -> None:
    before = everything()
    assert act(office, "dead_retry") == 422
    assert everything() == before
    place(make_basket((make_goods(make_company()), 1)))
    fan_out()
    Delivery.objects.update(state="dead", tries=12, error="LookupError: gone")
    assert "LookupError: gone" in office.get(reverse("office:dead")).content.decode()
    assert act(office, "dead_retry") == 302
    assert not Delivery.objects.filter(state="dead").exists()
    assert StoredEvent.objects.filter(type="DeliveriesRetried").count() == 1
    assert_flows_agree()


def test_the_audit_is_run_and_remembered(office: Client) -> None:
    finished_order()
    drain()
    assert act(office, "audit") == 302
    assert "Everything agrees." in office.get(reverse("office:audit")).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE goods_stocklevel SET on_hand = on_hand + 1")
    assert act(office, "audit") == 302
    page = office.get(reverse("office:audit")).content.decode()
    assert "Everything agrees." not in page
    assert "thing disagrees" in page or "things disagree" in page
    assert StoredEvent.objects.filter(type="AuditFinished").count() == 2


@pytest.mark.parametrize(
    "name",
    ["company_approve", "company_refuse", "company_suspend", "order_cancel", "payment_confirm",
     "task", "task_take", "task_give", "difference_clear", "difference_settle",
     "receipt_assign", "receipt_sent_back", "refund_sent", "payouts_run", "payout_paid",
     "batch_paid", "complaint", "complaint_resolve", "voucher_new", "voucher_end",
     "mail_resend", "dead_retry", "audit"],
)  # fmt: skip
def test_a_forged_post_is_refused(name: str, office: Client) -> None:
    careful: Callable[..., Client] = Client
    client = careful(enforce_csrf_checks=True)
    client.cookies = office.cookies
    bare = {"payouts_run", "voucher_new", "dead_retry", "audit"}
    before = everything()
    assert act(client, name, None if name in bare else new_id()) == 403
    assert everything() == before
