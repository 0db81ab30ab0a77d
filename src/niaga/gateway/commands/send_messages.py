"""What is told to issuers in their own time: taken up, sent outside, closed or tried again."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from niaga.gateway.issuer.iso8583 import APPROVED, AUTHORIZATION, Message
from niaga.gateway.issuer.messages import on_the_line
from niaga.gateway.models import IssuerMessage
from niaga.gateway.states import MESSAGE_TRANSITIONS, MessageState
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.plumbing.states import try_advance

LEASE = timedelta(seconds=20)
"""Nobody else takes a message up so long; whoever died with it in hand delays it by that much."""
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in hand."""

    message_id: UUID
    message: Message
    tries: int


@command
def take_message() -> Taken | None:
    """Take the oldest due message; None when there is none.

    Messages about one payment go in order: none is taken while an earlier one is unanswered.
    Requests (0100) are asked by whoever admitted them, never from here.
    """
    found = IssuerMessage.objects.raw(
        """
        SELECT m.* FROM gateway_issuermessage m
         WHERE m.state = 'due' AND m.kind <> %s AND m.due_at <= %s
           AND NOT EXISTS (
               SELECT 1 FROM gateway_issuermessage e
                WHERE e.authorization_id = m.authorization_id
                  AND e.state = 'due' AND e.id < m.id)
         ORDER BY m.due_at, m.id LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        [AUTHORIZATION, clock.now()],
    )
    return _take(next(iter(found), None))


def _take(row: IssuerMessage | None) -> Taken | None:
    if row is None:
        return None
    row.tries += 1
    row.due_at = clock.now() + LEASE
    row.save(update_fields=["tries", "due_at"])
    return Taken(row.id, on_the_line(row), row.tries)


@command
def close_message(*, message_id: UUID, response_code: str) -> None:
    """Write the issuer's answer down; a repeated answer changes nothing."""
    accepted = response_code == APPROVED
    try_advance(
        IssuerMessage,
        pk=message_id,
        to=MessageState.ACCEPTED if accepted else MessageState.REFUSED,
        transitions=MESSAGE_TRANSITIONS,
        response_code=response_code,
        closed_at=clock.now(),
    )


@command
def postpone_message(*, message_id: UUID, tries: int) -> None:
    """Try again after 1, 2, 4 ... seconds, at most five minutes, for as long as it takes."""
    wait = min(timedelta(seconds=2 ** min(tries - 1, 10)), LONGEST_WAIT)
    IssuerMessage.objects.filter(pk=message_id, state=MessageState.DUE).update(
        due_at=clock.now() + wait
    )
