"""What happened stays as it was written: the database refuses to change or empty these tables."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from niaga.kernel import clock
from niaga.ledger.commands.carry_balances import carry_balances_forward
from tests.support.worlds import (
    deliver,
    make_basket,
    make_company,
    make_goods,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db

TABLES = {
    "ledger_journalentry": "kind = 'other'",
    "ledger_transfer": "amount_minor = 1",
    "ledger_carriedbalance": "balance_minor = 1",
    "plumbing_storedevent": "payload = '{}'",
    "goods_stockmovement": "quantity = 1",
    "goods_trackingevent": "note = 'elsewhere'",
}


@pytest.fixture(autouse=True)
def _delivered_order() -> None:
    placed = place(make_basket((make_goods(make_company()), 1)))
    pay(placed)
    deliver(ship_all(orders_of(placed)[0]))
    with clock.at(clock.now() + timedelta(days=2)):
        carry_balances_forward()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no deferred check


def rows(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - constants of this file
        return cursor.fetchall()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("wish", ["UPDATE {0} SET {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_no_change_is_accepted(table: str, wish: str) -> None:
    before = rows(table)
    assert before
    with (
        pytest.raises(IntegrityError, match="is append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(wish.format(table, TABLES[table]))
    assert rows(table) == before
