"""The gateway's signed answers about codes."""

from collections.abc import Sequence
from datetime import datetime

from niaga.protocol.envelope import Opened, Signer, sign
from niaga.protocol.messages.codes import (
    CodePaid,
    CodeRequest,
    CodeResponse,
    ReceiptsRequest,
    ReceiptsResponse,
)


def answer_code(
    opened: Opened[CodeRequest], *, made: str, content: str, signer: Signer, now: datetime
) -> str:
    """Return the code that was issued: its name (`made`) and what payers read."""
    asked = opened.message
    response = CodeResponse(
        iss=asked.aud,
        aud=asked.iss,
        in_reply_to=opened.digest,
        xid=asked.xid,
        id=made,
        content=content,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)


def answer_receipts(
    opened: Opened[ReceiptsRequest],
    receipts: Sequence[CodePaid],
    *,
    more: bool,
    until_s: int,
    signer: Signer,
    now: datetime,
) -> str:
    """Return what came in after the number asked for; without `more`, all of it up to `until_s`."""
    asked = opened.message
    response = ReceiptsResponse(
        iss=asked.aud,
        aud=asked.iss,
        in_reply_to=opened.digest,
        receipts=tuple(receipts),
        more="yes" if more else "no",
        until=until_s,
        iat=int(now.timestamp()),
    )
    return sign(response, signer)
