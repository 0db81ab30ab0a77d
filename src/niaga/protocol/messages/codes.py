"""Codes that anybody may pay: a merchant orders one, and hears what money came in by them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.messages.parts import (
    Address,
    Amount,
    Answered,
    Asked,
    Digest,
    Reference,
    Seconds,
    Xid,
)
from niaga.protocol.messages.schema import About, Many, Number, OneOf, Text

CODE_KINDS = ("qris", "virtual_account")
MOST_RECEIPTS = 100
RECEIPTS_BYTES = 65_536
LAST_NUMBER = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest(Asked):
    """Issue a code for `amount`, to be paid before `expires`; `xid` is all it is known by."""

    TYPE: ClassVar = "dsp-code+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    kind: Annotated[str, OneOf(CODE_KINDS), About.PAYMENT]
    amount: Amount
    expires: Seconds
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeResponse(Answered):
    """The code as payers read it; it was made before anybody paid, and can tell of nobody."""

    TYPE: ClassVar = "dsp-code-res+jwt"

    iss: Address
    aud: Address
    in_reply_to: Digest
    xid: Xid
    id: Reference
    content: Annotated[str, Text(512, r"[ -~]+"), About.PAYMENT]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsRequest(Asked):
    """Ask what money came in by codes after the receipt numbered `after`."""

    TYPE: ClassVar = "dsp-receipts+jwt"

    iss: Address
    aud: Address
    jti: Reference
    after: Annotated[int, Number(0, LAST_NUMBER)]
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePaid:
    """One receipt: its number among the merchant's, its name, the code's `xid`, what came, when."""

    number: Annotated[int, Number(1, LAST_NUMBER)]
    id: Reference
    xid: Xid
    amount: Amount
    paid: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptsResponse(Answered):
    """Receipts in order, without a gap; with `more`, others follow, else none before `until`."""

    TYPE: ClassVar = "dsp-receipts-res+jwt"
    MAX_BYTES: ClassVar = RECEIPTS_BYTES

    iss: Address
    aud: Address
    in_reply_to: Digest
    receipts: Annotated[tuple[CodePaid, ...], Many(0, MOST_RECEIPTS)]
    more: Annotated[str, OneOf(("yes", "no"))]
    until: Seconds
    iat: Seconds
