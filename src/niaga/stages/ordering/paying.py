"""Paying by card, between the commands: here, and never in a transaction, the bank is asked.

A purchase that the buyer signed is pursued until its end is known: the same bytes up to three
times, then an inquiry, then it is called off with a reversal. Each step is committed before the
next is taken, so that whoever comes after a crash goes on where it stopped.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.card import bank, offers
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.commands.keep_offer import check_payable, keep_offer
from niaga.flows.money.commands.keep_request import drop_request, keep_request
from niaga.flows.money.commands.request_authorization import OfferAnswered, count_try
from niaga.flows.money.models import Authorization, GatewayOperation
from niaga.flows.money.states import AuthorizationState, OperationState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.reads import Columns
from niaga.plumbing.writes import prepared_cursor
from niaga.stages.ordering.commands.settle_payment import (
    authorize_payment,
    call_payment_off,
    decline_payment,
    request_payment,
)
from niaga.stages.ordering.commands.take_bank_answer import take_bank_answer
from niaga.stages.ordering.models import Purchase
from niaga.stages.ordering.offering import offer_terms

SENDINGS = 3
GIVE_UP_AFTER = timedelta(seconds=75)
"""How long after the buyer signed a payment without an answer is called off."""


@dataclass(eq=False)
class OfferUnknown(Refusal):
    """No offer of this payment has that purchase identifier."""

    code: ClassVar[str] = "offer_unknown"
    xid: str


def make_offer(*, token: str, asked: bytes) -> bytes | None:
    """Return an offer of the whole purchase to a wallet that knows the payment's token.

    None: there is no such payment.

    Raises:
        NotPayable, TooManyOffers: see `keep_offer`.
        ProtocolError: the question is not one.
        UnreachableError: the gateway's certificates can't be had now.
    """
    purchase = _purchase(token)
    if purchase is None:
        return None
    check_payable(purchase.payment)
    made = offers.make_offer(asked, offer_terms(purchase))
    keep_offer(payment_id=purchase.payment_id, made=made)
    return made.answer


def take_request(*, token: str, body: bytes) -> str | None:
    """Take what the buyer signed, ask the bank, and return the answer to the buyer.

    The same request again gets the answer of the moment. None: there is no such payment.

    Raises:
        OfferUnknown, OfferAnswered, NotPayable: why the request is not taken.
        ProtocolError: it does not hold.
        UnreachableError: the market can't check or sign now.
    """
    request = offers.read_request(body)
    xid = offers.request_xid(request)
    purchase, row = _signed(token, xid)
    if purchase is None:
        return None
    if row is None:
        raise OfferUnknown(xid)
    if row.state == AuthorizationState.OFFERED:
        live = Money(purchase.total_minor, purchase.currency)
        signed = offers.check_request(request, row=row, live=live)
        actor = Actor("buyer", purchase.person_id)
        begun = request_payment(
            actor=actor, authorization_id=row.id, purchase=purchase, signed=signed
        )
        if begun:
            _take_over(row, signed)
            _ask_and_settle(row, tries=row.tries)
        else:
            row.refresh_from_db()
    elif not offers.is_same(request, row):
        raise OfferAnswered(row.xid)
    return offers.answer_buyer(row, reference=purchase.reference, ds=request.ds)


_PURCHASE = Columns(Purchase, "p", "id", "reference", "person", "total_minor", "currency")
_TRY = Columns(Authorization, "a")
_SIGNED = f"""
    SELECT {_PURCHASE}, {_TRY}
      FROM money_payment y
      JOIN ordering_purchase p ON p.payment_id = y.id
      LEFT JOIN money_authorization a ON a.payment_id = y.id AND a.xid = %s
     WHERE y.token = %s
"""  # noqa: S608 - columns of ours


def _signed(token: str, xid: str) -> tuple[Purchase | None, Authorization | None]:
    """Return the purchase of a payment's token, and the try that answers the offer `xid`."""
    with prepared_cursor() as cursor:
        cursor.execute(_SIGNED, [xid, token])
        found = cursor.fetchone()
    if found is None:
        return None, None
    mine, of_try = found[: len(_PURCHASE)], found[len(_PURCHASE) :]
    return _PURCHASE.read(mine), _TRY.read(of_try) if of_try[0] else None


def _take_over(row: Authorization, signed: offers.SignedRequest) -> None:
    """Let the row say what `request_payment` has just written."""
    row.state, row.tries, row.requested_at = AuthorizationState.REQUESTED, 1, clock.now()
    row.request, row.ds_hash, row.auth_req = signed.text, signed.ds_hash, signed.auth_req


