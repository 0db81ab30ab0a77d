"""Reads what a draft needs from the basket, the offers, the sellers and the rate tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from niaga.flows.goods.rates import Parcel, delivery_quotes
from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.parties.states import CompanyState
from niaga.plumbing.writes import prepared_cursor
from niaga.stages.ordering.draft import (
    Draft,
    DraftLine,
    DraftSeller,
    VoucherTerms,
    make_draft,
    voucher_base,
)
from niaga.stages.sharing.models import Offer, Voucher


@dataclass(eq=False)
class BasketEmpty(Refusal):
    """There is nothing to order."""

    code: ClassVar[str] = "basket_empty"


@dataclass(eq=False)
class NotOnSale(Refusal):
    """Something in the basket is no longer sold: the product was hidden or its seller left."""

    code: ClassVar[str] = "not_on_sale"
    titles: tuple[str, ...]


@dataclass(eq=False)
class CurrenciesMixed(Refusal):
    """A purchase is paid in one currency, and the basket has prices in several."""

    code: ClassVar[str] = "currencies_mixed"
    currencies: tuple[str, ...]


@dataclass(eq=False)
class VoucherRefused(Refusal):
    """The voucher does not apply; `rule` says why.

    One of: unknown, not_yet, over, used_up, spend_more, other_seller, other_currency.
    """

    code: ClassVar[str] = "voucher_refused"
    voucher: str
    rule: str


def draft_purchase(
    *, basket_id: UUID, province: str | None, chosen: Mapping[UUID, str], voucher_code: str
) -> Draft:
    """Return what the basket comes to now; at most four statements.

    Raises:
        BasketEmpty: no lines.
        NotOnSale: a line can't be ordered any more.
        CurrenciesMixed: prices in several currencies.
        VoucherRefused: the voucher does not apply.
    """
    lines, sellers = _read_lines(basket_id)
    voucher = _read_voucher(voucher_code, lines) if voucher_code else None
    parcels = [
        Parcel(seller_id, weight, province)
        for seller_id in sellers
        if (weight := _parcel_weight(lines, seller_id)) is not None
    ]
    return make_draft(
        lines=lines,
        sellers=sellers,
        quotes=delivery_quotes(parcels) if parcels else {},
        chosen=chosen,
        voucher=voucher,
        whereto_known=province is not None,
    )


def _parcel_weight(lines: list[DraftLine], seller_id: UUID) -> int | None:
    weights = [
        line.weight_g * line.quantity
        for line in lines
        if line.seller_id == seller_id and line.kind == Product.Kind.GOODS
    ]
    return sum(weights) if weights else None


def _read_lines(basket_id: UUID) -> tuple[list[DraftLine], dict[UUID, DraftSeller]]:
    now = clock.now()
    with prepared_cursor() as cursor:
        cursor.execute(_LINES, [now, now, now, basket_id])
        rows = [_Row(*row) for row in cursor.fetchall()]
    if not rows:
        raise BasketEmpty
    gone = tuple(row.title_id for row in rows if not row.on_sale)
    if gone:
        raise NotOnSale(gone)
    currencies = tuple(sorted({row.currency for row in rows}))
    if len(currencies) > 1:
        raise CurrenciesMixed(currencies)
    sellers = {
        row.seller_id: DraftSeller(row.seller_id, row.seller_name, row.seller_slug, row.taxable)
        for row in rows
    }
    return [_draft_line(row) for row in rows], sellers


# Written out: whole products, sellers and offers, and their query put together anew each time,
# would be the most work of placing an order.
_LINES = """
    SELECT v.id, p.id, p.kind, p.state, v.sku, p.name_id, p.name_en, v.options::text, v.active,
           v.weight_g, l.slot_id, s.starts_at, l.quantity, l.purchase_order,
           q.id, COALESCE(q.price_minor, o.price_minor),
           o.currency, o.tax, c.id, c.name, c.slug, c.state, c.taxable,
           COALESCE(plan.rate_bp, c.commission_bp), plan.id,
           COALESCE(plan.fee_minor, 0), COALESCE(plan.least_minor, 0), plan.most_minor,
           (SELECT m.thumbnail FROM information_media m
             WHERE m.product_id = p.id ORDER BY m.position LIMIT 1)
      FROM sharing_basketline l
      JOIN information_variant v ON v.id = l.variant_id
      JOIN information_product p ON p.id = v.product_id
      LEFT JOIN sharing_offer o ON o.variant_id = v.id
      LEFT JOIN parties_company c ON c.id = o.seller_id
      LEFT JOIN goods_slot s ON s.id = l.slot_id
      LEFT JOIN (sharing_quotationline q JOIN sharing_quotation t ON t.id = q.quotation_id)
             ON q.id = l.quoted_id AND q.quantity = l.quantity AND q.order_id IS NULL
            AND t.state = 'offered' AND t.valid_until > %s
      LEFT JOIN LATERAL (
           SELECT t.id, t.rate_bp,
                  CASE WHEN t.currency = o.currency THEN t.fee_minor END AS fee_minor,
                  CASE WHEN t.currency = o.currency THEN t.least_minor END AS least_minor,
                  CASE WHEN t.currency = o.currency THEN t.most_minor END AS most_minor
             FROM sharing_commissionplan t
             LEFT JOIN information_category shelf ON shelf.id = t.category_id
             JOIN information_category mine ON mine.id = p.category_id
            WHERE t.starts_at <= %s AND (t.ends_at IS NULL OR t.ends_at > %s)
              AND (t.seller_id IS NULL OR t.seller_id = c.id)
              AND (t.tier = '' OR t.tier = c.tier)
              AND (shelf.path IS NULL OR starts_with(mine.path || '/', shelf.path || '/'))
            ORDER BY t.seller_id IS NULL, t.tier = '', LENGTH(COALESCE(shelf.path, '')) DESC,
                     t.starts_at DESC, t.id LIMIT 1) plan ON TRUE
     WHERE l.basket_id = %s
     ORDER BY l.added_at, l.id
