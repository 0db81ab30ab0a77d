"""Who may see a purchase: the person who placed it, or a guest who came with its token.

A guest's token comes in the address of a mail's link (`?t=`). It is compared in constant time,
the purchase is remembered in the visitor's session, and the visitor is led to the address without
the token, so that it does not stay in histories and cannot be passed on by accident. Anyone else
is told that there is no such page: whether a reference exists is nobody's business.
"""

from secrets import compare_digest
from uuid import UUID

from django.http import HttpRequest

from niaga.doors.look.access import person_of
from niaga.doors.look.page import found
from niaga.stages.ordering.buyer_queries import PurchaseOwner

REMEMBERED = "purchases"
MOST_REMEMBERED = 50


def is_owner(request: HttpRequest, *, reference: str, person_id: UUID | None) -> bool:
    """Say whether the purchase is the visitor's own, or is remembered in the session."""
    person = person_of(request)
    if person is not None and person.id == person_id:
        return True
    return reference in request.session.get(REMEMBERED, ())


def own(request: HttpRequest, owner: PurchaseOwner | None) -> PurchaseOwner:
    """Return the owner.

    Raises:
        Http404: there is no such purchase, or it is somebody else's.
    """
    known = found(owner)
    mine = is_owner(request, reference=known.reference, person_id=known.person_id)
    return found(known if mine else None)


def opens(given: str, token: str) -> bool:
    """Say whether the token that was given is the purchase's; takes the same time either way."""
    return compare_digest(given.encode(), token.encode())


def remember(request: HttpRequest, reference: str) -> None:
    """Let this visitor see the purchase until the session ends."""
    known = [other for other in request.session.get(REMEMBERED, ()) if other != reference]
    request.session[REMEMBERED] = [*known, reference][-MOST_REMEMBERED:]
