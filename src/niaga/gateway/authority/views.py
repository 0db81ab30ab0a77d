"""The authority's public face: whom to trust, and how a key becomes a certificate."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from niaga.gateway.authority.commands.nonces import open_nonce
from niaga.gateway.authority.commands.order_certificate import approve_order, order_certificate
from niaga.gateway.authority.commands.renew_certificate import renew_certificate
from niaga.gateway.authority.enrolment import enrol as enrol_by_issuer
from niaga.gateway.authority.models import CertificateOrder
from niaga.gateway.authority.pace import keep_pace
from niaga.gateway.authority.trust import status_lists
from niaga.gateway.http import (
    JOSE,
    JSON,
    UNAVAILABLE,
    ProblemError,
    View,
    body_of,
    front,
    text_of,
)
from niaga.gateway.keys import gateway_certificates, issuer_certificate, keyring, trust
from niaga.gateway.references import identifier, reference
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.protocol.envelope import open_signed, read_plain, write_plain
from niaga.protocol.errors import EncodingError, SchemaError
from niaga.protocol.formats import jws
from niaga.protocol.formats.x509 import write_chain
from niaga.protocol.messages import enrolment as messages

_RENEWALS = (messages.CardholderRenewal, messages.MerchantRenewal, messages.GatewayRenewal)
_MOST_RENEWAL_BYTES = max(kind.MAX_BYTES for kind in _RENEWALS)


def public(*, per_minute: int) -> Callable[[View], View]:
    """Answer anyone, without credentials and not too fast; of pages, the wallet's alone may ask."""

    def decorate(view: View) -> View:
        def paced(request: HttpRequest, **named: str) -> HttpResponse:
            address = request.META.get("REMOTE_ADDR", "")
            keep_pace(view.__name__, address, per_minute=per_minute)
            return view(request, **named)

        @wraps(view)
        def answer(request: HttpRequest, **named: str) -> HttpResponse:
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
            else:
                response = front(paced)(request, **named)
            response.headers["Access-Control-Allow-Origin"] = settings.WALLET_ORIGIN
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
            response.headers["Vary"] = "Origin"
            return response

        return answer

    return decorate


def _plain(message: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(write_plain(message), status=status, content_type=JSON)


def _get(request: HttpRequest) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise ProblemError(405, "method_not_allowed")


@public(per_minute=600)
def status(request: HttpRequest, thumbprint: str) -> HttpResponse:
    """Tell an authority's status list."""
    _get(request)
    found = status_lists(keyring()).get(thumbprint)
    if found is None:
        raise ProblemError(404, "not_found")
    return HttpResponse(found, content_type=JOSE)


@public(per_minute=60)
def root(request: HttpRequest) -> HttpResponse:
    """Hand out the root certificate; whoever trusts it compares it out of band."""
    _get(request)
    return HttpResponse(keyring().root_file.read_bytes(), content_type="application/x-pem-file")


@public(per_minute=600)
def gateway(request: HttpRequest) -> HttpResponse:
    """Tell the gateway's current chains, which hold or do not hold by themselves."""
    _get(request)
    return _plain(gateway_certificates())


@public(per_minute=60)
def nonce(request: HttpRequest) -> HttpResponse:
    """Hand out a nonce for a request that proves a key."""
    if request.method != "POST":
        raise ProblemError(405, "method_not_allowed")
    return HttpResponse(open_nonce().nonce, content_type="text/plain")


@public(per_minute=10)
def orders(request: HttpRequest) -> HttpResponse:
    """Take an order down; merchants named in the settings get their certificate at once."""
    kind = messages.CertificateOrder
    order = read_plain(kind, body_of(request, max_bytes=kind.MAX_BYTES, kind=JSON))
    order_id = order_certificate(order=order)
    if order.role == "merchant" and order.address in settings.AUTHORITY_APPROVES:
        approve_order(keyring=keyring(), order_id=order_id)
    return _standing(order_id)


@public(per_minute=60)
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    """Say where an order stands."""
    _get(request)
    try:
        return _standing(identifier(order_id))
    except (EncodingError, ValueError) as error:
        raise ProblemError(404, "not_found") from error


def _standing(order_id: UUID) -> HttpResponse:
    row = CertificateOrder.objects.filter(pk=order_id).first()
    if row is None:
        raise ProblemError(404, "not_found")
    chain = tuple(row.chain) if row.chain else None
    return _plain(
        messages.CertificateAnswer(order_id=reference(row.id), status=row.state, x5c=chain)
    )


@public(per_minute=30)
def renewals(request: HttpRequest) -> HttpResponse:
    """Give the owner of a live certificate the next one."""
    text = text_of(body_of(request, max_bytes=_MOST_RENEWAL_BYTES))
    said = jws.parse(text, max_bytes=_MOST_RENEWAL_BYTES).header.get("typ")
    kind: Any = next((kind for kind in _RENEWALS if said == kind.TYPE), None)
    if kind is None:
        raise SchemaError("not a renewal")
    opened = open_signed(kind, text, trust=trust(), now=clock.now())
    chain = renew_certificate(keyring=keyring(), opened=opened)
    answer = messages.CertificateAnswer(
        order_id=reference(new_id()),  # a renewal needs no order; nobody will ask for it
        status="issued",
        x5c=tuple(write_chain(chain)),
    )
    return _plain(answer)


@public(per_minute=30)
def challenge(request: HttpRequest) -> HttpResponse:
    """Begin an enrolment: a nonce, and to whom card data are sealed."""
    if request.method != "POST":
        raise ProblemError(405, "method_not_allowed")
    if not settings.ISSUER_SEAL.exists():
        raise ProblemError(503, UNAVAILABLE)  # no issuer has told yet to whom cards are sealed
    opened = open_nonce()
    return _plain(
        messages.EnrolmentChallenge(
            nonce=opened.nonce,
            exp=int(opened.expires_at.timestamp()),
            issuer_x5c=tuple(write_chain(issuer_certificate())),
        )
    )


@public(per_minute=12)
def enrolments(request: HttpRequest) -> HttpResponse:
    """Enrol a card; its data pass sealed to the issuer."""
    kind = messages.EnrolmentRequest
    asked = read_plain(kind, body_of(request, max_bytes=kind.MAX_BYTES, kind=JSON))
    return _plain(enrol_by_issuer(asked))
