"""Papers that few orders have: quotations, return slips, and one that broke a rule."""

from datetime import timedelta
from random import Random

from niaga.flows.goods.models import Location
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.plumbing.days import today
from niaga.plumbing.worker import catch_up
from niaga.project.demo.load_states import SELLERS, shelf
from niaga.project.demo.shopping import Shopper, deliver, orders_of, pay, place, ship
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.aftersales.commands.take_back import agree_return, receive_return
from niaga.stages.ordering.models import Order
from niaga.stages.sharing.commands.answer_quotation import offer_quotation
from niaga.stages.sharing.commands.ask_quotation import ask_quotation
from niaga.stages.sharing.commands.fill_basket import add_to_basket
from niaga.stages.sharing.models import Basket, Offer, Quotation


def load_papers(chance: Random, buyers: list[Shopper]) -> None:
    """Let the first buyer hold a quotation and send goods back twice; others ask and wait."""
    for email in SELLERS:
        _offer(_ask(buyers[0], email, "Untuk bingkisan karyawan akhir tahun. Bisa lebih murah?"))
        _ask(buyers[1], email, "Kami butuh untuk pembukaan kafe bulan depan.")
    _return(chance, buyers[0], SELLERS[0], received=True)
    _return(chance, buyers[0], SELLERS[0], received=False)
    _break_a_rule(chance, buyers[2])


def _ask(shopper: Shopper, owner_email: str, note: str) -> Quotation:
    """Ask for two dozens of two things that the seller has, out of an own basket."""
    products = [product for product in shelf(owner_email) if product.kind == "goods"][:2]
    offers = Offer.objects.filter(variant__product__in=products, variant__active=True)
    with clock.at(clock.now() - timedelta(days=2, hours=3)):
        for offer in offers.order_by("variant__product_id", "variant__position").distinct(
            "variant__product_id"
        ):
            add_to_basket(
                actor=shopper.actor, basket_id=None, variant_id=offer.variant_id, quantity=24
            )
        seller_id = products[0].seller_id
        quotation_id = ask_quotation(actor=shopper.actor, seller_id=seller_id, note=note)
        catch_up()
    Basket.objects.filter(person__quotations=quotation_id).delete()
    return Quotation.objects.get(pk=quotation_id)


def _offer(quotation: Quotation) -> None:
    with clock.at(clock.now() - timedelta(days=1, hours=5)):
        step = Money.of(500).minor
        prices = {
            line.id: max(step, line.list_price_minor * 88 // 100 // step * step)
            for line in quotation.lines.all()
        }
        offer_quotation(
            actor=Actor("seller", seller_id=quotation.seller_id),
            quotation_id=quotation.id,
            prices=prices,
            until=today() + timedelta(days=21),
            words="Dengan senang hati. Untuk dua lusin kami beri harga khusus.",
        )
        catch_up()


def _return(chance: Random, shopper: Shopper, owner_email: str, *, received: bool) -> None:
    products = [product for product in shelf(owner_email) if product.kind == "goods"]
    began = clock.now() - timedelta(days=6 if received else 4, hours=chance.randint(1, 9))
    placed = place(chance, shopper, [chance.choice(products)], at=began, quantity=2)
    pay(placed, began + timedelta(hours=1))
    [order] = orders_of(placed)
    shipment_id = ship(chance, order, began + timedelta(hours=8))
    assert shipment_id is not None, "it was bought because there was enough of it"
    deliver(shipment_id, began + timedelta(days=2))
    _send_back(shopper, order, received=received)


def _send_back(shopper: Shopper, order: Order, *, received: bool) -> None:
    seller = Actor("seller", seller_id=order.seller_id)
    delivered = Order.objects.get(pk=order.id).delivered_at
    assert delivered is not None
    with clock.at(delivered + timedelta(hours=4)):
        complaint_id = open_complaint(
            actor=shopper.actor,
            line_id=order.lines.get().id,
            reason="not_as_described",
            body="Ukurannya tidak sesuai keterangan. Boleh saya kembalikan satu?",
            author=shopper.name,
        )
        catch_up()
    with clock.at(delivered + timedelta(hours=9)):
        return_id = agree_return(
            actor=seller,
            complaint_id=complaint_id,
            quantity=1,
            words="Boleh, Kak. Kirim ke alamat toko dengan slipnya; ongkos kirim kami ganti.",
            author=order.seller.name,
        )
        catch_up()
    if received:
        with clock.at(delivered + timedelta(days=2)):
            place_id = Location.objects.filter(seller_id=order.seller_id).values_list("id")[0][0]
            receive_return(actor=seller, return_id=return_id, location_id=place_id)
            catch_up()


def _break_a_rule(chance: Random, shopper: Shopper) -> None:
    """Let a confirmation be refused: its seller had no name while the order was placed.

    The name is back, so the task that waits for the operator can be done.
    """
    seller = Company.objects.get(memberships__person__email=SELLERS[1])
    products = [product for product in shelf(SELLERS[1]) if product.kind == "goods"]
    named = Company.objects.filter(pk=seller.pk)
    named.update(name="", legal_name="")
    try:
        at = clock.now() - timedelta(hours=3)
        place(chance, shopper, [chance.choice(products)], at=at, method="cash_on_delivery")
    finally:
        named.update(name=seller.name, legal_name=seller.legal_name)
