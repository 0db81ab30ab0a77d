"""Identifiers: time-ordered keys made in the application, and short references people can read."""

import secrets
from datetime import datetime
from itertools import count
from uuid import UUID

from uuid_utils.compat import uuid7

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_made = count()


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): unique, and ordered by time so that indexes stay compact."""
    return uuid7()


def id_at(instant: datetime) -> UUID:
    """Return a new UUIDv7 of that instant (to the millisecond).

    Of one instant's ids, those that a process made later are the greater ones.
    """
    order = next(_made) & (1 << 34) - 1
    return UUID(int=first_id(instant).int | order >> 22 << 64 | (order & 0x3FFFFF) << 40
                | secrets.randbits(40))  # fmt: skip


def first_id(instant: datetime) -> UUID:
    """Return the least UUIDv7 of that instant: ids above it were made then or later."""
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | 0x2 << 62)


def new_reference(prefix: str) -> str:
    """Return a reference such as `NG-7K3Q-9M2D`: 40 random bits in Crockford's base 32."""
    bits = secrets.randbits(40)
    code = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(0, 40, 5))
    return f"{prefix}-{code[:4]}-{code[4:]}"


def new_token() -> str:
    """Return an unguessable token (192 bits, URL-safe) that opens one guest's own page."""
    return secrets.token_urlsafe(24)
