"""Money: whole minor units, exact splits, named roundings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niaga.kernel.money import CurrencyMismatchError, Money, share_down, share_half_up

amounts = st.integers(min_value=-(10**14), max_value=10**14)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12)


@given(amounts, weights, st.sampled_from(["IDR", "USD", "JPY", "KWD"]))
def test_a_split_loses_nothing_and_stays_in_proportion(minor, shares, currency):
    if not sum(shares):
        shares[0] = 1
    parts = Money(minor, currency).split(shares)
    assert sum(part.minor for part in parts) == minor
    step = 100 if currency == "IDR" else 1
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.minor - minor * share / sum(shares)) <= step + abs(minor) * 1e-12
        if share == 0:
            assert part.minor == 0


@given(st.integers(min_value=0, max_value=10**10), weights)
def test_rupiah_are_split_into_whole_rupiah(rupiah, shares):
    if not sum(shares):
        shares[0] = 1
    assert all(part.minor % 100 == 0 for part in Money.of(rupiah).split(shares))


def test_the_largest_remainder_gets_the_odd_rupiah():
    parts = Money.of(100).split([1, 1, 1])
    assert [part.major for part in parts] == [34, 33, 33]


def test_a_split_over_nothing_is_refused_unless_there_is_nothing_to_split():
    with pytest.raises(ValueError, match="nothing to share"):
        Money(1).split([0, 0])
    assert Money(0).split([0, 0]) == (Money(0), Money(0))
    with pytest.raises(ValueError, match="negative"):
        Money(1).split([1, -1])


@pytest.mark.parametrize(
    ("rupiah", "tax"),
    [(111_000, 11_000), (100_000, 9_910), (1, 0), (5, 0), (6, 1), (0, 0)],
)
def test_contained_ppn_is_rounded_half_up_to_whole_rupiah(rupiah, tax):
    assert share_half_up(Money.of(rupiah), 11, 111) == Money.of(tax)


def test_percentages_of_vouchers_are_rounded_down():
    assert share_down(Money.of(999), 1000, 10_000) == Money.of(99)


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatchError):
        Money(1, "IDR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatchError):
        _ = Money(1, "IDR") < Money(1, "USD")


def test_only_whole_minor_units_of_known_currencies_are_money():
    with pytest.raises(TypeError):
        Money(1.5)
    with pytest.raises(TypeError):
        Money(True)
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, "XXX")
    with pytest.raises(ValueError, match="decimals"):
        Money.of(Decimal("0.001"))
    assert Money.of("1500000").minor == 150_000_000
    assert Money.of("1.234", "KWD").minor == 1234
