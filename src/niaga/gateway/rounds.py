"""What the gateway does by itself: finish what was left, tell issuers, let go of old holds."""

from niaga.gateway.authorize import ISSUER_TIMEOUT_S, finish_unanswered
from niaga.gateway.commands.expire_hold import expire_hold, holds_to_expire
from niaga.gateway.commands.send_messages import (
    Taken,
    close_message,
    postpone_message,
    take_message,
)
from niaga.gateway.facts import AuthorizationSeal
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError, Line

MOST_PER_ROUND = 200


def make_round(*, line: Line, seal: AuthorizationSeal) -> int:
    """Do everything that is due now; return how much was done.

    Each piece is a transaction or two of its own, so whoever dies here leaves nothing half done.
    """
    finished = finish_unanswered(seal=seal)
    expired = sum(expire_hold(authorization_id=pk) for pk in holds_to_expire())
    return finished + expired + send_messages(line)


def send_messages(line: Line) -> int:
    """Tell issuers what is due to be told; return how many messages were answered."""
    answered = 0
    for _ in range(MOST_PER_ROUND):
        taken = take_message()
        if taken is None:
            break
        answered += _send(taken, line)
    return answered


def _send(taken: Taken, line: Line) -> bool:
    try:
        told = line.ask(taken.message, timeout_s=ISSUER_TIMEOUT_S)
    except (IssuerUnreachableError, IssuerSilentError):
        postpone_message(message_id=taken.message_id, tries=taken.tries)
        return False
    close_message(message_id=taken.message_id, response_code=told.response)
    return True
