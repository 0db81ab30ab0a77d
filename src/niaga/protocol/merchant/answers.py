"""Opening what a gateway answers to a merchant's request."""

from datetime import datetime

from niaga.protocol.envelope import Opened, digest_of, open_signed, require, type_of
from niaga.protocol.errors import AnsweredFailureError, MismatchError
from niaga.protocol.formats.x509 import Trust
from niaga.protocol.messages.operations import Failure
from niaga.protocol.messages.parts import SignedMessage


def open_answer[M: SignedMessage](
    kind: type[M],
    text: str,
    asked: SignedMessage,
    request: str,
    trust: Trust,
    now: datetime,
) -> Opened[M]:
    """Return the gateway's answer to `asked`: from its addressee, to its sender, to these bytes."""
    failed = type_of(text) == Failure.TYPE
    opened: Opened[M] | Opened[Failure] = (
        open_signed(Failure, text, trust=trust, now=now)
        if failed
        else open_signed(kind, text, trust=trust, now=now)
    )
    for name, other in (("iss", "aud"), ("aud", "iss")):
        if getattr(opened.message, name) != getattr(asked, other):
            raise MismatchError(name)
    in_reply_to = getattr(opened.message, "in_reply_to")  # noqa: B009 - every answer has one
    require(agree=in_reply_to == digest_of(request, type(asked)), what="in_reply_to")
    if getattr(opened.message, "xid", None) != getattr(asked, "xid", None) and not failed:
        raise MismatchError("xid")
    if isinstance(opened.message, Failure):
        raise AnsweredFailureError(opened.message.code)
    return opened  # type: ignore[return-value]
