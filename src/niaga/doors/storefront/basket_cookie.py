"""Whose basket it is: a guest's is known by a signed cookie, a person's by signing in.

The number in the page's corner is a cookie too, so that pages need not ask the database for it.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from niaga.doors.look.access import buyer_of
from niaga.stages.sharing.commands.adopt_basket import adopt_basket
from niaga.stages.sharing.queries import basket_count, basket_of_person

BASKET, COUNT = "niaga_basket", "niaga_basket_count"
KEPT_S = 90 * 24 * 3600
SALT = "niaga.storefront.basket"


def basket_of(request: HttpRequest) -> UUID | None:
    """Return the visitor's basket, or None when a guest has none yet.

    What somebody gathered before signing in joins their own basket now.
    """
    buyer, guests = buyer_of(request), _guests_basket(request)
    if buyer.person_id is None:
        return guests
    if guests is None:
        return basket_of_person(buyer.person_id)
    return adopt_basket(actor=buyer, basket_id=guests)


def keep_basket(
    request: HttpRequest, response: HttpResponse, basket_id: UUID | None, count: int
) -> None:
    """Let the visitor's browser remember the basket and how much lies in it."""
    if buyer_of(request).person_id is not None:
        response.delete_cookie(BASKET, samesite="Lax")
    elif basket_id is not None:
        response.set_signed_cookie(
            BASKET,
            str(basket_id),
            salt=SALT,
            max_age=KEPT_S,
            secure=True,
            httponly=True,
            samesite="Lax",
        )
    response.set_cookie(COUNT, str(count), max_age=KEPT_S, secure=True, samesite="Lax")


def shown_count(request: HttpRequest) -> str:
    """Return the number in the corner, as the browser remembers it."""
    text = request.COOKIES.get(COUNT, "0")
    return text if text.isascii() and text.isdigit() and len(text) < 6 else "0"


def count_again(request: HttpRequest) -> tuple[UUID | None, int] | None:
    """Return the basket and its count where the cookies cannot be right, else None.

    That is so after signing in (nothing remembered, or a guest's basket still) and after signing
    out (a number without a basket). Otherwise no statement is made.
    """
    signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES
    has_basket, has_count = bool(request.COOKIES.get(BASKET)), COUNT in request.COOKIES
    if signed_in and (has_basket or not has_count):
        basket_id = basket_of(request)
        return basket_id, basket_count(basket_id)
    if not signed_in and not has_basket and shown_count(request) != "0":
        return None, 0
    return None


def _guests_basket(request: HttpRequest) -> UUID | None:
    text = request.get_signed_cookie(BASKET, default="", salt=SALT, max_age=KEPT_S)
    try:
        return UUID(text)
    except ValueError:
        return None
