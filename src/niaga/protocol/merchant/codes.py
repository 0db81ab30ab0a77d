"""The check of what the gateway answers about codes."""

from datetime import datetime

from niaga.protocol.envelope import Opened, peek, require
from niaga.protocol.errors import SchemaError
from niaga.protocol.formats.x509 import Trust
from niaga.protocol.merchant.answers import open_answer
from niaga.protocol.messages.codes import (
    CodeRequest,
    CodeResponse,
    ReceiptsRequest,
    ReceiptsResponse,
)


def check_code(text: str, *, request: str, trust: Trust, now: datetime) -> Opened[CodeResponse]:
    """Return the code the gateway issued; raises as `operations.check_operation` does."""
    return open_answer(CodeResponse, text, peek(CodeRequest, request), request, trust, now)


def check_receipts(
    text: str, *, request: str, trust: Trust, now: datetime
) -> Opened[ReceiptsResponse]:
    """Return what came in by codes; raises as `operations.check_operation` does.

    Raises:
        SchemaError: a receipt is missing in the row of their numbers.
    """
    asked = peek(ReceiptsRequest, request)
    opened = open_answer(ReceiptsResponse, text, asked, request, trust, now)
    numbers = [receipt.number for receipt in opened.message.receipts]
    if numbers != list(range(asked.after + 1, asked.after + 1 + len(numbers))):
        raise SchemaError("receipts with a gap")
    require(agree=opened.message.until <= opened.message.iat, what="until")
    return opened
