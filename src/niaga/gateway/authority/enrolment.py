"""From a wallet's request to a certificate: the key proved, the card recognised, then both bound.

The issuer is asked between two transactions. Whoever dies between them has spent a nonce and
nothing else; the wallet begins anew.
"""

import secrets
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

from niaga.gateway.authority.commands.enrol_card import enrol_card
from niaga.gateway.authority.commands.nonces import spend_nonce
from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.connection import line
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError
from niaga.gateway.keys import keyring
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.protocol import passkey
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.messages import enrolment as messages
from niaga.protocol.messages.purchase import Instrument

TIMEOUT_S = 8.0


@dataclass(eq=False)
class CardNotRecognised(Refusal):
    """The issuer does not know the card, or could not open what was sealed to it."""

    code: ClassVar[str] = "card_not_recognised"


@dataclass(eq=False)
class IssuerUnavailable(Refusal):
    """The issuer does not answer at this moment."""

    code: ClassVar[str] = "unavailable"


def enrol(asked: messages.EnrolmentRequest) -> messages.EnrolmentAnswer:
    """Return the wallet's certificate and the token that stands for its card.

    Raises:
        MismatchError, EncodingError, CertificateError: the request proves no key.
        SecondFactorError: the passkey did not sign it.
        CardNotRecognised, IssuerUnavailable: nothing was issued.
    """
    csr = base64url.decode(asked.csr)
    key = spend_nonce(csr=csr)
    passkey.verify(
        asked.sca,
        asked.passkey,
        challenge=jws.digest(csr),
        party=RelyingParty(settings.WALLET_HOST, settings.WALLET_ORIGIN),
    )
    told = _ask(asked)
    if told.response != iso8583.APPROVED or not told.account:
        raise CardNotRecognised
    made = enrol_card(keyring=keyring(), key=key, account=told.account, passkey=asked.passkey)
    return messages.EnrolmentAnswer(
        x5c=tuple(write_chain(made.chain)),
        instrument=Instrument(id=reference(made.instrument_id), type="card"),
        label=told.sealed,
    )


def _ask(asked: messages.EnrolmentRequest) -> iso8583.Message:
    now = clock.now()
    trace = f"{secrets.randbelow(10**6):06}"
    message = iso8583.Message(
        kind=iso8583.ENROLMENT,
        trace=trace,
        retrieval=f"{now:%y%j%H}"[1:] + trace,
        transmitted=f"{now:%m%d%H%M%S}",
        sealed=asked.card,
        request=asked.csr,
    )
    try:
        return line().ask(message, timeout_s=TIMEOUT_S)
    except (IssuerUnreachableError, IssuerSilentError) as error:
        raise IssuerUnavailable from error
