"""A card was enrolled at its issuer: its token may pay from now on."""

from uuid import UUID

from niaga.gateway.models import Instrument
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.protocol.messages.enrolment import Passkey


@command
def register_instrument(
    *, instrument_id: UUID, holder: str, account: str, passkey: Passkey
) -> UUID:
    """Let the holder (a cardholder certificate's pseudonym) pay from the issuer's account.

    Returns:
        The token: `instrument_id`, or the one under which the pair is known already.
    """
    row, _ = Instrument.objects.get_or_create(
        holder=holder,
        account=account,
        defaults={
            "id": instrument_id,
            "passkey_id": passkey.id,
            "passkey_x": passkey.x,
            "passkey_y": passkey.y,
            "registered_at": clock.now(),
        },
    )
    return row.id
