"""Identifiers, the clock, transition tables."""

import re
from datetime import UTC, datetime

import pytest

from niaga.kernel import clock
from niaga.kernel.ids import new_id, new_reference, new_token
from niaga.kernel.transitions import mermaid, table


def test_ids_are_uuid_version_7_and_ordered_by_time():
    ids = [new_id() for _ in range(100)]
    assert all(made.version == 7 for made in ids)
    assert ids == sorted(ids)
    assert len(set(ids)) == 100


def test_references_can_be_read_aloud():
    assert re.fullmatch(r"NG-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", new_reference("NG"))
    assert len(new_token()) == 32


def test_the_clock_can_be_set_and_goes_on_afterwards():
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with clock.at(noon):
        assert clock.now() == noon
    assert clock.now() != noon
    with pytest.raises(ValueError, match="aware"), clock.at(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass
    with pytest.raises(ValueError, match="offset"):
        clock.parse("2026-01-01T12:00")


def test_a_table_that_leads_nowhere_is_refused():
    with pytest.raises(ValueError, match="unknown states"):
        table(open="closed")
    drawn = mermaid(table(open="closed", closed=""))
    assert "[*] --> open" in drawn
    assert "open --> closed" in drawn
    assert "closed --> [*]" in drawn
