"""A seller's money: where it is, every movement of it, every payout."""

import csv
import io
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.formats import query
from niaga.doors.look.page import Tab, chosen, identifier, page_number
from niaga.doors.seller_portal.page import show
from niaga.doors.seller_portal.words import ACCOUNTS, ENTRIES
from niaga.flows.money.seller_queries import payouts_page, seller_balance
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance as account_balance
from niaga.stages.ordering.seller_queries import (
    commissions,
    open_debts,
    own_statement,
    whole_statement,
)

PAGE_SIZE = 25


@seller_only
def balance(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show where the money is and how each order's is shared."""
    context = {
        "balance": seller_balance(desk.company_id),
        "debts": open_debts(desk.company_id),
        "cash": account_balance(AccountKey("cod_cash", desk.company_id)),
        "commissions": commissions(desk.company_id),
    }
    return show(request, desk, "balance", context)


@seller_only
def movements(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show an account's movements."""
    account = chosen(request, "account", ACCOUNTS) or "escrow"
    before, after = identifier(request, "before"), identifier(request, "after")
    page = own_statement(
        desk.company_id,
        account=account,
        limit=PAGE_SIZE,
        before=None if after else before,
        after=after,
    )
    links: list[Tab] = [
        (label, query(request, account=code, before=None, after=None), code == account, None)
        for code, label in ACCOUNTS.items()
    ]
    context = {
        "tabs": links,
        "account": account,
        "page": page,
        "standing": account_balance(AccountKey(account, desk.company_id)),
        "entries": ENTRIES,
    }
    return show(request, desk, "statement", context)


@seller_only
def statement_file(request: HttpRequest, desk: SellerDesk) -> StreamingHttpResponse:
    """Give all of an account's movements as CSV, oldest first; amounts in rupiah."""
    account = chosen(request, "account", ACCOUNTS) or "escrow"

    def rows() -> Iterator[str]:
        yield _csv(["posted_at", "step", "order", "amount", "balance", "currency"])
        for own in whole_statement(desk.company_id, account=account):
            line = own.line
            at = line.posted_at.isoformat(timespec="seconds")
            amounts = [str(line.amount.major), str(line.balance.major), line.amount.currency]
            yield _csv([at, line.kind, own.reference, *amounts])

    response = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.slug}-{account}.csv"'
    return response


def _csv(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


@seller_only
def payouts(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what was transferred."""
    page = payouts_page(desk.company_id, page_number(request))
    return show(request, desk, "payouts", {"page": page})
