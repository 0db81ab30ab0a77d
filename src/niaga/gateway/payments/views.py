"""What merchants may ask: to hold money, to move what is held, where a purchase stands.

Until the speaker is known an answer is a problem document; from then on every answer, also a
failure, is signed. Who is on the line is judged first (`payments/peer.py`), then the message's own
certificate; both must speak for the same merchant.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from niaga.gateway.answers import seal_authorization, seal_pending
from niaga.gateway.authorize import authorize as ask_issuer
from niaga.gateway.commands.admit_authorization import Asked
from niaga.gateway.commands.compare_books import Comparison, compare_books
from niaga.gateway.commands.issue_code import issue_code
from niaga.gateway.commands.perform_operation import Outcome, perform_operation
from niaga.gateway.commands.tell_receipts import tell_receipts
from niaga.gateway.commands.welcome_merchant import welcome_merchant
from niaga.gateway.http import JOSE, JSON, ProblemError, body_of, front, text_of
from niaga.gateway.issuer.connection import line
from niaga.gateway.keys import gateway_certificates, gateway_keys, gateway_signer, trust
from niaga.gateway.payments.peer import caller_of
from niaga.gateway.payments.queries import (
    asked_before,
    inquire,
    known_instrument,
    known_merchant,
)
from niaga.gateway.references import identifier, reference
from niaga.kernel import clock
from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal
from niaga.protocol.envelope import Opened, digest_of, write_plain
from niaga.protocol.errors import MismatchError, OperationError, ProtocolError, SchemaError
from niaga.protocol.formats import jws
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.gateway import operations as answers
from niaga.protocol.gateway.authorization import (
    CheckedAuthorization,
    answer_failure,
    authenticate,
    check_authorization,
    check_deadline,
    check_instrument,
    check_second_factor,
)
from niaga.protocol.gateway.codes import answer_code, answer_receipts
from niaga.protocol.messages import operations as messages
from niaga.protocol.messages.codes import CodeRequest, ReceiptsRequest
from niaga.protocol.messages.parts import SignedMessage
from niaga.protocol.messages.purchase import AuthorizationRequest, DualSignature

type Handler[M] = Callable[[Opened[M]], str]


def signed(*kinds: type[Any]) -> Callable[[Handler[Any]], Callable[[HttpRequest], HttpResponse]]:
    """Let a handler answer authentic messages of these kinds; its refusals are signed, too."""

    def decorate(handler: Handler[Any]) -> Callable[[HttpRequest], HttpResponse]:
        @front
        @wraps(handler)
        def view(request: HttpRequest) -> HttpResponse:
            most = max(kind.MAX_BYTES for kind in kinds)
            text = text_of(body_of(request, max_bytes=most))
            kind = _kind_of(text, kinds)
            caller = caller_of(request)
            opened = authenticate(
                kind, text, me=settings.GATEWAY_ADDRESS, trust=trust(), now=clock.now()
            )
            signer = opened.identity
            if (caller.subject, caller.brand) != (signer.subject, signer.brand):
                # Nothing is signed for whoever carries another one's message.
                raise ProblemError(403, "another_caller")
            try:
                answer = handler(opened)
            except (ProtocolError, Refusal) as refusal:
                answer = answer_failure(
                    opened, refusal.code, signer=gateway_signer(), now=clock.now()
                )
            return HttpResponse(answer, content_type=JOSE)

        return view

    return decorate


def _kind_of(text: str, kinds: tuple[type[SignedMessage], ...]) -> type[SignedMessage]:
    """Return which message a token says it is; that it is one is checked when it is opened."""
    if len(kinds) == 1:
        return kinds[0]
    said = jws.parse(text, max_bytes=max(kind.MAX_BYTES for kind in kinds)).header.get("typ")
    found = next((kind for kind in kinds if said == kind.TYPE), None)
    if found is None:
        raise SchemaError("not a message that is understood here")
    return found


@signed(AuthorizationRequest)
def authorize(opened: Opened[AuthorizationRequest]) -> str:
    """Hold the money, or say why not; a repetition gets the first one's bytes."""
    asked = opened.message
    ds_hash = digest_of(asked.ds, DualSignature)
    merchant_id, earlier = asked_before(opened.identity.subject, asked.xid, ds_hash)
    if earlier is not None:
        return earlier.answer or seal_pending(earlier)
    now = clock.now()
    checked = check_authorization(opened, keys=gateway_keys(), trust=trust(), now=now)
    instrument = known_instrument(checked.mandate.payment_instrument)
    check_instrument(checked, instrument)
    assert instrument is not None, "an unknown instrument was refused"
    check_second_factor(
        checked,
        instrument,
        required=asked.amount.minor >= settings.SECOND_FACTOR_FROM_MINOR,
        party=RelyingParty(settings.WALLET_HOST, settings.WALLET_ORIGIN),
    )
    facts = ask_issuer(
        _asked(merchant_id or _merchant(opened), checked), line=line(), seal=seal_authorization
    )
    return facts.answer or seal_pending(facts)


