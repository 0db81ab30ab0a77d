"""Who is speaking: the buyer, a seller's member, the operator, or the system itself."""

from dataclasses import dataclass
from typing import Literal, Self
from uuid import UUID

type Role = Literal["buyer", "seller", "operator", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose behalf a command runs.

    `person_id` is None for guests and for the system; `seller_id` is set for a seller's member.
    """

    role: Role
    person_id: UUID | None = None
    seller_id: UUID | None = None

    @classmethod
    def system(cls) -> Self:
        """Return the market acting by itself: a deadline passed, a reaction ran."""
        return cls("system")

    @classmethod
    def guest(cls) -> Self:
        """Return a buyer who has not signed in."""
        return cls("buyer")

    @property
    def key(self) -> str:
        """A stable text for this actor, used to scope idempotency keys."""
        return f"{self.role}:{self.seller_id or self.person_id or '-'}"