def payment_status(*, token: str) -> str | None:
    """Return the answer to the buyer who signed last; None where nobody has, or no such payment.

    Raises:
        UnreachableError: the market can't sign now.
    """
    purchase = _purchase(token)
    if purchase is None:
        return None
    row = (
        purchase.payment.authorizations.exclude(state=AuthorizationState.OFFERED)
        .order_by("-requested_at")
        .first()
    )
    return offers.answer_buyer(row, reference=purchase.reference) if row else None


def pursue(authorization_id: UUID) -> datetime | None:
    """Ask the bank once about a signed payment; return when to ask again, None at its end."""
    tries = count_try(authorization_id=authorization_id, next_at_s=bank.TIMEOUT_S + 2)
    if tries is None:
        return None
    row = Authorization.objects.get(pk=authorization_id)
    if _ask_and_settle(row, tries=tries):
        return None
    return (
        Authorization.objects.filter(pk=row.pk, state=AuthorizationState.REQUESTED)
        .values_list("due_at", flat=True)
        .first()
    )


def _ask_and_settle(row: Authorization, *, tries: int) -> bool:
    """Ask the bank, for the `tries`th time, outside any transaction; say whether that was it."""
    if _settle(row, _ask(row, tries)):
        return True
    Authorization.objects.filter(pk=row.pk, state=AuthorizationState.REQUESTED).update(
        due_at=clock.now() + timedelta(seconds=min(tries, 10))
    )
    return False


def _ask(row: Authorization, tries: int) -> bank.Word | None:
    """Return the bank's word, None where no answer came."""
    try:
        if tries <= SENDINGS:
            return bank.ask_authorization(row)
        return bank.inquire(row)
    except UnreachableError:
        return None


def _settle(row: Authorization, word: bank.Word | None) -> bool:
    """Write the end down where there is one, the row saying so too; say whether there is."""
    if word is not None and word.result == "approved":
        if authorize_payment(authorization_id=row.id, word=word):
            row.state, row.auth_res = AuthorizationState.APPROVED, word.text
        else:
            row.refresh_from_db(fields=["state", "auth_res"])
        return True
    assert row.requested_at is not None
    if word is not None and word.result in {"declined", "failed"}:
        decline_payment(authorization_id=row.id, word=word)
    elif clock.now() - row.requested_at >= GIVE_UP_AFTER:
        call_payment_off(authorization_id=row.id)
    else:
        return False
    row.refresh_from_db(fields=["state", "auth_res"])
    return True


def authorizations_due(at_most: int = 100) -> tuple[UUID, ...]:
    """Return signed payments whose answer somebody has to look after."""
    due = Authorization.objects.filter(state=AuthorizationState.REQUESTED, due_at__lte=clock.now())
    return tuple(due.order_by("due_at").values_list("id", flat=True)[:at_most])


def tell(authorization_id: UUID) -> bool:
    """Tell the gateway what is due about an authorization, in order; say whether all is told.

    What follows an operation without an answer waits for it.
    """
    due = GatewayOperation.objects.filter(
        authorization_id=authorization_id, state=OperationState.DUE
    )
    ids = due.order_by("seq").values_list("id", flat=True)
    return all(_tell_one(operation_id) for operation_id in ids)


def _tell_one(operation_id: UUID) -> bool:
    row = GatewayOperation.objects.select_related("authorization").get(pk=operation_id)
    try:
        request = row.request or bank.sign_operation(row, now=clock.now())
        kept = keep_request(operation_id=operation_id, request=request)
        if kept is None:
            return True
        done = bank.tell_operation(row, kept)
    except UnreachableError:
        return False
    if done.result == "stale":
        drop_request(operation_id=operation_id)
    if done.result in {"stale", "pending"}:
        return False
    take_bank_answer(operation_id=operation_id, done=done)
    return True


def operations_due(at_most: int = 100) -> tuple[UUID, ...]:
    """Return the authorizations about which the gateway has to be told something."""
    due = GatewayOperation.objects.filter(state=OperationState.DUE, due_at__lte=clock.now())
    ids = due.order_by("authorization_id").values_list("authorization_id", flat=True).distinct()
    return tuple(ids[:at_most])


def _purchase(token: str) -> Purchase | None:
    found = Purchase.objects.select_related("payment").filter(payment__token=token)
    return found.first() if token else None
