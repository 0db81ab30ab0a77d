"""What the market asks its gateway, and what the gateway's signed answers say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.card.transport import Call, UnreachableError, exchange
from niaga.flows.money.card.trust import Chain, known_gateway, trust_in
from niaga.flows.money.models import Authorization, GatewayOperation
from niaga.kernel import clock
from niaga.protocol.envelope import require
from niaga.protocol.errors import AnsweredFailureError, ProtocolError
from niaga.protocol.formats import jws
from niaga.protocol.formats.x509 import CHAIN_LENGTH, Role, Trust, Use, read_chain, verify_chain
from niaga.protocol.merchant import operations, purchase
from niaga.protocol.messages.operations import BATCH_BYTES, Entry
from niaga.protocol.messages.parts import Amount

# The gateway answers within 8 s, even if only that it is still asking; the buyer waits for 20.
TIMEOUT_S = 8.5
AGAIN_LATER = {"unavailable"}


@dataclass(frozen=True, slots=True)
class Word:
    """What the bank said about an authorization.

    `result` is approved, declined, pending, unknown (it never saw the request) or failed (it will
    not act); `text` is the signed answer where there is one to keep.
    """

    result: Literal["approved", "declined", "pending", "unknown", "failed"]
    reason: str = ""
    text: str = ""
    auth_id: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What the gateway said about an operation; a refused one moved nothing.

    `result` is done, refused, pending (ask again), or stale: nothing was done, the request is too
    old to be admitted, and a new one is to be signed.
    """

    result: Literal["done", "refused", "pending", "stale"]
    text: str = ""
    remote_id: str = ""
    reason: str = ""
    performed_at: datetime | None = None
    moved_minor: int = 0


@dataclass(frozen=True, slots=True)
class Movement:
    """A captured, reversed or credited amount as a batch names it."""

    kind: str
    remote_id: str
    minor: int


@dataclass(frozen=True, slots=True)
class BatchComparison:
    """A batch against the gateway's books: what agreed, and (problem, kind, id, its amount)."""

    text: str
    agreed: int
    differences: tuple[tuple[str, str, str, int], ...]


def ask_authorization(row: Authorization) -> Word:
    """Send the request for money, the same bytes each time; return what the bank said.

    Raises:
        UnreachableError: no usable answer came; nothing is known.
    """
    return _word(send("/authorize", row.auth_req), row)


def inquire(row: Authorization) -> Word:
    """Ask what became of a request for money. Raises as `ask_authorization` does."""
    now = clock.now()
    request = desk().inquire(xid=row.xid, now=now)
    text = send("/inquiry", request)
    with judging(text, "an inquiry") as trust:
        said = operations.check_inquiry(text, request=request, trust=trust, now=now).message
    if said.answer is not None:
        return _word(said.answer, row)
    if said.state in {"pending", "unknown"}:
        return Word(said.state)  # type: ignore[arg-type]
    return Word("failed", reason=said.state)


def sign_operation(row: GatewayOperation, *, now: datetime) -> str:
    """Return the signed request of an operation, to be kept and sent as it is."""
    mine, xid = desk(), row.authorization.xid
    if row.kind == GatewayOperation.Kind.REVERSAL:
        amount = _amount(row) if row.amount_minor is not None else None
        return mine.reverse(xid=xid, seq=row.seq, amount=amount, now=now)
    if row.kind == GatewayOperation.Kind.CREDIT:
        return mine.credit(
            xid=xid, capture_id=row.reference, seq=row.seq, amount=_amount(row), now=now
        )
    return mine.capture(
        xid=xid,
        auth_id=row.authorization.auth_id,
        seq=row.seq,
        amount=_amount(row),
        now=now,
    )


def tell_operation(row: GatewayOperation, request: str) -> Done:
    """Send an operation's request; return what became of it. Raises as `ask_authorization` does.

    A reversal of all that was left does not tell how much that was: an inquiry does.
    """
    done = _told(request)
    if done.result != "done":
        return done
    if row.amount_minor is not None:
        return replace(done, moved_minor=row.amount_minor)
    approved = inquire(row.authorization).result == "approved"
    return replace(done, moved_minor=row.authorization.amount_minor if approved else 0)


