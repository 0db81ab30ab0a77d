"""Audit checks: each is a question to the database that should find nothing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class Violation:
    """Something does not agree: which check, about what, and the amounts on both sides."""

    check: str
    subject: str
    amounts: dict[str, str]

    def __str__(self) -> str:
        amounts = ", ".join(f"{name} {value}" for name, value in self.amounts.items())
        return f"{self.check}: {self.subject}: {amounts}"


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` selects a `subject` column and then one column per amount, for each violation."""

    name: str
    sql: str

    def run(self, parameters: Sequence[Any] = ()) -> tuple[Violation, ...]:
        """Return what the check finds."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, list(parameters) or None)
            names = [column.name for column in cursor.description][1:]
            return tuple(
                Violation(
                    self.name,
                    str(subject),
                    {name: str(value) for name, value in zip(names, amounts, strict=True)},
                )
                for subject, *amounts in cursor.fetchall()
            )


@dataclass(frozen=True, slots=True)
class Walk:
    """A check that SQL cannot put, such as a hash over JSON: it reads row by row.

    `find` yields a subject and the amounts for each violation.
    """

    name: str
    find: Callable[[], Iterator[tuple[str, dict[str, str]]]]

    def run(self) -> tuple[Violation, ...]:
        """Return what the check finds."""
        return tuple(Violation(self.name, subject, amounts) for subject, amounts in self.find())


_registered: list[Check | Walk] = []


def register_checks(*checks: Check | Walk) -> None:
    """Set the market's checks (project/apps.py calls this once at start)."""
    _registered[:] = checks


def check_names() -> tuple[str, ...]:
    """Return the names of the market's checks, in the order in which they run."""
    return tuple(check.name for check in _registered)


def registered() -> int:
    """Return how many checks there are."""
    return len(_registered)


def run_all() -> tuple[Violation, ...]:
    """Return every violation of every registered check."""
    return tuple(violation for check in _registered for violation in check.run())


UNDER_WAY = """
    SELECT e.subject_id FROM plumbing_delivery d
      JOIN plumbing_storedevent e ON e.id = d.event_id WHERE d.state = 'due'
    UNION ALL
    SELECT e.subject_id FROM plumbing_outboxentry o
      JOIN plumbing_storedevent e ON e.id = ANY(o.event_ids)
"""
"""The subjects of events whose reactions are still to come."""

CHECKS = (
    Check(
        "every event is delivered",
        """
        SELECT e.type || ' ' || e.subject_id, d.reaction, d.state, d.tries, d.error
          FROM plumbing_delivery d JOIN plumbing_storedevent e ON e.id = d.event_id
         WHERE d.state = 'dead'
            OR (d.state = 'due' AND d.due_at < now() - interval '1 minute')
        UNION ALL
        SELECT e.type || ' ' || e.subject_id, '', 'in the outbox', 0, ''
          FROM plumbing_outboxentry o JOIN plumbing_storedevent e ON e.id = ANY(o.event_ids)
         WHERE o.recorded_at < now() - interval '1 minute'
        """,
    ),
)
