"""A merchant speaks for the first time: its certificate is its contract."""

from uuid import UUID

from niaga.gateway.models import Merchant
from niaga.kernel import clock
from niaga.plumbing.command import command


@command
def welcome_merchant(*, address: str, name: str) -> UUID:
    """Return the merchant of a verified certificate's address, known from now on.

    Who holds a certificate of the merchant authority may ask for money; withdrawing the
    certificate ends that.
    """
    row, _ = Merchant.objects.get_or_create(
        address=address, defaults={"name": name, "known_since": clock.now()}
    )
    return row.id
