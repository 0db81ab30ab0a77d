"""The echo test (0800): does the issuer answer?"""

from niaga.gateway.issuer.iso8583 import APPROVED, ECHO_TEST, NETWORK, Message
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError, Line

TIMEOUT_S = 5.0
# No payment has this trace number: those begin at 1.
_ECHO = Message(kind=NETWORK, network=ECHO_TEST, trace="000000", retrieval="0" * 12)


def echo(line: Line) -> Message:
    """Return the issuer's answer; raises as `Line.ask` does."""
    return line.ask(_ECHO, timeout_s=TIMEOUT_S)


def is_answered(line: Line) -> bool:
    """Say whether the issuer answers, and that it works."""
    try:
        return echo(line).response == APPROVED
    except (IssuerUnreachableError, IssuerSilentError):
        return False
