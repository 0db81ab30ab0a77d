"""What the buyer's wallet asks of one payment: an offer, to be paid, and what became of it.

Whoever knows the payment's token may ask; no cookie is read, and only the wallet's own page may
call from a browser. A person who comes here is led to the purchase.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from niaga.doors.look.page import found
from niaga.doors.look.problems import problem
from niaga.doors.storefront.page import go
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.commands.keep_offer import TooManyOffers
from niaga.kernel.refusal import Refusal
from niaga.protocol.errors import ProtocolError, TooLargeError
from niaga.protocol.messages.purchase import PaymentRequest, PurchaseInit
from niaga.stages.ordering import paying
from niaga.stages.ordering.buyer_queries import purchase_to_pay

type View = Callable[[HttpRequest, str], HttpResponse]

JSON, JOSE = "application/json", "application/jose"


def for_wallets(method: str) -> Callable[[View], View]:
    """Let the wallet's page call a view by `method`; its refusals become problem documents."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            if request.method == "OPTIONS":
                response = HttpResponse(status=HTTPStatus.NO_CONTENT)
            elif request.method != method:
                response = problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", method)
                response["Allow"] = f"{method}, OPTIONS"
            else:
                response = _judged(view, request, token)
            return _open_to_wallet(response, method)

        return answer

    return decorate


def _judged(view: View, request: HttpRequest, token: str) -> HttpResponse:
    try:
        return view(request, token)
    except TooManyOffers as refusal:
        return problem(HTTPStatus.TOO_MANY_REQUESTS, refusal.code, "asked too often")
    except Refusal as refusal:
        return problem(HTTPStatus.CONFLICT, refusal.code, "not possible now")
    except TooLargeError as error:
        return problem(HTTPStatus.CONTENT_TOO_LARGE, error.code, str(error))
    except ProtocolError as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, str(error))
    except UnreachableError:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "please ask again")


def _open_to_wallet(response: HttpResponse, method: str) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = settings.CARD_WALLET_ORIGIN
    response["Access-Control-Allow-Methods"] = method
    response["Access-Control-Allow-Headers"] = "Content-Type"
    response["Access-Control-Max-Age"] = "600"
    response["Vary"] = "Origin"
    response["Content-Length"] = str(len(response.content))
    return response


def _body(request: HttpRequest, most: int) -> bytes:
    body = request.read(most + 1)
    if len(body) > most:
        raise TooLargeError(f"more than {most} bytes")
    return body


@for_wallets("POST")
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """Offer the whole purchase (M1) to a wallet that asks."""
    asked = _body(request, PurchaseInit.MAX_BYTES)
    answer = paying.make_offer(token=token, asked=asked)
    return HttpResponse(answer, content_type=JSON) if answer else _unknown()


@for_wallets("POST")
def _take(request: HttpRequest, token: str) -> HttpResponse:
    body = _body(request, PaymentRequest.MAX_BYTES)
    answer = paying.take_request(token=token, body=body)
    return HttpResponse(answer, content_type=JOSE) if answer else _unknown()


@csrf_exempt
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """Take the buyer's signed request (M2) and answer it (M5); lead a person to the purchase."""
    if request.method in {"GET", "HEAD"}:
        return go("purchase", found(purchase_to_pay(token)))
    return _take(request, token)


@for_wallets("GET")
def status(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - all is in the token
    """Tell the buyer who signed what became of it (M5 again)."""
    answer = paying.payment_status(token=token)
    return HttpResponse(answer, content_type=JOSE) if answer else _unknown()


def _unknown() -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, "payment_unknown", "no such payment, or nothing signed")


def wallet_address(token: str) -> str:
    """Return the wallet's address that pays the payment with this token."""
    here = settings.SITE_URL + reverse("pay", args=[token])
    return f"{settings.CARD_WALLET_ORIGIN}/#pay={quote(here, safe='')}"
