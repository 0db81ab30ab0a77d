"""What a merchant asks after authorisation, and the check of what the gateway answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from niaga.protocol.envelope import Opened, Signer, peek, require, sign, type_of
from niaga.protocol.errors import SchemaError
from niaga.protocol.formats.x509 import Trust
from niaga.protocol.merchant.answers import open_answer
from niaga.protocol.merchant.purchase import new_reference
from niaga.protocol.messages.codes import CodeRequest, ReceiptsRequest
from niaga.protocol.messages.operations import (
    OPERATION_NAMES,
    Batch,
    BatchResponse,
    Capture,
    CaptureReversal,
    Credit,
    CreditReversal,
    Entry,
    Inquiry,
    InquiryResponse,
    OperationResponse,
    Reversal,
)
from niaga.protocol.messages.parts import Amount

OPERATION_LIFE_S = 600


@dataclass(frozen=True, slots=True)
class Desk:
    """From where a merchant speaks to its gateway: its address, its key, and whom it addresses."""

    address: str
    gateway: str
    signer: Signer

    def capture(self, *, xid: str, auth_id: str, seq: int, amount: Amount, now: datetime) -> str:
        """Return a request to take `amount` of the hold."""
        return sign(
            Capture(**self._heading(now), xid=xid, auth_id=auth_id, seq=seq, amount=amount),
            self.signer,
        )

    def reverse_capture(
        self, *, xid: str, capture_id: str, seq: int, amount: Amount, now: datetime
    ) -> str:
        """Return a request to undo a capture whole; `amount` is what it took."""
        return sign(
            CaptureReversal(
                **self._heading(now), xid=xid, capture_id=capture_id, seq=seq, amount=amount
            ),
            self.signer,
        )

    def reverse(self, *, xid: str, seq: int, amount: Amount | None, now: datetime) -> str:
        """Return a request to give up `amount` of the hold, or all that is left of it."""
        return sign(Reversal(**self._heading(now), xid=xid, seq=seq, amount=amount), self.signer)

    def credit(self, *, xid: str, capture_id: str, seq: int, amount: Amount, now: datetime) -> str:
        """Return a request to pay `amount` of a capture back."""
        return sign(
            Credit(**self._heading(now), xid=xid, capture_id=capture_id, seq=seq, amount=amount),
            self.signer,
        )

    def reverse_credit(
        self, *, xid: str, credit_id: str, seq: int, amount: Amount, now: datetime
    ) -> str:
        """Return a request to undo a credit whole; `amount` is what it paid back."""
        return sign(
            CreditReversal(
                **self._heading(now), xid=xid, credit_id=credit_id, seq=seq, amount=amount
            ),
            self.signer,
        )

    def inquire(self, *, xid: str, now: datetime) -> str:
        """Return a request to say where a purchase stands."""
        return sign(Inquiry(**self._heading(now), xid=xid), self.signer)

    def compare(
        self, *, since_s: int, until_s: int, currency: str, entries: Sequence[Entry], now: datetime
    ) -> str:
        """Return a request to compare the books of a period."""
        return sign(
            Batch(
                **self._heading(now),
                since=since_s,
                until=until_s,
                currency=currency,
                entries=tuple(entries),
            ),
            self.signer,
        )

    def order_code(
        self, *, xid: str, kind: str, amount: Amount, expires_s: int, now: datetime
    ) -> str:
        """Return a request to issue a code that anybody may pay."""
        return sign(
            CodeRequest(**self._heading(now), xid=xid, kind=kind, amount=amount, expires=expires_s),
            self.signer,
        )

    def ask_receipts(self, *, after: int, now: datetime) -> str:
        """Return a request to say what came in by codes after a number."""
        return sign(ReceiptsRequest(**self._heading(now), after=after), self.signer)

    def _heading(self, now: datetime) -> dict[str, Any]:
        seconds = int(now.timestamp())
        return {
            "iss": self.address,
            "aud": self.gateway,
            "jti": new_reference(),
            "iat": seconds,
            "deadline": seconds + OPERATION_LIFE_S,
        }


def check_operation(
    text: str, *, request: str, trust: Trust, now: datetime
) -> Opened[OperationResponse]:
    """Return the gateway's answer to an operation, `request` being the merchant's own token.

    A refusal by the books is an answer (`result` is "refused"), not an error.

    Raises:
        AnsweredFailureError: the gateway signed that it will not act.
        MalformedError, UntrustedError, MismatchError: the answer is not good, or another's.
        SchemaError: what a done or refused operation must tell is missing.
    """
    kind = next((k for k in OPERATION_NAMES if type_of(request) == k.TYPE), None)
    if kind is None:
        raise SchemaError("not an operation")
    asked = peek(kind, request)
    response = open_answer(OperationResponse, text, asked, request, trust, now)
    said = response.message
    require(agree=said.op == OPERATION_NAMES[kind], what="op")
    if (said.reason is not None) != (said.result == "refused"):
        raise SchemaError("a reason is a refusal's, and a refusal's always")
    if (said.id is not None) != (said.result == "done"):
        raise SchemaError("an id is a done operation's, and a done one's always")
    return response


def check_inquiry(
    text: str, *, request: str, trust: Trust, now: datetime
) -> Opened[InquiryResponse]:
    """Return the gateway's answer to an inquiry; raises as `check_operation` does.

    The `answer` in it, if any, is to be checked by `check_authorization` with the AuthReq kept.
    """
    return open_answer(InquiryResponse, text, peek(Inquiry, request), request, trust, now)


def check_comparison(
    text: str, *, request: str, trust: Trust, now: datetime
) -> Opened[BatchResponse]:
    """Return the gateway's comparison of the books; raises as `check_operation` does."""
    return open_answer(BatchResponse, text, peek(Batch, request), request, trust, now)
