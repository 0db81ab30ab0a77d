"""A seller's money: where it is, every movement of it, every payout."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.formats import money, query
from niaga.doors.look.page import Tab, Word, chosen, identifier, page_number
from niaga.doors.look.payouts import OwnScheduleForm, filled
from niaga.doors.seller_portal.page import ask, show
from niaga.doors.seller_portal.words import ACCOUNTS, ENTRIES
from niaga.flows.money.commands.keep_payout_schedule import (
    choose_payout_schedule,
    follow_payout_schedule,
)
from niaga.flows.money.payout_schedule import payout_schedule
from niaga.flows.money.seller_queries import payouts_page, seller_balance
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance as account_balance
from niaga.plumbing.tables import csv_line
from niaga.stages.ordering.seller_queries import (
    OwnStatement,
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
        "standing": _standing(desk, account, page),
        "entries": ENTRIES,
    }
    return show(request, desk, "statement", context)


def _standing(desk: SellerDesk, account: str, page: OwnStatement) -> Money:
    """Return what the account stands at; the newest page says it by itself."""
    if page.movements and page.newer is None:
        return page.movements[0].line.balance
    return account_balance(AccountKey(account, desk.company_id))


@seller_only
def statement_file(request: HttpRequest, desk: SellerDesk) -> StreamingHttpResponse:
    """Give all of an account's movements as CSV, oldest first; amounts in rupiah."""
    account = chosen(request, "account", ACCOUNTS) or "escrow"

    def rows() -> Iterator[str]:
        yield csv_line(["posted_at", "step", "order", "amount", "balance", "currency"])
        for own in whole_statement(desk.company_id, account=account):
            line = own.line
            at = line.posted_at.isoformat(timespec="seconds")
            amounts = (line.amount.major, line.balance.major, line.amount.currency)
            yield csv_line([at, line.kind, own.reference, *amounts])

    response = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{desk.slug}-{account}.csv"'
    return response


@seller_only
def payouts(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what was transferred, and how often it is."""
    terms = payout_schedule([desk.company_id]).of(desk.company_id)
    page = payouts_page(desk.company_id, page_number(request))
    context = {"page": page, "terms": terms, "every": terms.every.label}
    return show(request, desk, "payouts", context)


@seller_only
def schedule(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Ask how often the seller wants to be paid."""
    kept = payout_schedule([desk.company_id])
    own = kept.chosen.get(desk.company_id)
    initial = filled(own) if own else {**filled(kept.default), "every": ""}

    def act(form: OwnScheduleForm) -> Word:
        if form.follows():
            follow_payout_schedule(seller_id=desk.company_id)
        else:
            terms = form.terms()
            choose_payout_schedule(seller_id=desk.company_id, every=terms.every, least=terms.least)
        return _("You are paid by the new schedule.")

    question = Question(
        title=_("How often are you paid?"),
        text=_("All that is ready goes into one transfer. The market's least amount is %(least)s.")
        % {"least": money(kept.default.least)},
        button=_("Save"),
        back=reverse("seller:payouts"),
    )
    return ask(request, desk, question, OwnScheduleForm(answers(request), initial=initial), act)
