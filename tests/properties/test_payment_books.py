"""The books of a payment under any order of operations, by the gateway's own rules.

The machine asks for operations that are allowed and for some that are not, keeps a second set of
books the simple way (lists of what is live), and compares after each step.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from niaga.protocol.errors import OperationError
from niaga.protocol.gateway import books
from niaga.protocol.gateway.books import Movement, Position
from niaga.protocol.merchant.purchase import new_reference, new_xid
from niaga.protocol.messages.operations import (
    Batch,
    Capture,
    CaptureReversal,
    Credit,
    CreditReversal,
    Entry,
    Reversal,
)
from niaga.protocol.messages.parts import Amount

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
AUTHORISED = 10_000
AMOUNTS = st.integers(1, AUTHORISED + 500)
XID, AUTH = new_xid(), new_reference()


def heading(**fields: Any) -> dict[str, Any]:
    seconds = int(NOW.timestamp())
    return {
        "iss": "https://shop.example",
        "aud": "https://gateway.example",
        "jti": new_reference(),
        "xid": XID,
        "seq": 1,
        "iat": seconds,
        "deadline": seconds + 600,
        **fields,
    }


def rupiah(minor: int, currency: str = "IDR") -> Amount:
    return Amount(currency=currency, minor=minor)


def position(**changes: Any) -> Position:
    start = Position(
        xid=XID,
        auth_id=AUTH,
        currency="IDR",
        authorised_minor=AUTHORISED,
        captured_minor=0,
        credited_minor=0,
        auth_exp_s=int((NOW + timedelta(days=7)).timestamp()),
        refund_until_s=int((NOW + timedelta(days=30)).timestamp()),
    )
    return replace(start, **changes)


@dataclass
class Live:
    """A capture as the simple books have it."""

    id: str
    minor: int
    credits: dict[str, int]

    def movement(self) -> Movement:
        return Movement(self.id, self.minor, credited_minor=sum(self.credits.values()))


class Books(RuleBasedStateMachine):
    """One payment."""

    def __init__(self) -> None:
        super().__init__()
        self.position = position()
        self.released = 0
        self.captures: list[Live] = []

    @property
    def left(self) -> int:
        return AUTHORISED - self.released - sum(c.minor for c in self.captures)

    def attempt(self, act: Any, *, allowed: bool) -> bool:
        before = self.position
        if allowed:
            self.position = act()
            return True
        with pytest.raises(OperationError):
            act()
        assert self.position == before
        return False

    @rule(minor=AMOUNTS, days=st.sampled_from([0, 0, 0, 7]))
    def capture(self, minor: int, days: int) -> None:
        asked = Capture(**heading(auth_id=AUTH, amount=rupiah(minor)))
        now = NOW + timedelta(days=days)
        if self.attempt(
            lambda: books.capture(self.position, asked, now=now),
            allowed=days < 7 and minor <= self.left,
        ):
            self.captures.append(Live(new_reference(), minor, {}))

    @rule(minor=st.none() | AMOUNTS)
    def reverse(self, minor: int | None) -> None:
        asked = Reversal(**heading(amount=minor and rupiah(minor)))
        wanted = self.left if minor is None else minor
        if self.attempt(
            lambda: books.reverse(self.position, asked),
            allowed=self.left > 0 and wanted <= self.left,
        ):
            self.released += wanted

    @precondition(lambda self: self.captures)
    @rule(data=st.data(), off=st.sampled_from([0, 0, 0, 1]))
    def reverse_capture(self, data: st.DataObject, off: int) -> None:
        live = data.draw(st.sampled_from(self.captures))
        asked = CaptureReversal(**heading(capture_id=live.id, amount=rupiah(live.minor + off)))
        if self.attempt(
            lambda: books.reverse_capture(self.position, asked, live.movement()),
            allowed=not off and not live.credits,
        ):
            self.captures.remove(live)

    @precondition(lambda self: self.captures)
    @rule(data=st.data(), minor=AMOUNTS, days=st.sampled_from([0, 0, 0, 30]))
    def credit(self, data: st.DataObject, minor: int, days: int) -> None:
        live = data.draw(st.sampled_from(self.captures))
        asked = Credit(**heading(capture_id=live.id, amount=rupiah(minor)))
        fits = minor <= live.minor - sum(live.credits.values())
        now = NOW + timedelta(days=days)
        if self.attempt(
            lambda: books.credit(self.position, asked, live.movement(), now=now),
            allowed=fits and days < 30,
        ):
            live.credits[new_reference()] = minor

    @precondition(lambda self: any(c.credits for c in self.captures))
    @rule(data=st.data(), off=st.sampled_from([0, 0, 1]))
    def reverse_credit(self, data: st.DataObject, off: int) -> None:
        live = data.draw(st.sampled_from([c for c in self.captures if c.credits]))
        made = data.draw(st.sampled_from(sorted(live.credits)))
        minor = live.credits[made]
        asked = CreditReversal(**heading(credit_id=made, amount=rupiah(minor + off)))
        if self.attempt(
            lambda: books.reverse_credit(self.position, asked, Movement(made, minor)),
            allowed=not off,
        ):
            del live.credits[made]

    @invariant()
    def both_books_agree(self) -> None:
        found = self.position
        assert found.authorised_minor == AUTHORISED - self.released
        assert found.captured_minor == sum(c.minor for c in self.captures)
        assert found.credited_minor == sum(sum(c.credits.values()) for c in self.captures)
        assert 0 <= found.credited_minor <= found.captured_minor <= found.authorised_minor
        assert found.authorised_minor <= AUTHORISED


Books.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestBooks = Books.TestCase


MADE = Movement(new_reference(), 4_000)
REFUSED: dict[str, tuple[str, Any]] = {
    "another authorisation": (
        "unknown_reference",
        lambda: books.capture(
            position(), Capture(**heading(auth_id=new_reference(), amount=rupiah(1))), now=NOW
        ),
    ),
    "another currency": (
        "amount_differs",
        lambda: books.capture(
            position(), Capture(**heading(auth_id=AUTH, amount=rupiah(1, "USD"))), now=NOW
        ),
    ),
    "another capture undone": (
        "unknown_reference",
        lambda: books.reverse_capture(
            position(captured_minor=4_000),
            CaptureReversal(**heading(capture_id=new_reference(), amount=rupiah(4_000))),
            MADE,
        ),
    ),
    "a capture undone twice": (
        "already_reversed",
        lambda: books.reverse_capture(
            position(),
            CaptureReversal(**heading(capture_id=MADE.id, amount=rupiah(4_000))),
            replace(MADE, is_reversed=True),
        ),
    ),
    "a credit of an undone capture": (
        "already_reversed",
        lambda: books.credit(
            position(),
            Credit(**heading(capture_id=MADE.id, amount=rupiah(1))),
            replace(MADE, is_reversed=True),
            now=NOW,
        ),
    ),
    "a credit of another capture": (
        "unknown_reference",
        lambda: books.credit(
            position(captured_minor=4_000),
            Credit(**heading(capture_id=new_reference(), amount=rupiah(1))),
            MADE,
            now=NOW,
        ),
    ),
    "a credit undone twice": (
        "already_reversed",
        lambda: books.reverse_credit(
            position(),
            CreditReversal(**heading(credit_id=MADE.id, amount=rupiah(4_000))),
            replace(MADE, is_reversed=True),
        ),
    ),
    "a hold of which nothing is left": (
        "not_in_this_state",
        lambda: books.reverse(position(captured_minor=AUTHORISED), Reversal(**heading())),
    ),
    "a capture partly paid back": (
        "not_in_this_state",
        lambda: books.reverse_capture(
            position(captured_minor=4_000, credited_minor=1),
            CaptureReversal(**heading(capture_id=MADE.id, amount=rupiah(4_000))),
            replace(MADE, credited_minor=1),
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(name: str) -> None:
    reason, act = REFUSED[name]
    with pytest.raises(OperationError) as caught:
        act()
    assert caught.value.reason == reason


# ---- batches ----

entries = st.dictionaries(
    st.tuples(st.sampled_from(["capture", "credit"]), st.integers(0, 5)), st.integers(0, 3)
)
IDS = [new_reference() for _ in range(6)]


def listed(found: dict[tuple[str, int], int]) -> tuple[Entry, ...]:
    return tuple(
        Entry(kind=kind, id=IDS[index], minor=minor) for (kind, index), minor in found.items()
    )


def batch(found: tuple[Entry, ...]) -> Batch:
    fields = heading(since=1, until=2, currency="IDR", entries=found)
    return Batch(**{name: value for name, value in fields.items() if name not in {"xid", "seq"}})


@settings(deadline=None)
@given(theirs=entries, ours=entries)
def test_a_comparison_finds_every_difference(
    theirs: dict[tuple[str, int], int], ours: dict[tuple[str, int], int]
) -> None:
    agreed, differences = books.compare(batch(listed(theirs)), listed(ours))
    assert agreed == len(theirs.items() & ours.items())
    assert {(d.kind, d.id) for d in differences} == {
        (kind, IDS[index])
        for kind, index in theirs.keys() | ours.keys()
        if theirs.get((kind, index)) != ours.get((kind, index))
    }
    for found in differences:
        key = (found.kind, IDS.index(found.id))
        assert found.minor == ours.get(key, 0)
        expected = {
            (False, True): "unknown_to_gateway",
            (True, False): "unknown_to_merchant",
            (True, True): "amount",
        }
        assert found.problem == expected[key in ours, key in theirs]


def test_a_movement_listed_twice_is_refused() -> None:
    twice = listed({("capture", 1): 1})
    with pytest.raises(OperationError):
        books.compare(batch(twice + twice), ())