def _asked(merchant_id: Any, checked: CheckedAuthorization) -> Asked:
    purchase = checked.purchase
    if purchase.amount.currency not in CURRENCIES:
        raise MismatchError("currency")
    return Asked(
        merchant_id=merchant_id,
        xid=purchase.xid,
        request_hash=purchase.request_hash,
        ds_hash=purchase.ds_hash,
        buyer_x5t=purchase.buyer_x5t,
        merchant_x5t=purchase.merchant_x5t,
        checkout_hash=purchase.checkout_hash,
        instrument_id=identifier(checked.mandate.payment_instrument.id),
        amount=Money(purchase.amount.minor, purchase.amount.currency),
    )


def _merchant(opened: Opened[Any]) -> Any:
    speaker = opened.identity
    known = known_merchant(speaker.subject)
    return known or welcome_merchant(address=speaker.subject, name=speaker.name)


@signed(
    messages.Capture,
    messages.CaptureReversal,
    messages.Reversal,
    messages.Credit,
    messages.CreditReversal,
)
def operations(opened: Opened[Any]) -> str:
    """Move what is held, or say why the books do not allow it."""
    merchant_id = _merchant(opened)

    def seal(outcome: Outcome) -> str:
        # Nothing is written for a stale order, so that a fresh one may follow under its number.
        check_deadline(opened, clock.now())
        return answers.answer_operation(
            opened,
            result="refused" if outcome.refused else "done",
            made=None if outcome.refused else reference(outcome.operation_id),
            reason=outcome.refused or None,
            books=outcome.books,
            signer=gateway_signer(),
            now=clock.now(),
        )

    def perform() -> str:
        return perform_operation(
            merchant_id=merchant_id, order=opened.message, request_hash=opened.digest, seal=seal
        )

    try:
        return perform()
    except IntegrityError:
        # The same request was carried out at this very moment: its answer is there now.
        return perform()


@signed(messages.Inquiry)
def inquiry(opened: Opened[messages.Inquiry]) -> str:
    """Say where a purchase stands, with the answer it got."""
    check_deadline(opened, clock.now())
    found = inquire(_merchant(opened), opened.message.xid)
    return answers.answer_inquiry(
        opened,
        state=found.state,
        answer=found.answer or None,
        books=found.books,
        signer=gateway_signer(),
        now=clock.now(),
    )


@signed(messages.Batch)
def batches(opened: Opened[messages.Batch]) -> str:
    """Compare the merchant's books with ours."""

    def seal(comparison: Comparison) -> str:
        check_deadline(opened, clock.now())
        return answers.answer_batch(
            opened,
            comparison.agreed,
            comparison.differences,
            signer=gateway_signer(),
            now=clock.now(),
        )

    try:
        return compare_books(
            merchant_id=_merchant(opened),
            order=opened.message,
            request_hash=opened.digest,
            seal=seal,
        )
    except OperationError as error:
        raise SchemaError("a movement is named twice") from error


@signed(CodeRequest)
def codes(opened: Opened[CodeRequest]) -> str:
    """Issue a code that anybody may pay; a repeated order gets the same code."""
    check_deadline(opened, clock.now())
    issued = issue_code(merchant_id=_merchant(opened), order=opened.message)
    return answer_code(
        opened,
        made=issued.code_id,
        content=issued.content,
        signer=gateway_signer(),
        now=clock.now(),
    )


@signed(ReceiptsRequest)
def receipts(opened: Opened[ReceiptsRequest]) -> str:
    """Say what came in by the merchant's codes."""
    check_deadline(opened, clock.now())
    told = tell_receipts(merchant_id=_merchant(opened), after=opened.message.after)
    return answer_receipts(
        opened,
        told.receipts,
        more=told.more,
        until_s=int(told.until.timestamp()),
        signer=gateway_signer(),
        now=clock.now(),
    )


@front
def certificates(request: HttpRequest) -> HttpResponse:
    """Tell the gateway's current chains."""
    if request.method != "GET":
        raise ProblemError(405, "method_not_allowed")
    caller_of(request)
    return HttpResponse(write_plain(gateway_certificates()), content_type=JSON)
