"""The operator lets dead deliveries be tried again."""

from dataclasses import dataclass
from typing import ClassVar

from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.events import RELAY, DeliveriesRetried
from niaga.plumbing.outbox import record
from niaga.plumbing.relay import retry_dead


@dataclass(eq=False)
class NothingDead(Refusal):
    """No delivery is dead."""

    code: ClassVar[str] = "nothing_dead"


@command
def retry_deliveries(*, actor: Actor) -> int:
    """Make every dead delivery due again; return how many.

    Raises:
        NothingDead: there is none.
    """
    deliveries = retry_dead()
    if not deliveries:
        raise NothingDead
    record(DeliveriesRetried(subject_id=RELAY, deliveries=deliveries), actor=actor)
    return deliveries
