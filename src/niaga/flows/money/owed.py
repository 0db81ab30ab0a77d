"""What each seller would be paid now, and what stands against it."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from niaga.flows.money.states import PayoutState
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balances

_OWED = """
    SELECT seller_id, COALESCE(e.parts, 0),
           COALESCE(e.net, 0), COALESCE(r.minor, 0), COALESCE(d.minor, 0),
           COALESCE(r.same_account, FALSE)
      FROM (SELECT seller_id, COUNT(*) AS parts,
                   SUM(gross_minor - commission_minor - refunded_minor
                       + refunded_commission_minor) AS net
              FROM money_escrow WHERE state = 'releasable' AND currency = %(currency)s
             GROUP BY seller_id) e
      FULL JOIN (SELECT p.seller_id, SUM(p.amount_minor) AS minor,
                        BOOL_OR(p.bank_account = c.bank_account
                                AND p.bank_name = c.bank_name) AS same_account
                   FROM money_payout p JOIN parties_company c ON c.id = p.seller_id
                  WHERE p.state = 'returned' AND p.repaid_by_id IS NULL
                    AND p.currency = %(currency)s GROUP BY p.seller_id) r USING (seller_id)
      LEFT JOIN (SELECT seller_id, SUM(amount_minor) AS minor FROM money_sellerdebt
                  WHERE payout_id IS NULL AND currency = %(currency)s
                  GROUP BY seller_id) d USING (seller_id)
     ORDER BY 1
"""


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
    """What a seller would get now, for `parts` of orders.

    `account_refused`: its account is still the one from which the bank sent money back.
    """

    parts: int
    account_refused: bool


def sellers_owed(currency: str) -> tuple[OwedNow, ...]:
    """Return what every seller with money to get is owed, by id; two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_OWED, {"currency": currency})
        rows = cursor.fetchall()
    cash = balances(*(AccountKey("cod_cash", row[0]) for row in rows), currency=currency)
    return tuple(
        OwedNow(
            seller_id=seller_id,
            parts=parts,
            net=Money(int(net), currency),
            returned=Money(int(returned), currency),
            cash=cash[AccountKey("cod_cash", seller_id)],
            debt=Money(int(debt), currency),
            account_refused=refused,
        )
        for seller_id, parts, net, returned, debt, refused in rows
    )


def currencies_owed() -> tuple[str, ...]:
    """Return the currencies in which anything is to be paid out; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency FROM money_escrow WHERE state = 'releasable' UNION"
            " SELECT currency FROM money_payout WHERE state = 'returned' AND repaid_by_id IS NULL"
            " ORDER BY 1"
        )
        return tuple(row[0] for row in cursor.fetchall())
