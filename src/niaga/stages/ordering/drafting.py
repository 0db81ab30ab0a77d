"""Reads what a draft needs from the basket, the offers, the sellers and the rate tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import OuterRef, Subquery

from niaga.flows.goods.rates import Parcel, delivery_quotes
from niaga.flows.information.models import Media, Product
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.parties.states import CompanyState
from niaga.stages.ordering.draft import (
    Draft,
    DraftLine,
    DraftSeller,
    VoucherTerms,
    make_draft,
    voucher_base,
)
from niaga.stages.sharing.models import BasketLine, Offer, Voucher


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
class VoucherRefused(Refusal):
    """The voucher does not apply; `rule` says why.

    One of: unknown, not_yet, over, used_up, spend_more, other_seller.
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
    )


def _parcel_weight(lines: list[DraftLine], seller_id: UUID) -> int | None:
    weights = [
        line.weight_g * line.quantity
        for line in lines
        if line.seller_id == seller_id and line.kind == Product.Kind.GOODS
    ]
    return sum(weights) if weights else None


def _read_lines(basket_id: UUID) -> tuple[list[DraftLine], dict[UUID, DraftSeller]]:
    first_picture = Media.objects.filter(product_id=OuterRef("variant__product_id"))
    rows = list(
        BasketLine.objects.filter(basket_id=basket_id)
        .select_related("variant__product", "variant__offer__seller", "slot")
        .annotate(picture=Subquery(first_picture.order_by("position").values("thumbnail")[:1]))
        .order_by("added_at", "id")
    )
    if not rows:
        raise BasketEmpty
    gone = tuple(row.variant.product.name_id for row in rows if not _on_sale(row))
    if gone:
        raise NotOnSale(gone)
    sellers = {}
    for row in rows:
        company = row.variant.offer.seller
        sellers[company.id] = DraftSeller(
            company.id, company.name, company.slug, company.taxable, company.commission_bp
        )
    return [_draft_line(row) for row in rows], sellers


def _on_sale(row: BasketLine) -> bool:
    variant = row.variant
    return (
        variant.active
        and variant.product.state == Product.State.PUBLISHED
        and hasattr(variant, "offer")
        and variant.offer.seller.state == CompanyState.APPROVED
    )


def _draft_line(row: BasketLine) -> DraftLine:
    variant, product, offer = row.variant, row.variant.product, row.variant.offer
    return DraftLine(
        variant_id=variant.id,
        product_id=product.id,
        seller_id=offer.seller_id,
        kind=product.kind,
        sku=variant.sku,
        title_id=product.name_id,
        title_en=product.name_en or product.name_id,
        options=variant.options,
        picture=getattr(row, "picture", None) or "",
        slot_id=row.slot_id,
        slot_starts_at=row.slot.starts_at if row.slot else None,
        quantity=row.quantity,
        unit_price=Money(offer.price_minor, offer.currency),
        taxed=offer.seller.taxable and offer.tax == Offer.Tax.STANDARD,
        weight_g=variant.weight_g,
        discount=Money.zero(offer.currency),
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
    )
    base = voucher_base(lines, terms)
    if not base:
        raise VoucherRefused(voucher.code, "other_seller")
    if base < terms.spend_from:
        raise VoucherRefused(voucher.code, "spend_more")
    return terms
