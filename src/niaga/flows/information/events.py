"""What happened to the catalogue's words."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDescribed(Event):
    """A seller wrote or rewrote a product (`subject_id`)."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ()
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaChanged(Event):
    """A product's (`subject_id`) pictures were added to or taken from."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ()
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRetried(Event):
    """The operator asked for a mail (`subject_id`) to be sent again."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ("operator",)
    to: str
