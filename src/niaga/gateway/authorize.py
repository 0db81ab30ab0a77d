"""From a checked request to an answer: written down, the issuer asked, decided.

The network stands between two transactions. Whatever dies between them leaves `authorizing`
behind, which `finish_unanswered` ends: never by guessing, always by declining and reversing.
"""

from niaga.gateway.commands.admit_authorization import Asked, admit_authorization
from niaga.gateway.commands.decide_authorization import (
    NOT_ASKED,
    IssuerAnswer,
    decide_authorization,
)
from niaga.gateway.facts import AuthorizationFacts, AuthorizationSeal
from niaga.gateway.issuer.iso8583 import AUTHORIZATION, Message
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError, Line
from niaga.gateway.models import IssuerMessage
from niaga.gateway.states import MessageState
from niaga.kernel import clock

ISSUER_TIMEOUT_S = 5.0
"""Of the gateway's eight seconds; the rest is for signatures and transactions."""


def authorize(asked: Asked, *, line: Line, seal: AuthorizationSeal) -> AuthorizationFacts:
    """Return where the payment stands; its `answer` is empty while another request is asking.

    Raises:
        XidReused: the same transaction id with another dual signature.
    """
    admission = admit_authorization(asked=asked, seal=seal)
    if admission.request is None:
        return admission.facts
    return decide_authorization(
        authorization_id=admission.facts.authorization_id,
        answer=_ask(admission.request, line),
        seal=seal,
    )


def _ask(request: Message, line: Line) -> IssuerAnswer | None:
    try:
        told = line.ask(request, timeout_s=ISSUER_TIMEOUT_S)
    except IssuerUnreachableError:
        return NOT_ASKED
    except IssuerSilentError:
        return None
    return IssuerAnswer(told.response, told.approval)


def finish_unanswered(*, seal: AuthorizationSeal, at_most: int = 100) -> int:
    """Decide every payment whose asker is gone; return how many there were."""
    gone = IssuerMessage.objects.filter(
        kind=AUTHORIZATION,
        state=MessageState.DUE,
        authorization__answer_due_at__lte=clock.now(),
    )
    found = list(gone.order_by("id").values_list("authorization_id", flat=True)[:at_most])
    for authorization_id in found:
        decide_authorization(authorization_id=authorization_id, answer=None, seal=seal)
    return len(found)