def _told(request: str) -> Done:
    now = clock.now()
    text = send("/operations", request)
    with judging(text, "an operation") as trust:
        try:
            said = operations.check_operation(text, request=request, trust=trust, now=now).message
        except AnsweredFailureError as failure:
            if failure.failure in AGAIN_LATER:
                raise
            if failure.failure == "stale":
                return Done("stale")
            return Done("refused", text=text, reason=failure.failure)
    if said.result == "pending":
        return Done("pending")
    return Done(
        "done" if said.result == "done" else "refused",
        text=text,
        remote_id=said.id or "",
        reason=said.reason or "",
        performed_at=datetime.fromtimestamp(said.iat, UTC) if said.id else None,
    )


def sign_comparison(
    movements: tuple[Movement, ...], *, since: datetime, until: datetime, currency: str
) -> str:
    """Return the signed batch of a period's movements."""
    return desk().compare(
        since_s=int(since.timestamp()),
        until_s=int(until.timestamp()),
        currency=currency,
        entries=[Entry(kind=m.kind, id=m.remote_id, minor=m.minor) for m in movements],
        now=clock.now(),
    )


def compare_books(request: str) -> BatchComparison | None:
    """Send a batch; return the gateway's comparison. Raises as `ask_authorization` does.

    None: nothing was compared, the batch is too old to be admitted.
    """
    text, now = send("/batches", request), clock.now()
    with judging(text, "a batch") as trust:
        try:
            said = operations.check_comparison(text, request=request, trust=trust, now=now).message
        except AnsweredFailureError as failure:
            if failure.failure != "stale":
                raise
            return None
    differences = tuple((d.problem, d.kind, d.id, d.minor) for d in said.differences)
    return BatchComparison(text, said.agreed, differences)


def _word(text: str, row: Authorization) -> Word:
    with judging(text, "an authorization") as trust:
        try:
            found = purchase.check_authorization(
                text, request=row.auth_req, checkout=row.checkout, trust=trust, now=clock.now()
            )
        except AnsweredFailureError as failure:
            if failure.failure in AGAIN_LATER:
                raise
            return Word("failed", reason=failure.failure)
    said = found.response.message
    return Word(
        said.result,  # type: ignore[arg-type]
        reason=said.reason or "",
        text=text,
        auth_id=said.auth_id or "",
        expires_at=datetime.fromtimestamp(said.auth_exp, UTC) if said.auth_exp else None,
    )


def send(path: str, request: str) -> str:
    """Send a signed request to the gateway; return its answer, not judged yet.

    Raises:
        UnreachableError: none came.
    """
    url = needed_settings().gateway_url + path
    call = Call("gateway", url, request.encode(), timeout_s=TIMEOUT_S, judged=_judge_gateway)
    return exchange(call).decode("ascii", errors="replace")


def _judge_gateway(shown: Chain) -> None:
    """Refuse whoever shows in TLS no live certificate of our gateway.

    Raises:
        ProtocolError: before anything was sent.
        UnreachableError: whom to believe can't be asked.
    """
    require(agree=len(shown) == CHAIN_LENGTH, what="chain")
    found = verify_chain(
        shown, role=Role.GATEWAY, use=Use.TRANSPORT, trust=trust_in(shown), now=clock.now()
    )
    require(agree=found.subject == known_gateway().gateway.id, what="gateway")


@contextmanager
def judging(text: str, asked: str) -> Iterator[Trust]:
    """Tell whom to believe while an answer is judged; one that is refused inside is no answer.

    A signed failure is none either, unless the block takes it as what the gateway said.

    Raises:
        UnreachableError: no usable answer came to what was `asked`.
    """
    try:
        yield trust_in(read_chain(jws.parse(text, max_bytes=BATCH_BYTES).header.get("x5c")))
    except ProtocolError as error:
        raise UnreachableError(f"no usable answer to {asked}: {error}") from error


def desk() -> operations.Desk:
    """Return from where the market asks, now.

    Raises:
        UnreachableError: it has no certificate, or whom to believe can't be asked.
    """
    mine = needed_settings()
    signer = Cabinet(mine.folder).current(Use.SIGN)
    if signer is None:
        raise UnreachableError("the market has no certificate to sign with")
    trust_in(signer.chain)  # the list by which this request is judged later is kept
    return operations.Desk(mine.address, known_gateway().gateway.id, signer)


def _amount(row: GatewayOperation) -> Amount:
    assert row.amount_minor is not None
    return Amount(currency=row.currency, minor=row.amount_minor)
