"""Worlds for tests, built through the same commands as the real one."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from niaga.flows.documents.models import Draft
from niaga.flows.goods.commands.book_slot import open_slots
from niaga.flows.goods.commands.change_stock import receive_stock
from niaga.flows.goods.models import DeliveryService, Location, Slot
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.models import Category, Product, Variant
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.commands.decide_company import approve_company
from niaga.parties.commands.register_company import CompanyDetails, register_company
from niaga.parties.models import Company, Person
from niaga.plumbing.once import once
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.confirm_order import confirm_purchase_payment
from niaga.stages.ordering.commands.place_order import PlacedPurchase, place_order
from niaga.stages.ordering.commands.ship_order import ship_order, track_shipment
from niaga.stages.ordering.drafting import draft_purchase
from niaga.stages.ordering.models import Order
from niaga.stages.sharing.models import Basket, BasketLine, Offer, Voucher

_serial = itertools.count(1)
OPERATOR = Actor("operator")

ADDRESS = {
    "recipient": "Dewi Lestari",
    "street": "Jl. Margonda Raya 100",
    "village": "Kemiri Muka",
    "district": "Beji",
    "city": "Kota Depok",
    "province": "Jawa Barat",
    "postal_code": "16423",
}


def make_person(email: str = "", **fields: object) -> Person:
    """A person who can sign in with the password `rahasia-123`."""
    email = email or f"orang{next(_serial)}@contoh.id"
    return Person.objects.create_user(email, "rahasia-123", **{"name": "Dewi Lestari", **fields})


def make_company(
    *, name: str = "", taxable: bool = True, approved: bool = True, owner: Person | None = None
) -> Company:
    """A company with one location and flat delivery of Rp15.000."""
    n = next(_serial)
    owner = owner or make_person()
    made = register_company(
        actor=Actor("seller", owner.id),
        details=CompanyDetails(
            name=name or f"Toko {n}",
            legal_name=f"PT Toko {n}",
            nib=f"{n:013d}",
            npwp="0013000616012000",
            taxable=taxable,
            email=f"toko{n}@contoh.id",
            phone="081234567890",
            street="Jl. Braga 1",
            village="Braga",
            district="Sumur Bandung",
            city="Kota Bandung",
            province="Jawa Barat",
            postal_code="40111",
            bank_name="Bank Contoh",
            bank_account="1234567890",
            bank_holder=f"PT Toko {n}",
        ),
    )
    if approved:
        approve_company(actor=OPERATOR, company_id=made.company_id)
    Location.objects.create(
        seller_id=made.company_id,
        name="Gudang",
        city="Kota Bandung",
        province="Jawa Barat",
        postal_code="40111",
    )
    DeliveryService.objects.create(
        seller_id=made.company_id,
        code="reguler",
        name="Reguler",
        kind="flat",
        flat_minor=15_000_00,
    )
    return Company.objects.get(pk=made.company_id)


def make_category(path: str = "lain") -> Category:
    """A category at the top."""
    return Category.objects.get_or_create(
        path=path, defaults={"name_id": path.title(), "name_en": path.title()}
    )[0]


@dataclass(frozen=True, slots=True)
class Goods:
    """A product with one variant on sale."""

    product: Product
    variant: Variant
    location: Location


def make_goods(
    company: Company,
    *,
    price: int = 100_000,
    stock: int = 10,
    kind: str = "goods",
    tax: str = "standard",
    weight_g: int = 500,
    name: str = "",
) -> Goods:
    """A published product; `price` in rupiah, `stock` at the company's first location."""
    n = next(_serial)
    product = Product.objects.create(
        seller_id=company.id,
        category=make_category(),
        slug=f"barang-{n}",
        kind=kind,
        name_id=name or f"Barang {n}",
        name_en=f"Thing {n}",
        state=Product.State.PUBLISHED,
    )
    variant = Variant.objects.create(
        product=product, seller_id=company.id, sku=f"SKU-{n}", weight_g=weight_g
    )
    Offer.objects.create(
        variant=variant, seller=company, price_minor=Money.of(price).minor, tax=tax
    )
    location = Location.objects.filter(seller_id=company.id).order_by("priority").first()
    assert location is not None
    if kind == "goods" and stock:
        receive_stock(
            actor=Actor("seller", seller_id=company.id),
            seller_id=company.id,
            sku_id=variant.id,
            location_id=location.id,
            quantity=stock,
            reason="first stock",
        )
    return Goods(product, variant, location)


