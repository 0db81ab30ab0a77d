"""What orders, ledger, gateway and bank say of a day's money, side by side.

Amounts are in minor units, below zero where money left the market. A thing belongs to each day on
which a side moved; compared is all that the sides say of it until now, so that midnight parts
nothing. What differed before is looked at on every day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.money.commands.keep_differences import (
    BOOKING,
    UNEXPLAINED,
    ReconciliationItem,
    Sides,
)
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import BankEntry, BankReceipt
from niaga.plumbing.days import midnight

PAYMENT, REFUND, PAYOUT, SETTLEMENT = "payment", "refund", "payout", "settlement"
KINDS = (PAYMENT, REFUND, PAYOUT, SETTLEMENT, BOOKING)
SETTLES_WITHIN = timedelta(days=2)
"""How long the gateway's money may be on its way to the bank."""

_SETTLED = """
    COALESCE((SELECT SUM(settled_minor) FROM money_reconciliationdifference d
               WHERE d.about_id = {about}.id AND d.state = 'settled'), 0)::bigint AS settled
"""
_PAYMENTS = f"""
    WITH about AS (
        SELECT payment_id AS id FROM money_capture
         WHERE captured_at >= %(since)s AND captured_at < %(until)s
        UNION SELECT payment_id FROM money_bankreceipt
         WHERE payment_id IS NOT NULL AND received_at >= %(since)s AND received_at < %(until)s
        UNION SELECT a.payment_id FROM money_gatewayoperation g
          JOIN money_authorization a ON a.id = g.authorization_id
         WHERE g.kind = 'capture' AND g.performed_at >= %(since)s AND g.performed_at < %(until)s
        UNION SELECT pu.payment_id FROM ordering_order o
          JOIN ordering_purchase pu ON pu.id = o.purchase_id
         WHERE (o.confirmed_at >= %(since)s AND o.confirmed_at < %(until)s)
            OR (o.delivered_at >= %(since)s AND o.delivered_at < %(until)s)
        UNION SELECT unnest(%(open)s::uuid[])
    )
    SELECT p.id, pu.reference, p.method,
           CASE WHEN p.method = ANY(%(at_dispatch)s) THEN (
                SELECT COALESCE(SUM(c.total_minor), 0) FROM ordering_charge c
                  JOIN ordering_order o ON o.id = c.order_id WHERE o.purchase_id = pu.id)
           ELSE (SELECT COALESCE(SUM(o.total_minor), 0) FROM ordering_order o
                  WHERE o.purchase_id = pu.id
                    AND CASE WHEN p.method = ANY(%(at_delivery)s) THEN o.delivered_at
                             ELSE o.confirmed_at END IS NOT NULL)
           END::bigint AS orders,
           (SELECT COALESCE(SUM(t.amount_minor), 0)::bigint FROM ledger_journalentry e
              JOIN ledger_transfer t ON t.entry_id = e.id
              JOIN ledger_account a ON a.id = t.debit_id AND a.kind <> 'voucher_expense'
             WHERE (e.kind, e.cause_id) IN (
                SELECT 'capture', o.id FROM ordering_order o WHERE o.purchase_id = pu.id
                UNION ALL SELECT 'card_capture', g.id FROM money_gatewayoperation g
                  JOIN money_authorization h ON h.id = g.authorization_id
                 WHERE h.payment_id = p.id)) AS ledger,
           ((SELECT COALESCE(SUM(g.moved_minor), 0) FROM money_gatewayoperation g
               JOIN money_authorization h ON h.id = g.authorization_id
              WHERE h.payment_id = p.id AND g.kind = 'capture' AND g.state = 'done')
            + (SELECT COALESCE(SUM(amount_minor), 0) FROM money_bankreceipt r
                WHERE r.payment_id = p.id AND r.code_id IS NOT NULL))::bigint AS gateway,
           (SELECT SUM(amount_minor)::bigint FROM money_bankreceipt r
             WHERE r.payment_id = p.id AND r.code_id IS NULL) AS bank,
           {_SETTLED.format(about="p")}
      FROM about JOIN money_payment p ON p.id = about.id
      JOIN ordering_purchase pu ON pu.payment_id = p.id
     WHERE p.currency = %(currency)s AND NOT EXISTS (
        SELECT 1 FROM money_gatewayoperation g JOIN money_authorization h
            ON h.id = g.authorization_id
         WHERE h.payment_id = p.id AND g.kind = 'capture' AND g.state = 'due')
     ORDER BY p.id
"""  # noqa: S608 - constants of this file
_REFUNDS = """
    WITH about AS (
        SELECT id FROM money_refund WHERE sent_at >= %(since)s AND sent_at < %(until)s
        UNION SELECT about_id FROM money_gatewayoperation
         WHERE kind = 'credit' AND performed_at >= %(since)s AND performed_at < %(until)s
        UNION SELECT unnest(%(open)s::uuid[])
    )
    SELECT r.id, o.reference, '', CASE WHEN r.state = 'sent' THEN -r.amount_minor ELSE 0 END,
           (SELECT -COALESCE(SUM(t.amount_minor), 0)::bigint FROM ledger_journalentry e
              JOIN ledger_transfer t ON t.entry_id = e.id
             WHERE e.kind = 'refund_sent' AND e.cause_id = r.id),
           (SELECT -SUM(g.moved_minor)::bigint FROM money_gatewayoperation g
             WHERE g.about_id = r.id AND g.kind = 'credit' AND g.state = 'done'), NULL::bigint, 0
      FROM about JOIN money_refund r ON r.id = about.id JOIN ordering_order o ON o.id = r.cause_id
     WHERE r.currency = %(currency)s AND NOT EXISTS (
        SELECT 1 FROM money_gatewayoperation g
         WHERE g.about_id = r.id AND g.kind = 'credit' AND g.state = 'due')
     ORDER BY r.id
"""
_PAYOUTS = f"""
    WITH about AS (
        SELECT id FROM money_payout WHERE (paid_at >= %(since)s AND paid_at < %(until)s)
            OR (returned_at >= %(since)s AND returned_at < %(until)s)
        UNION SELECT payout_id FROM money_bankentry
         WHERE payout_id IS NOT NULL AND booked_on = %(day)s
        UNION SELECT unnest(%(open)s::uuid[])
    )
    SELECT p.id, '#' || b.number || ' ' || p.bank_holder, '',
           CASE WHEN p.state = 'paid' THEN -p.amount_minor ELSE 0 END,
           (SELECT COALESCE(SUM(CASE WHEN d.kind = 'bank' THEN t.amount_minor
                                     ELSE -t.amount_minor END), 0)::bigint
              FROM ledger_journalentry e JOIN ledger_transfer t ON t.entry_id = e.id
              JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
             WHERE e.kind IN ('payout_paid', 'payout_returned') AND e.cause_id = p.id
               AND 'bank' IN (d.kind, c.kind)),
           NULL::bigint,
           (SELECT SUM(SIGN(amount_minor) * p.amount_minor)::bigint FROM money_bankentry n
             WHERE n.payout_id = p.id),
           {_SETTLED.format(about="p")}
      FROM about JOIN money_payout p ON p.id = about.id
      JOIN money_payoutbatch b ON b.id = p.batch_id
     WHERE p.currency = %(currency)s ORDER BY p.id
"""  # noqa: S608 - constants of this file
_SETTLEMENTS = f"""
    WITH about AS (
        SELECT id FROM money_reconciliation
         WHERE compared_at >= %(settled_since)s AND compared_at < %(settled_until)s
        UNION SELECT unnest(%(open)s::uuid[])
    )
    SELECT r.id, replace(r.id::text, '-', ''), '', NULL::bigint,
           (SELECT COALESCE(SUM(CASE WHEN d.kind = 'bank' THEN t.amount_minor
                                     ELSE -t.amount_minor END), 0)::bigint
              FROM ledger_journalentry e JOIN ledger_transfer t ON t.entry_id = e.id
              JOIN ledger_account d ON d.id = t.debit_id
             WHERE e.kind = 'card_settlement' AND e.cause_id = r.id),
           r.settled_minor,
           (SELECT SUM(amount_minor)::bigint FROM money_bankentry n WHERE n.settlement_id = r.id),
           {_SETTLED.format(about="r")}
      FROM about JOIN money_reconciliation r ON r.id = about.id
     WHERE r.currency = %(currency)s ORDER BY r.id
"""  # noqa: S608 - constants of this file
_BOOKINGS = """
    SELECT id, reference, state, NULL, NULL, NULL, amount_minor, 0 FROM money_bankentry
     WHERE currency = %(currency)s
       AND ((booked_on = %(day)s AND state = 'unmatched') OR id = ANY(%(open)s::uuid[]))
     ORDER BY id
"""
_ASKED = {
    PAYMENT: _PAYMENTS,
    REFUND: _REFUNDS,
    PAYOUT: _PAYOUTS,
    SETTLEMENT: _SETTLEMENTS,
    BOOKING: _BOOKINGS,
}


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether the bank has spoken of a day: what came in by any file, all else by a statement."""

    credits: bool
    all: bool


HEARD = Heard(credits=True, all=True)


def heard_of(day: date, currency: str) -> Heard:
    """Return whether the bank's files reach as far as the day; two statements."""
    entries = BankEntry.objects.filter(booked_on__gte=day, currency=currency).exists()
    since = midnight(day)
    lines = BankReceipt.objects.filter(received_at__gte=since, currency=currency, code__isnull=True)
    return Heard(entries or lines.exists(), entries)


