"""Who is on the line: the merchant whose TLS certificate was proved, judged as its messages are."""

from django.http import HttpRequest

from niaga.gateway.keys import gateway_brand, trust
from niaga.kernel import clock
from niaga.protocol.envelope import require
from niaga.protocol.formats.tls import Chain
from niaga.protocol.formats.x509 import Identity, Role, Use, verify_chain

SHOWN = "niaga.tls_shown"
"""The key of a request's environment under which the server puts the chain shown in TLS."""


def judge_merchant(shown: Chain) -> Identity:
    """Return whose certificate was shown in TLS.

    Raises:
        ProtocolError: none, not a merchant's for TLS, of another brand, expired, or withdrawn.
    """
    found = verify_chain(
        shown, role=Role.MERCHANT, use=Use.TRANSPORT, trust=trust(), now=clock.now()
    )
    require(agree=found.brand == gateway_brand(), what="brand")
    return found


def caller_of(request: HttpRequest) -> Identity:
    """Return the merchant at the other end of the connection.

    It is judged at each request, since a connection is kept longer than a withdrawal takes.

    Raises:
        ProtocolError: as `judge_merchant`.
    """
    return judge_merchant(request.META.get(SHOWN, ()))
