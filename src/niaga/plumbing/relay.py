"""Delivers recorded events to their reactions: at least once, each reaction exactly once."""

import logging
from datetime import timedelta

from django.db import connection, transaction

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing import outbox
from niaga.plumbing.models import Delivery

_log = logging.getLogger(__name__)

MAX_TRIES = 12
_LONGEST_WAIT = timedelta(hours=1)
_ENTRIES_AT_ONCE = 100


def relay(*, at_most: int = 200) -> int:
    """Make up to `at_most` due deliveries, oldest first; return how many were tried.

    Several relays may run beside each other: a delivery in work is locked and skipped. A
    reaction that raises is tried again after 1, 2, 4 ... seconds; after `MAX_TRIES` it is dead
    and waits for the operator.
    """
    tried = 0
    while tried < at_most and (_deliver_next() or (fan_out() and _deliver_next())):
        tried += 1
    return tried


_TAKE = """
    DELETE FROM plumbing_outboxentry WHERE id IN (
        SELECT id FROM plumbing_outboxentry WHERE event_types <@ %s::text[]
         ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id, event_ids, event_types, recorded_at
"""


def fan_out() -> bool:
    """Make deliveries of what waits in the outbox; say whether anything did.

    An event that only a newer release knows waits for a relay of that release.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [list(outbox.event_names()), _ENTRIES_AT_ONCE])
            entries = sorted(cursor.fetchall())
        Delivery.objects.bulk_create(
            Delivery(event_id=event_id, reaction=reaction, due_at=recorded_at)
            for _, event_ids, event_types, recorded_at in entries
            for event_id, event_type in zip(event_ids, event_types, strict=True)
            for reaction in outbox.reaction_names(event_type)
        )
    return bool(entries)


def _deliver_next() -> bool:
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("event")
            .filter(state=Delivery.State.DUE, due_at__lte=clock.now())
            .order_by("due_at", "id")
            .first()
        )
        if delivery is None:
            return False
        try:
            with transaction.atomic():
                _react(delivery)
        except Exception as error:
            if _is_the_servers(error):
                raise  # a full disk is not the reaction's failure: no try is counted
            _postpone(delivery, error)
        else:
            delivery.state, delivery.done_at, delivery.error = "done", clock.now(), ""
            delivery.save(update_fields=["state", "done_at", "error"])
    return True


def _is_the_servers(error: Exception) -> bool:
    """Say whether PostgreSQL itself cannot go on: resources, operator, system (its classes)."""
    state: str = getattr(error.__cause__, "sqlstate", None) or ""
    return state[:2] in ("53", "57", "58")


def _react(delivery: Delivery) -> None:
    stored = delivery.event
    reaction = outbox.find_reaction(stored.type, delivery.reaction)
    if reaction is None:
        raise LookupError(f"{stored.type} has no reaction {delivery.reaction} any more")
    reaction(
        outbox.RecordedEvent(
            id=stored.id,
            body=outbox.decode(stored.type, stored.subject_id, stored.payload),
            actor=Actor(
                stored.actor_role,  # type: ignore[arg-type]
                stored.actor_person_id,
                stored.actor_seller_id,
            ),
            occurred_at=stored.occurred_at,
        )
    )


def _postpone(delivery: Delivery, error: Exception) -> None:
    delivery.tries += 1
    delivery.error = f"{type(error).__name__}: {error}"[:2000]
    if delivery.tries >= MAX_TRIES:
        delivery.state = Delivery.State.DEAD
        _log.error("delivery %s is dead: %s", delivery.pk, delivery.error)
    else:
        _log.warning("delivery %s failed: %s", delivery.pk, delivery.error, exc_info=error)
    delivery.due_at = clock.now() + min(timedelta(seconds=2 ** (delivery.tries - 1)), _LONGEST_WAIT)
    delivery.save(update_fields=["tries", "error", "state", "due_at"])


def retry_dead() -> int:
    """Make every dead delivery due again (the operator's button); return how many."""
    return Delivery.objects.filter(state=Delivery.State.DEAD).update(
        state=Delivery.State.DUE, tries=0, due_at=clock.now()
    )
