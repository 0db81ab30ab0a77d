"""A seller lets its carrier tell of parcels by signed messages, and names its GS1 prefix."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.models import CompanyPrefix, TrackingSender
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.sealing import seal, unseal

SECRET_BYTES = 24
SHORTEST_PREFIX, LONGEST_PREFIX = 4, 12


@dataclass(eq=False)
class PrefixInvalid(Refusal):
    """A GS1 company prefix has SHORTEST_PREFIX to LONGEST_PREFIX digits."""

    code: ClassVar[str] = "prefix_invalid"
    least: int = SHORTEST_PREFIX
    most: int = LONGEST_PREFIX


@dataclass(eq=False)
class PrefixTaken(Refusal):
    """Another seller numbers its parcels with this prefix."""

    code: ClassVar[str] = "prefix_taken"
    prefix: str


@command
def make_sender(*, seller_id: UUID) -> str:
    """Return a new secret (`whsec_...`) for signed messages about the seller's parcels.

    It is told this once; the one before ends.
    """
    secret = f"whsec_{b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    TrackingSender.objects.update_or_create(
        seller_id=seller_id,
        defaults={"sealed": seal(secret, place=str(seller_id)), "made_at": clock.now()},
    )
    return secret


@command
def end_sender(*, seller_id: UUID) -> None:
    """Take no signed message about the seller's parcels any more."""
    TrackingSender.objects.filter(pk=seller_id).delete()


def sender_secret(seller_id: UUID) -> str | None:
    """Return the secret of the seller's sender, or None where it has none; one statement."""
    sealed = TrackingSender.objects.filter(pk=seller_id).values_list("sealed", flat=True).first()
    return None if sealed is None else unseal(sealed, place=str(seller_id))


@command
def keep_prefix(*, seller_id: UUID, prefix: str) -> None:
    """Number the seller's next parcels with its own GS1 company prefix; empty: the market's.

    Parcels keep the number they have. Raises:
        PrefixInvalid: it is not of the right form.
        PrefixTaken: another seller has it.
    """
    if not prefix:
        CompanyPrefix.objects.filter(pk=seller_id).delete()
        return
    right = prefix.isascii() and prefix.isdigit()
    if not right or not SHORTEST_PREFIX <= len(prefix) <= LONGEST_PREFIX:
        raise PrefixInvalid
    if CompanyPrefix.objects.filter(prefix=prefix).exclude(pk=seller_id).exists():
        raise PrefixTaken(prefix)
    CompanyPrefix.objects.update_or_create(seller_id=seller_id, defaults={"prefix": prefix})