def make_slot(goods: Goods, *, capacity: int = 1, days_ahead: int = 3) -> Slot:
    """A bookable slot of a service."""
    starts = clock.now() + timedelta(days=days_ahead)
    open_slots(
        seller_id=goods.product.seller_id,
        sku_id=goods.variant.id,
        starts=(starts.isoformat(),),
        duration_min=60,
        capacity=capacity,
    )
    return Slot.objects.get(sku_id=goods.variant.id, starts_at=starts)


def make_basket(*lines: tuple[Goods, int], slots: dict[UUID, Slot] | None = None) -> UUID:
    """A guest's basket with these lines; `slots` maps a service's variant to its slot."""
    basket = Basket.objects.create(id=new_id())
    BasketLine.objects.bulk_create(
        BasketLine(
            id=new_id(),
            basket=basket,
            variant=goods.variant,
            quantity=quantity,
            slot=(slots or {}).get(goods.variant.id),
        )
        for goods, quantity in lines
    )
    return basket.id


def make_voucher(
    code: str,
    *,
    percent_bp: int = 0,
    amount: int = 0,
    seller: Company | None = None,
    spend_from: int = 0,
    days: tuple[int, int] = (-1, 1),
    uses_limit: int | None = None,
    market_bp: int | None = None,
) -> Voucher:
    """A voucher valid from `days[0]` to `days[1]` from now; amounts in rupiah.

    Without `market_bp` the seller that is named bears it, else the market.
    """
    borne = 0 if seller else 10_000
    fixed = amount or not percent_bp
    return Voucher.objects.create(
        code=code,
        kind="fixed" if fixed else "percent",
        percent_bp=percent_bp,
        amount_minor=Money.of(amount or 1_000).minor if fixed else 0,
        spend_from_minor=Money.of(spend_from).minor,
        seller=seller,
        market_bp=borne if market_bp is None else market_bp,
        starts_at=clock.now() + timedelta(days=days[0]),
        ends_at=clock.now() + timedelta(days=days[1]),
        uses_limit=uses_limit,
    )


def place(
    basket_id: UUID,
    *,
    actor: Actor | None = None,
    method: str = "bank_transfer",
    voucher: str = "",
    key: str = "",
    address: dict[str, str] | None = None,
    **changes: object,
) -> PlacedPurchase:
    """Place the basket as the checkout door does: through `once`, at the total it shows."""
    address = address or ADDRESS
    if "expected_total_minor" not in changes:
        changes["expected_total_minor"] = draft_purchase(
            basket_id=basket_id, province=address["province"], chosen={}, voucher_code=voucher
        ).total.minor
    return once(
        key=key or str(new_id()),
        of=place_order,
        result=PlacedPurchase,
        actor=actor or Actor.guest(),
        body={
            "basket_id": basket_id,
            "email": "dewi@contoh.id",
            "name": "Dewi Lestari",
            "phone": "081234567890",
            "language": "id",
            "address": address,
            "deliveries": {},
            "method": method,
            "voucher": voucher,
            **changes,
        },
    )


def pay(placed: PlacedPurchase) -> None:
    """Confirm the purchase's payment as the operator."""
    confirm_purchase_payment(actor=OPERATOR, purchase_id=placed.purchase_id, confirmed_by="test")


def orders_of(placed: PlacedPurchase) -> list[Order]:
    """The purchase's orders, in the order of their sellers' names."""
    return list(Order.objects.filter(purchase_id=placed.purchase_id).order_by("seller__name"))


def ship_all(order: Order) -> UUID:
    """Ship everything of an order in one parcel."""
    lines = order.lines.filter(kind="goods")
    return ship_order(
        actor=Actor("seller", seller_id=order.seller_id),
        order_id=order.id,
        quantities={line.id: line.quantity - line.shipped_quantity for line in lines},
        carrier="JNE",
        tracking_number="JNE123",
    )


def deliver(shipment_id: UUID) -> None:
    """Let a parcel reach the buyer."""
    track_shipment(actor=Actor.system(), shipment_id=shipment_id, state=ShipmentState.DELIVERED)


def make_refused_draft() -> Draft:
    """The invoice of a paid order, not issued because its seller has no name."""
    company = make_company()
    Company.objects.filter(pk=company.pk).update(name="", legal_name="")
    placed = place(make_basket((make_goods(company, price=111_000), 1)))
    pay(placed)
    drain()
    return Draft.objects.get(kind="invoice", seller_id=company.id)
