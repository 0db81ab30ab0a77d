"""The market's proof of a purchase paid by card, for someone who was not there."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.card.offers import answer_buyer
from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.card.trust import trust_in
from niaga.flows.money.models import Authorization, StatusList
from niaga.flows.money.states import OperationState
from niaga.kernel import clock
from niaga.protocol import evidence
from niaga.protocol.envelope import SKEW_S, peek, read_plain
from niaga.protocol.formats import jws, strict_json
from niaga.protocol.formats.x509 import Use, read_chain, thumbprint
from niaga.protocol.messages.operations import BATCH_BYTES
from niaga.protocol.messages.purchase import (
    AuthorizationResponse,
    PaymentRequest,
)

MOST_BYTES = 2 * BATCH_BYTES


def export_evidence(row: Authorization, *, reference: str) -> str:
    """Return the evidence of an answered authorization: one signed token, to be kept in a file.

    Raises:
        UnreachableError: the market has no live certificate to sign it with.
    """
    mine = needed_settings()
    signer = Cabinet(mine.folder).current(Use.SIGN)
    if signer is None:
        raise UnreachableError("the market has no certificate to sign with")
    trust_in(signer.chain)  # today's lists, by which today's signature is judged
    request = read_plain(PaymentRequest, row.request.encode())
    done = row.operations.filter(state=OperationState.DONE).order_by("seq")
    operations = tuple(done.values_list("request", "answer"))
    pres = answer_buyer(row, reference=reference)
    receipt = peek(AuthorizationResponse, row.auth_res).receipt
    tokens = [
        row.offer,
        row.checkout,
        request.ds,
        row.auth_req,
        row.auth_res,
        receipt,
        pres,
        *(token for pair in operations for token in pair),
    ]
    issuers = _issuers(tokens, signer.chain)
    kept = evidence.Kept(
        auth_req=row.auth_req,
        auth_res=row.auth_res,
        operations=operations,
        authorities=issuers,
        statuses=_statuses(issuers, [*map(_made_at, tokens), clock.now()]),
    )
    return evidence.export_merchant(
        kept,
        offer=row.offer,
        checkout=row.checkout,
        oi=request.oi,
        pres=pres,
        signer=signer,
        now=clock.now(),
    )


def _issuers(
    tokens: Iterable[str], mine: tuple[x509.Certificate, ...]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates of all who issued a certificate of these tokens, the root too."""
    chains = [mine, *(read_chain(_header(token)["x5c"]) for token in tokens)]
    roots = x509.load_pem_x509_certificates(needed_settings().root.read_bytes())
    found = {thumbprint(c): c for c in (*roots, *(c for chain in chains for c in chain[1:]))}
    return tuple(found.values())


def _statuses(issuers: Iterable[x509.Certificate], instants: Iterable[datetime]) -> tuple[str, ...]:
    """Return for each issuer the list that was relied on at each instant."""
    found: dict[str, None] = {}
    moments = sorted(set(instants))
    for issuer in issuers:
        rows = list(StatusList.objects.filter(subject=thumbprint(issuer)).order_by("-issued_at"))
        for at in moments:
            soon = at + timedelta(seconds=SKEW_S)
            match = next((r for r in rows if r.issued_at <= soon and at < r.expires_at), None)
            if match is not None:
                found[match.text] = None
    return tuple(found)


def _made_at(token: str) -> datetime:
    payload = jws.parse(token, max_bytes=MOST_BYTES).payload
    told = strict_json.read_object(payload, max_bytes=MOST_BYTES)
    return datetime.fromtimestamp(told["iat"], UTC)


def _header(token: str) -> dict[str, object]:
    return dict(jws.parse(token, max_bytes=MOST_BYTES).header)
