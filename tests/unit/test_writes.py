"""Writes wait for the command's end, and never behind the command's back."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.ledger.models import Account
from niaga.plumbing.command import command
from niaga.plumbing.writes import Write, insert, later, prepared_cursor

pytestmark = pytest.mark.django_db

RENAME = "UPDATE ledger_account SET kind = %s WHERE kind = %s"


class Regretted(Refusal):
    """The command changes its mind."""


def _account(kind: str) -> Account:
    return Account(id=new_id(), kind=kind, currency="IDR")


@command
def write_three() -> None:
    insert([_account("first"), _account("second")])
    insert([_account("third")])


@command
def ask_in_between() -> int:
    insert([_account("first")])
    return Account.objects.count()


@command
def ask_aside() -> int:
    insert([_account("first")])
    with prepared_cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_account")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


@command
def rename(*, names: list[str], rows: int | None = None) -> None:
    for old, new in itertools.pairwise(names):
        later(Write(RENAME, [new, old], changes="ledger_account", rows=rows))


@command
def regret() -> None:
    insert([_account("first")])
    raise Regretted


def _kinds() -> list[str]:
    return sorted(Account.objects.values_list("kind", flat=True))


def test_what_waits_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as statements:
        write_three()
    assert len([q for q in statements if "SAVEPOINT" not in q["sql"]]) == 1
    assert _kinds() == ["first", "second", "third"]


def test_a_command_finds_what_it_wrote() -> None:
    assert ask_in_between() == 1


def test_a_prepared_cursor_does_not_see_what_waits() -> None:
    assert ask_aside() == 0
    assert _kinds() == ["first"]


def test_a_row_that_is_changed_twice_keeps_both_changes() -> None:
    write_three()
    rename(names=["first", "other", "last"])
    assert _kinds() == ["last", "second", "third"]


def test_a_write_that_misses_its_rows_fails_the_command() -> None:
    write_three()
    with pytest.raises(AssertionError, match="touched"):
        rename(names=["nobody", "anybody"], rows=1)
    assert _kinds() == ["first", "second", "third"]


def test_what_waits_is_dropped_with_a_refusal() -> None:
    with pytest.raises(Regretted):
        regret()
    assert _kinds() == []
    write_three()
    assert len(_kinds()) == 3


def test_nothing_waits_outside_a_command() -> None:
    with pytest.raises(RuntimeError, match="outside a command"):
        insert([_account("first")])
    assert _kinds() == []
