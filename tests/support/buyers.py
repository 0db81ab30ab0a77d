"""What tests of the shop's door share: a buyer's purchase, and browsers that look at it."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from niaga.flows.goods.commands.keep_file import add_file
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.models import Person
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.stages.ordering.models import Order
from tests.support.worlds import (
    Goods,
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
)

ENGLISH = {"accept-language": "en"}


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase, its buyer and the first of its orders."""

    placed: PlacedPurchase
    buyer: Person
    order: Order

    @property
    def path(self) -> str:
        """The purchase's page."""
        return reverse("purchase", args=[self.placed.reference])

    @property
    def order_path(self) -> str:
        """The order's page."""
        return reverse("order", args=[self.order.id])


def buy(
    *goods: Goods, quantity: int = 1, paid: bool = True, buyer: Person | None = None, **how: str
) -> Bought:
    """A signed-in buyer's purchase of these goods (default: one thing of one seller)."""
    buyer = buyer or make_person()
    goods = goods or (make_goods(make_company(), stock=50),)
    basket = make_basket(*((thing, quantity) for thing in goods))
    placed = place(basket, actor=Actor("buyer", buyer.id), **how)  # type: ignore[arg-type]
    if paid:
        pay(placed)
    return Bought(placed, buyer, orders_of(placed)[0])


def browser(person: Person | None = None) -> Client:
    """An English browser; `person` is signed in."""
    client = Client(headers=ENGLISH)
    if person:
        client.force_login(person)
    return client


def keep_content(goods: Goods, *, name: str = "Panduan", content: bytes = b"isi berkas") -> str:
    """Store the file of a digital good; return its path in private storage."""
    path = storages["private"].save(f"files/{new_id()}.epub", ContentFile(content))
    add_file(
        seller_id=goods.product.seller_id,
        sku_id=goods.variant.id,
        name=name,
        path=path,
        size_bytes=len(content),
        sha256="0" * 64,
    )
    return path
