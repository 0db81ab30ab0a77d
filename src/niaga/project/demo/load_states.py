"""Orders in every state, for the demo's buyer and both demo sellers to find."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from niaga.flows.goods.commands.grant_download import spend_download
from niaga.flows.goods.models import DownloadGrant
from niaga.flows.information.models import Product
from niaga.flows.money.models import Refund
from niaga.flows.money.states import HoldOwner, HoldReason
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.parties.models import Company
from niaga.plumbing.worker import catch_up
from niaga.project.demo.accounts import LOGINS
from niaga.project.demo.load_catalogue import Progress
from niaga.project.demo.shopping import (
    OPERATOR,
    Shopper,
    deliver,
    orders_of,
    pay,
    perform,
    place,
    ship,
)
from niaga.stages.aftersales.commands.appeal_hold import appeal
from niaga.stages.aftersales.commands.complain import (
    answer_complaint,
    escalate_complaint,
    open_complaint,
    resolve_complaint,
)
from niaga.stages.aftersales.commands.hold_money import HoldWish, hold_money
from niaga.stages.ordering.commands.cancel_order import (
    cancel_order,
    cancel_purchase,
    expire_purchase,
    send_refund,
)
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.refund_draft import RefundWish

SELLERS = [email for role, email, _password in LOGINS if role == "Seller"]
SHOPPERS = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """One purchase on its way to a state: who buys what, and when it began."""

    chance: Random
    shopper: Shopper
    products: list[Product]
    began: datetime

    def after(self, **span: float) -> datetime:
        """Return the instant so many days and hours after the scene began."""
        return self.began + timedelta(**span)


def load_every_state(chance: Random, shoppers: list[Shopper], progress: Progress) -> None:
    """Give each state some orders."""
    shelves = [shelf(email) for email in SELLERS]
    plan = [(shopper, state) for shopper in shoppers[:SHOPPERS] for state in STATES]
    for done, (shopper, (play, days, kind)) in enumerate(plan, start=1):
        began = clock.now() - timedelta(days=days, minutes=chance.randint(90, 1200))
        products = [
            chance.choice(own) for shown in shelves if (own := [p for p in shown if p.kind == kind])
        ]
        play(Scene(chance, shopper, products, began))
        catch_up()
        progress("Orders in every state", done, len(plan))


def shelf(owner_email: str) -> list[Product]:
    """Return what a demo seller has on sale, in an order that stays."""
    company = Company.objects.get(memberships__person__email=owner_email)
    found = Product.objects.filter(seller_id=company.id, state=Product.State.PUBLISHED)
    return list(found.order_by("slug"))


def _awaiting_payment(scene: Scene) -> None:
    place(scene.chance, scene.shopper, scene.products, at=scene.began, voucher="NIAGA10")


def _expired(scene: Scene) -> None:
    placed = place(scene.chance, scene.shopper, scene.products, at=scene.began)
    with clock.at(scene.after(days=1, minutes=1)):
        expire_purchase(purchase_id=placed.purchase_id)
        catch_up()


def _cancelled_unpaid(scene: Scene) -> None:
    placed = place(scene.chance, scene.shopper, scene.products, at=scene.began)
    with clock.at(scene.after(hours=2)):
        cancel_purchase(
            actor=scene.shopper.actor, purchase_id=placed.purchase_id, reason="Salah pilih ukuran"
        )
        catch_up()


def _paid(scene: Scene) -> PlacedPurchase:
    placed = place(scene.chance, scene.shopper, scene.products, at=scene.began, quantity=2)
    pay(placed, scene.after(hours=1))
    return placed


def _to_be_shipped(scene: Scene) -> None:
    _paid(scene)


def _one_order_cancelled(scene: Scene) -> Order:
    order = orders_of(_paid(scene))[0]
    with clock.at(scene.after(hours=5)):
        cancel_order(actor=scene.shopper.actor, order_id=order.id, reason="Berubah pikiran")
        catch_up()
    return order


def _refund_due(scene: Scene) -> None:
    _one_order_cancelled(scene)


def _refund_sent(scene: Scene) -> None:
    order = _one_order_cancelled(scene)
    with clock.at(scene.after(days=1)):
        send_refund(actor=OPERATOR, refund_id=Refund.objects.get(cause_id=order.id).id)
        catch_up()


def _one_unit_refunded(scene: Scene) -> None:
    order = orders_of(_delivered(scene))[0]
    seller = Actor("seller", seller_id=order.seller_id)
    line = order.lines.order_by("position")[0]
    with clock.at(scene.after(days=2, hours=4)):
        refund_order(
            actor=seller,
            order_id=order.id,
            wish=RefundWish("lines", {line.id: 1}),
            reason="Satu kemasan penyok, maaf ya Kak",
        )
        catch_up()


def _held_back_and_appealed(scene: Scene) -> None:
    order = orders_of(_delivered(scene))[0]
    wish = HoldWish(
        HoldReason.DELIVERY,
        "Foto bukti terima dari kurir menunjukkan alamat lain.",
        HoldOwner.OPERATOR,
        clock.now() + timedelta(days=6),
    )
    about_id = order.lines.order_by("position")[0].id
    with clock.at(scene.after(days=2, hours=6)):
        [hold_id] = hold_money(actor=OPERATOR, order_id=order.id, about_id=about_id, wish=wish)
        catch_up()
    with clock.at(scene.after(days=2, hours=11)):
        appeal(
            actor=Actor("seller", seller_id=order.seller_id),
            hold_id=hold_id,
            words="Fotonya pos satpam kompleks itu juga; pembeli sudah mengambilnya di sana.",
        )
        catch_up()


def _partly_shipped(scene: Scene) -> None:
    for order in orders_of(_paid(scene)):
        ship(scene.chance, order, scene.after(hours=9), most=1)


def _on_its_way(scene: Scene) -> None:
    for order in orders_of(_paid(scene)):
        ship(scene.chance, order, scene.after(hours=9))


def _delivered(scene: Scene) -> PlacedPurchase:
    placed = _paid(scene)
    _ship_and_deliver(scene, placed)
    return placed


def _ship_and_deliver(scene: Scene, placed: PlacedPurchase) -> None:
    for order in orders_of(placed):
        shipment_id = ship(scene.chance, order, scene.after(hours=9))
        assert shipment_id is not None
        deliver(shipment_id, scene.after(days=2))


def _waiting_for_the_buyer(scene: Scene) -> None:
    _delivered(scene)


def _completed(scene: Scene) -> None:
    _complete(scene, _delivered(scene))


def _complete(scene: Scene, placed: PlacedPurchase) -> None:
    for order in orders_of(placed):
        with clock.at(scene.after(days=3)):
            complete_order(actor=scene.shopper.actor, order_id=order.id)
            catch_up()


def _cash_to_be_shipped(scene: Scene) -> None:
    _cash(scene)


def _cash(scene: Scene) -> PlacedPurchase:
    return place(
        scene.chance, scene.shopper, scene.products, at=scene.began, method="cash_on_delivery"
    )


def _cash_collected(scene: Scene) -> None:
    placed = _cash(scene)
    _ship_and_deliver(scene, placed)
    # Else the cash that couriers hold could outweigh all that is to be paid out.
    _complete(scene, placed)


def _service_booked(scene: Scene) -> None:
    pay(place(scene.chance, scene.shopper, scene.products, at=scene.began), scene.after(hours=1))


def _service_given(scene: Scene) -> None:
    placed = place(scene.chance, scene.shopper, scene.products, at=scene.began)
    pay(placed, scene.after(hours=1))
    for order in orders_of(placed):
        perform(order)


def _downloaded(scene: Scene) -> None:
    placed = place(scene.chance, scene.shopper, scene.products, at=scene.began)
    pay(placed, scene.after(hours=1))
    line_ids = [line.id for order in orders_of(placed) for line in order.lines.all()]
    with clock.at(scene.after(hours=2)):
        for grant in DownloadGrant.objects.filter(cause_id__in=line_ids):
            spend_download(grant_id=grant.id)


def _complaint_open(scene: Scene) -> None:
    _complain(scene, until="open")


def _complaint_answered(scene: Scene) -> None:
    _complain(scene, until="answered")


def _complaint_escalated(scene: Scene) -> None:
    _complain(scene, until="escalated")


def _complaint_resolved(scene: Scene) -> None:
    _complain(scene, until="resolved")


COMPLAINTS = {
    "open": ("damaged", "Kemasannya robek saat diterima dan isinya sebagian tumpah. Mohon solusi."),
    "answered": ("not_as_described", "Warnanya lebih gelap daripada di foto. Bisa ditukar?"),
    "escalated": ("damaged", "Pecah di jalan, bubble wrap-nya hanya selapis. Saya minta ganti."),
    "resolved": ("missing", "Di paket hanya ada satu, padahal saya pesan dua."),
}


def _complain(scene: Scene, *, until: str) -> None:
    order = orders_of(_delivered(scene))[0]
    reason, words = COMPLAINTS[until]
    with clock.at(scene.after(days=2, hours=3)):
        complaint_id = open_complaint(
            actor=scene.shopper.actor,
            line_id=order.lines.order_by("position")[0].id,
            reason=reason,
            body=words,
            author=scene.shopper.name,
        )
        catch_up()
    if until == "open":
        return
    with clock.at(scene.after(days=2, hours=5)):
        answer_complaint(
            actor=Actor("seller", seller_id=order.seller_id),
            complaint_id=complaint_id,
            body="Mohon maaf, Kak. Boleh kirim fotonya? Kami siapkan penggantinya hari ini.",
            author=order.seller.name,
        )
        catch_up()
    with clock.at(scene.after(days=2, hours=9)):
        if until == "escalated":
            escalate_complaint(actor=scene.shopper.actor, complaint_id=complaint_id)
        if until == "resolved":
            resolve_complaint(
                actor=scene.shopper.actor,
                complaint_id=complaint_id,
                body="Penggantinya sudah sampai, terima kasih!",
                author=scene.shopper.name,
            )
        catch_up()


type Play = Callable[[Scene], object]

# How to get there, how many days ago it began, and what is bought.
STATES: tuple[tuple[Play, int, str], ...] = (
    (_awaiting_payment, 0, "goods"),
    (_expired, 9, "goods"),
    (_cancelled_unpaid, 5, "goods"),
    (_to_be_shipped, 1, "goods"),
    (_refund_due, 2, "goods"),
    (_refund_sent, 12, "goods"),
    (_one_unit_refunded, 4, "goods"),
    (_held_back_and_appealed, 4, "goods"),
    (_partly_shipped, 3, "goods"),
    (_on_its_way, 3, "goods"),
    (_waiting_for_the_buyer, 4, "goods"),
    (_completed, 8, "goods"),
    (_cash_to_be_shipped, 1, "goods"),
    (_cash_collected, 5, "goods"),
    (_service_booked, 0, "service"),
    (_service_given, 6, "service"),
    (_downloaded, 2, "digital"),
    (_complaint_open, 4, "goods"),
    (_complaint_answered, 4, "goods"),
    (_complaint_escalated, 5, "goods"),
    (_complaint_resolved, 6, "goods"),
)
