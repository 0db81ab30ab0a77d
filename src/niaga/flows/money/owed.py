"""What each seller would be paid now, and what stands against it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.money.models.escrow import NET_SQL
from niaga.flows.money.states import PayoutState
from niaga.kernel.money import Money
from niaga.ledger.queries import STANDING

_OWED = f"""
    SELECT seller_id, currency, COALESCE(e.parts, 0), COALESCE(e.orders, 0), COALESCE(e.net, 0),
           COALESCE(r.minor, 0), COALESCE(cash.debit_minus_credit, 0), COALESCE(d.minor, 0),
           COALESCE(r.same_account, FALSE)
      FROM (SELECT seller_id, currency, COUNT(*) AS parts, COUNT(DISTINCT cause_id) AS orders,
                   SUM({NET_SQL}) AS net
              FROM money_escrow WHERE state = 'releasable'
               AND (%(currency)s = '' OR currency = %(currency)s)
             GROUP BY seller_id, currency) e
      FULL JOIN (SELECT p.seller_id, p.currency, SUM(p.amount_minor) AS minor,
                        BOOL_OR(p.bank_account = c.bank_account
                                AND p.bank_name = c.bank_name) AS same_account
                   FROM money_payout p JOIN parties_company c ON c.id = p.seller_id
                  WHERE p.state = 'returned' AND p.repaid_by_id IS NULL
                    AND (%(currency)s = '' OR p.currency = %(currency)s)
                  GROUP BY p.seller_id, p.currency) r USING (seller_id, currency)
      LEFT JOIN (SELECT seller_id, currency, SUM(amount_minor) AS minor FROM money_sellerdebt
                  WHERE payout_id IS NULL
                  GROUP BY seller_id, currency) d USING (seller_id, currency)
      LEFT JOIN (SELECT owner_id AS seller_id, currency, debit_minus_credit
                   FROM ({STANDING}) s WHERE kind = 'cod_cash') cash USING (seller_id, currency)
     ORDER BY currency, seller_id
"""  # noqa: S608 - constants of this file


# Payouts that the bank sent back and that no other has paid since.
RETURNED = {"state": PayoutState.RETURNED, "repaid_by": None}


@dataclass(frozen=True, slots=True)
class Owed:
    """What a seller gets: `net` released and what the bank `returned`, less what it has already.

    `cash` is what its couriers hold, `debt` what was refunded of orders it was paid for.
    """

    seller_id: UUID
    net: Money
    returned: Money
    cash: Money
    debt: Money

    @property
    def amount(self) -> Money:
        """What is transferred; not above zero when the seller has it already."""
        return self.net + self.returned - self.cash - self.debt


@dataclass(frozen=True, slots=True)
class OwedNow(Owed):
    """What a seller would get now, for `parts` of so many `orders`.

    `account_refused`: its account is still the one from which the bank sent money back.
    """

    parts: int
    orders: int
    account_refused: bool


def sellers_owed(currency: str = "") -> tuple[OwedNow, ...]:
    """Return what every seller with money to get is owed, by id; in one currency, or in each.

    One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWED, {"currency": currency})
        rows = cursor.fetchall()

    def owed(row: tuple[Any, ...]) -> OwedNow:
        seller_id, code, parts, orders, net, returned, cash, debt, refused = row
        return OwedNow(
            seller_id=seller_id,
            net=Money(int(net), code),
            returned=Money(int(returned), code),
            cash=Money(int(cash), code),
            debt=Money(int(debt), code),
            parts=parts,
            orders=orders,
            account_refused=refused,
        )

    return tuple(owed(row) for row in rows)
