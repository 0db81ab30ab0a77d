"""What a basket comes to, in four currencies: vouchers, their bearers and commissions add up."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money, share_half_up
from niaga.stages.ordering.draft import DraftLine, DraftSeller, VoucherTerms, make_draft

SELLERS = tuple(DraftSeller(new_id(), name, name.lower(), True) for name in ("Api", "Bumi"))
THINGS = st.tuples(
    st.integers(0, 1),  # whose
    st.integers(1, 10**7),  # price, in settlement steps
    st.integers(1, 5),  # units
    st.integers(0, 5_000),  # rate
    st.integers(0, 10**5),  # fee
    st.integers(0, 10**5),  # least
    st.none() | st.integers(1, 10**6),  # most
)


def line(currency: str, said: tuple[int, int, int, int, int, int, int | None]) -> DraftLine:
    step = CURRENCIES[currency].step_minor
    whose, price, units, rate, fee, least, most = said

    def money(steps: int) -> Money:
        return Money(steps * step, currency)

    return DraftLine(
        variant_id=new_id(),
        product_id=new_id(),
        seller_id=SELLERS[whose].seller_id,
        kind="digital",
        sku="A",
        title_id="A",
        title_en="A",
        options={},
        picture="",
        slot_id=None,
        slot_starts_at=None,
        quantity=units,
        unit_price=money(price),
        taxed=False,
        weight_g=0,
        commission_bp=rate,
        plan_id=None,
        fee=money(fee),
        least=money(least),
        most=None if most is None else money(max(most, least)),
        discount=money(0),
        subsidy=money(0),
        commission=money(0),
    )


def voucher(currency: str, percent_bp: int, market_bp: int, seller_id: UUID | None) -> VoucherTerms:
    nothing = Money.zero(currency)
    return VoucherTerms(
        new_id(), "A", "percent", percent_bp, nothing, None, nothing, seller_id, market_bp
    )


@given(
    currency=st.sampled_from(sorted(CURRENCIES)),
    things=st.lists(THINGS, min_size=1, max_size=6),
    percent_bp=st.integers(1, 10_000),
    market_bp=st.integers(0, 10_000),
    of_one=st.booleans(),
)
def test_every_share_adds_up_to_the_whole(currency, things, percent_bp, market_bp, of_one):
    step = CURRENCIES[currency].step_minor
    lines = [line(currency, said) for said in things]
    terms = voucher(currency, percent_bp, market_bp, lines[0].seller_id if of_one else None)
    draft = make_draft(
        lines=lines,
        sellers={seller.seller_id: seller for seller in SELLERS},
        quotes={},
        chosen={},
        voucher=terms,
    )
    drafted = [one for order in draft.orders for one in order.lines]
    subsidy = Money.total((order.subsidy for order in draft.orders), currency)
    assert draft.total + draft.discount == draft.items
    assert subsidy == share_half_up(draft.discount, market_bp, 10_000)
    for one in drafted:
        assert Money.zero(currency) <= one.subsidy <= one.discount
        assert one.discount <= one.gross
        assert one.most is None or one.commission <= one.most
        assert one.commission >= min(one.least, one.earned)
        assert Money.zero(currency) <= one.commission <= one.earned
        for amount in (one.discount, one.subsidy, one.commission):
            assert amount.minor % step == 0
        if of_one and one.seller_id != lines[0].seller_id:
            assert not one.discount


@given(
    currency=st.sampled_from(sorted(CURRENCIES)),
    things=st.lists(THINGS, min_size=1, max_size=6),
)
def test_rates_alone_are_shared_by_the_largest_remainder(currency, things):
    lines = [line(currency, (0, *said[1:4], 0, 0, None)) for said in things]
    draft = make_draft(
        lines=lines, sellers={SELLERS[0].seller_id: SELLERS[0]}, quotes={}, chosen={}, voucher=None
    )
    [order] = draft.orders
    weights = sum(one.earned.minor * one.commission_bp for one in order.lines)
    assert order.commission == share_half_up(Money(weights, currency), 1, 10_000)
    step = CURRENCIES[currency].step_minor
    for one in order.lines:  # each within one step of its exact part, and the order's rounding
        assert abs(one.commission.minor * 10_000 - one.earned.minor * one.commission_bp) < (
            2 * step * 10_000
        )