def compared(
    day: date, currency: str, *, heard: Heard, still_open: Mapping[str, Mapping[UUID, bool]]
) -> Iterator[ReconciliationItem]:
    """Yield everything of a day (in the market's time zone) and what was open; five statements.

    `still_open` says of each thing whether the bank has been heard about it.
    """
    for kind in KINDS:
        known = still_open.get(kind, {})
        for row in _asked(kind, day, currency, tuple(known)):
            yield _compared(kind, row, HEARD if known.get(row[0]) else heard)


def compared_again(kind: str, about_id: UUID, day: date, currency: str) -> tuple[Sides, int]:
    """Return what the sides say of one thing now, and what was settled of it; one statement.

    The bank has been heard about it.
    """
    for row in _asked(kind, day, currency, (about_id,)):
        if row[0] == about_id:
            return _compared(kind, row, HEARD).sides, row[-1]
    return Sides(), 0


def _asked(kind: str, day: date, currency: str, about_ids: Sequence[UUID]) -> list[tuple[Any, ...]]:
    since = midnight(day)
    until = midnight(day + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            _ASKED[kind],
            {
                "since": since,
                "until": until,
                "settled_since": since - SETTLES_WITHIN,
                "settled_until": until - SETTLES_WITHIN,
                "day": day,
                "currency": currency,
                "at_dispatch": _captured_at("dispatch"),
                "at_delivery": _captured_at("delivery"),
                "open": list(about_ids),
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _captured_at(when: str) -> list[str]:
    return [method.code for method in METHODS.values() if method.captured_at == when]


def _compared(kind: str, row: tuple[Any, ...], heard: Heard) -> ReconciliationItem:
    about_id, reference, detail, orders, ledger, gateway, bank, settled = row
    if kind == BOOKING:
        problem = UNEXPLAINED if detail == "unmatched" else ""
        return ReconciliationItem(kind, about_id, reference, Sides(bank=bank), problem)
    if kind == PAYMENT:
        method = METHODS[detail]
        in_cash = method.captured_at == "delivery"
        by_gateway = method.by_code or method.captured_at == "dispatch"
        gateway = gateway if by_gateway or gateway else None
        asks_bank = heard.credits and not (in_cash or by_gateway)
    else:
        in_cash, asks_bank = False, heard.all and kind != REFUND
    if bank is None and asks_bank:
        bank = 0
    sides = Sides(orders, ledger, gateway, bank)
    return ReconciliationItem(kind, about_id, reference, sides, _problem(kind, sides, settled))


def _problem(kind: str, sides: Sides, settled: int) -> str:
    """Return on what the sides differ; what was settled is in the books of the bank since."""
    if sides.orders is not None and sides.orders != sides.ledger:
        return "ledger"
    ledger = sides.ledger or 0
    if kind == PAYMENT and sides.gateway is not None and sides.bank is not None:
        return "" if sides.gateway + sides.bank == ledger + settled else "bank"
    if sides.gateway is not None and sides.gateway != ledger:
        return "gateway"
    if sides.bank is not None and sides.bank != ledger + settled:
        return "bank" if sides.bank else "bank_silent"
    return ""