"""


class _Row(NamedTuple):
    """A basket line with what its order needs to know, in the order of `_LINES`."""

    variant_id: UUID
    product_id: UUID
    kind: str
    product_state: str
    sku: str
    title_id: str
    title_en: str
    options: str
    active: bool
    weight_g: int
    slot_id: UUID | None
    slot_starts_at: datetime | None
    quantity: int
    purchase_order: str
    quoted_id: UUID | None
    price_minor: int
    currency: str
    tax: str
    seller_id: UUID
    seller_name: str
    seller_slug: str
    seller_state: str | None  # None: the variant has no price
    taxable: bool
    commission_bp: int
    plan_id: UUID | None
    fee_minor: int
    least_minor: int
    most_minor: int | None
    picture: str | None

    @property
    def on_sale(self) -> bool:
        """Whether it may be ordered now."""
        return (
            self.active
            and self.product_state == Product.State.PUBLISHED
            and self.seller_state == CompanyState.APPROVED
        )


def _draft_line(row: _Row) -> DraftLine:
    return DraftLine(
        variant_id=row.variant_id,
        product_id=row.product_id,
        seller_id=row.seller_id,
        kind=row.kind,
        sku=row.sku,
        title_id=row.title_id,
        title_en=row.title_en or row.title_id,
        options=json.loads(row.options),
        picture=row.picture or "",
        slot_id=row.slot_id,
        slot_starts_at=row.slot_starts_at,
        quantity=row.quantity,
        unit_price=Money(row.price_minor, row.currency),
        taxed=row.taxable and row.tax == Offer.Tax.STANDARD,
        weight_g=row.weight_g,
        commission_bp=row.commission_bp,
        plan_id=row.plan_id,
        fee=Money(row.fee_minor, row.currency),
        least=Money(row.least_minor, row.currency),
        most=None if row.most_minor is None else Money(row.most_minor, row.currency),
        purchase_order=row.purchase_order,
        quoted_id=row.quoted_id,
        discount=Money.zero(row.currency),
        subsidy=Money.zero(row.currency),
        commission=Money.zero(row.currency),
    )


def _read_voucher(code: str, lines: list[DraftLine]) -> VoucherTerms:
    voucher = Voucher.objects.filter(code=code.strip().upper()).first()
    if voucher is None:
        raise VoucherRefused(code, "unknown")
    if clock.now() < voucher.starts_at:
        raise VoucherRefused(voucher.code, "not_yet")
    if clock.now() >= voucher.ends_at:
        raise VoucherRefused(voucher.code, "over")
    if voucher.uses_limit is not None and voucher.uses >= voucher.uses_limit:
        raise VoucherRefused(voucher.code, "used_up")
    terms = VoucherTerms(
        voucher_id=voucher.id,
        code=voucher.code,
        kind="percent" if voucher.kind == Voucher.Kind.PERCENT else "fixed",
        percent_bp=voucher.percent_bp,
        amount=Money(voucher.amount_minor, voucher.currency),
        most=Money(voucher.most_minor, voucher.currency) if voucher.most_minor else None,
        spend_from=Money(voucher.spend_from_minor, voucher.currency),
        seller_id=voucher.seller_id,
        market_bp=voucher.market_bp,
    )
    if any(line.unit_price.currency != voucher.currency for line in lines):
        raise VoucherRefused(voucher.code, "other_currency")
    base = voucher_base(lines, terms)
    if not base:
        raise VoucherRefused(voucher.code, "other_seller")
    if base < terms.spend_from:
        raise VoucherRefused(voucher.code, "spend_more")
    return terms
