"""The relay: a reaction's failure is counted and tried again, the database's trouble is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing import outbox
from niaga.plumbing.audit import CHECKS
from niaga.plumbing.command import command
from niaga.plumbing.models import Delivery, OutboxEntry, StoredEvent
from niaga.plumbing.outbox import Event, RecordedEvent, record
from niaga.plumbing.relay import MAX_TRIES, relay, retry_dead
from niaga.project.wiring import WIRING
from tests.support.audit import is_all_delivered

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class LampLit(Event):
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LampBroken(Event):
    pass


class Reacting:
    """A reaction that does what the test says, and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[RecordedEvent] = []
        self.act: Callable[[], None] = lambda: None


reacting = Reacting()


def note(event: RecordedEvent) -> None:
    reacting.act()
    reacting.told.append(event)


@pytest.fixture(autouse=True)
def _own_wiring() -> Iterator[None]:
    reacting.__init__()
    outbox.register({LampLit: (note,)})
    yield
    outbox.register(WIRING)


@command
def light_lamp(*, colour: str) -> None:
    record(LampLit(subject_id=new_id(), colour=colour), actor=Actor.system())


@command
def break_lamp() -> None:
    record(LampBroken(subject_id=new_id()), actor=Actor.system())


def fail(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def test_an_event_is_delivered_once_as_it_was_recorded() -> None:
    light_lamp(colour="red")
    assert (relay(), relay()) == (1, 0)
    [event] = reacting.told
    assert event.body == LampLit(subject_id=event.body.subject_id, colour="red")
    assert event.actor == Actor.system()


def test_a_reaction_that_fails_is_tried_again_until_it_is_dead() -> None:
    reacting.act = fail(ValueError("no oil"))
    light_lamp(colour="red")
    later = clock.now()
    for _ in range(MAX_TRIES):
        later += timedelta(hours=2)
        with clock.at(later):
            assert relay() == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.error) == (
        "dead", MAX_TRIES, "ValueError: no oil",
    )  # fmt: skip
    reacting.act = lambda: None
    assert retry_dead() == 1
    with clock.at(later + timedelta(hours=2)):
        assert relay() == 1
    assert Delivery.objects.get().state == "done"
    assert len(reacting.told) == 1


def test_a_full_disk_counts_no_try_and_stops_the_relay() -> None:
    error = OperationalError("could not extend file")
    error.__cause__ = psycopg.errors.DiskFull()
    reacting.act = fail(error)
    light_lamp(colour="red")
    with pytest.raises(OperationalError):
        relay()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.tries, delivery.error) == ("due", 0, "")
    reacting.act = lambda: None
    assert relay() == 1
    assert Delivery.objects.get().state == "done"


def test_what_a_reaction_records_is_delivered_after_what_was_due() -> None:
    def light_blue() -> None:
        reacting.act = lambda: None
        light_lamp(colour="blue")

    reacting.act = light_blue
    light_lamp(colour="red")
    light_lamp(colour="green")
    assert (relay(), relay()) == (3, 0)
    assert [event.body.colour for event in reacting.told] == ["red", "green", "blue"]
    assert not OutboxEntry.objects.exists()


def test_an_event_without_reactions_leaves_the_outbox_empty() -> None:
    outbox.register({LampLit: ()})
    light_lamp(colour="red")
    assert StoredEvent.objects.count() == 1
    assert not OutboxEntry.objects.exists()
    assert relay() == 0


def test_an_event_of_a_newer_release_waits_for_its_relay_and_stops_no_other() -> None:
    with clock.at(clock.now() - timedelta(minutes=2)):
        light_lamp(colour="red")
    outbox.register({LampBroken: (note,)})
    break_lamp()
    assert (relay(), relay()) == (1, 0)
    assert [type(event.body) for event in reacting.told] == [LampBroken]
    assert not is_all_delivered()
    [late] = [found for check in CHECKS for found in check.run()]
    assert (late.check, late.subject.split()[0]) == ("every event is delivered", "LampLit")
    outbox.register({LampLit: (note,), LampBroken: (note,)})
    assert relay() == 1
    assert [type(event.body) for event in reacting.told] == [LampBroken, LampLit]
    assert is_all_delivered()
