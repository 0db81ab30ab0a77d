"""Books that differ: what tests of reconciliation let orders, market and bank do."""

from datetime import date

from django.db import connection
from django.utils.timezone import localdate

from niaga.flows.money.models import (
    BankEntry,
    Payout,
    ReconciliationDifference,
)
from niaga.flows.money.paying_out import run_payouts
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import JournalEntry
from niaga.ledger.queries import trial_balance
from niaga.plumbing.models import StoredEvent, Task
from niaga.stages.ordering.commands.confirm_order import BY_HAND, confirm_purchase_payment
from niaga.stages.ordering.statement_import import import_statement
from tests.stages.test_payouts import completed
from tests.support.camt import Line, statement
from tests.support.cards import payment_of
from tests.support.worlds import (
    OPERATOR,
    make_basket,
    make_company,
    make_goods,
    make_person,
    place,
)


def operator(name: str) -> Actor:
    return Actor("operator", person_id=make_person(name=name, is_staff=True).id)


def today() -> date:
    return localdate(clock.now())


def take(*lines: Line, named: str = "STMT-1"):
    return import_statement(statement(*lines, named=named), actor=OPERATOR)


def bought():
    return place(make_basket((make_goods(make_company()), 1)))


def transfer(placed, reference: str = "IN-1", **about) -> Line:
    payment = payment_of(placed)
    amount = about.pop("amount", None) or Money(payment.amount_minor)
    number = about.pop("account", payment.account_number)
    return Line(reference, amount, account=number, day=today(), **about)


def fee(minor: int = -650_000, **about) -> Line:
    return Line("FEE-1", Money(minor), text="Biaya admin", day=today(), **about)


def by_hand(placed) -> None:
    confirm_purchase_payment(
        actor=OPERATOR, purchase_id=placed.purchase_id, confirmed_by=f"{BY_HAND} TRX-1"
    )


def prepared() -> Payout:
    order = completed()
    run_payouts(actor=OPERATOR)
    return Payout.objects.get(seller_id=order.seller_id)


def difference(**about) -> ReconciliationDifference:
    return ReconciliationDifference.objects.get(**about)


def task_of(row: ReconciliationDifference) -> Task:
    return Task.objects.get(kind="difference", subject_id=row.id)


def sides(row: ReconciliationDifference) -> tuple:
    return row.orders_minor, row.ledger_minor, row.gateway_minor, row.bank_minor


def snapshot() -> tuple:
    return (
        trial_balance(),
        JournalEntry.objects.count(),
        list(BankEntry.objects.order_by("id").values_list("state", "account")),
        list(ReconciliationDifference.objects.order_by("id").values_list("state", "account")),
        list(Task.objects.order_by("id").values_list("state", "reason")),
        StoredEvent.objects.count(),
    )


def behind_the_back(sql: str) -> None:
    """Change what the database's guards would refuse."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
