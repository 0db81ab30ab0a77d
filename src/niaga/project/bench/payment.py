"""A payment by card under load: from the buyer's signed request (M2) to the market's answer (M5).

Market, gateway and simulated issuer are processes as in the demo, and speak over (mutual) TLS. The
purchases are placed and signed beforehand; a buyer keeps one connection and pays one after another.
What is measured is seen from the buyer, so one request and answer over TLS is in it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle, islice
from threading import Lock

from niaga.kernel.ids import new_id
from niaga.project.bench.authorization_cost import CONSISTS_OF, Cryptography, MinimalBank
from niaga.project.bench.checkout import PROVINCE, Good, goods_to_buy
from niaga.project.bench.client import Browser
from niaga.project.bench.load import Deed, Figure
from niaga.project.bench.payers import Payer
from niaga.project.bench.processor import Meter
from niaga.project.bench.report import cores
from niaga.project.bench.shop import Shop

WHAT = "whole authorisation (M2 to M5)"
ADDRESS = {
    "recipient": "Dewi Lestari",
    "street": "Jl. Margonda Raya 100",
    "village": "Kemiri Muka",
    "district": "Beji",
    "city": "Kota Depok",
    "province": PROVINCE,
    "postal_code": "16423",
}
PAYMENT_NOTE = (
    f"A payment passes market, gateway and issuer. Its bare cost: {CONSISTS_OF}; the cryptography "
    "is shared among the cores. Not in it: TLS, parsing, the issuer's own work. SQL counts the "
    "market's statements alone."
)
LONGEST_S = 120.0
"""After so long a run ends with the payments that were made by then."""
COUNTED = 4
WARM = 8
"""Payments before the measured ones: every worker has met everybody's certificates by then."""


@dataclass(frozen=True, slots=True)
class PaymentFigures:
    """What was measured, and what it cannot do without, for each number of buyers.

    Attributes:
        cryptography: what one payment's signatures, verifications and its opening take of one core.
        paid: payments that the market said are paid.
        stored: payments for which the bank holds money, by the market's database.
    """

    whole: list[Figure]
    cryptography: Figure
    transactions: list[Figure]
    paid: int
    stored: int


def bare_ms(figures: PaymentFigures, place: int, share: str) -> float:
    """Return the bare cost at `share` (p50_ms, p95_ms) of the measurement at `place`.

    Where more buyers than cores sign at the same time, each waits for the others: one payment's
    processor time is multiplied by buyers for each core. The transactions were measured with as
    many connections as buyers.
    """
    buyers = figures.whole[place].buyers
    signing: float = getattr(figures.cryptography, share) * max(1.0, buyers / cores())
    waiting: float = getattr(figures.transactions[place], share)
    return signing + waiting


def measure_payment(
    shop: Shop, *, buyers: Sequence[int], payments: int, say: Callable[[str], None]
) -> PaymentFigures:
    """Measure so many payments with each number of buyers, their bare cost beside each."""
    payer = Payer(shop, cards=max(buyers))
    desk = _Desk(payer)
    bank = MinimalBank(shop.sockets)
    signing = Cryptography().run(times=payments)
    with shop.browser() as browser:
        for deed in desk.deeds(browser, WARM):
            deed()
        ahead = iter(desk.deeds(browser, COUNTED))

        def pay_next() -> None:
            next(ahead)()

        statements = shop.counter.each(pay_next, times=COUNTED)
    whole, transactions = [], []
    for number in buyers:
        each = max(1, payments // number)
        with ExitStack() as stack:
            browsers = [stack.enter_context(shop.browser()) for _ in range(number)]
            say(f"signing {each * number} payments beforehand")
            for browser in browsers:
                browser.get("/")  # shaking hands is not to be measured
            lanes = [desk.deeds(browser, each, card=n) for n, browser in enumerate(browsers)]
            say(f"{WHAT}, {number} at a time")
            figure = _run(lanes, shop.server)
        whole.append(replace(figure, statements=statements))
        say(f"pgbench, {number} at a time")
        transactions.append(bank.run(buyers=number, payments=payments))
    return PaymentFigures(whole, signing, transactions, desk.paid, _stored())


class _Desk:
    """Places purchases to be paid by card, has them signed, and pays them."""

    def __init__(self, payer: Payer) -> None:
        self._payer = payer
        cheap = sorted(goods_to_buy(), key=lambda good: good.total_minor)
        self._goods: Iterator[Good] = cycle(cheap[:20])
        self._lock = Lock()
        self.paid = 0

    def deeds(self, browser: Browser, times: int, *, card: int = 0) -> list[Deed]:
        """Return deeds that each pay one purchase by that card, placed and signed now."""
        return [
            self._deed(browser, *self._payer.sign(_place(good), card))
            for good in islice(self._goods, times)
        ]

    def _deed(self, browser: Browser, path: str, request: bytes) -> Deed:
        def pay() -> None:
            answer = browser.send(path, request, "application/json")
            status = self._payer.status_of(answer.body) if answer.status == 200 else answer.body
            if status != "paid":
                raise RuntimeError(f"a payment answered {answer.status}: {status!r}")
            with self._lock:
                self.paid += 1

        return pay


def _run(lanes: Sequence[Sequence[Deed]], meter: Meter) -> Figure:
    """Let each lane's deeds be done one after another, the lanes at the same time."""
    end = time.perf_counter() + LONGEST_S

    def work(lane: Sequence[Deed]) -> list[float]:
        took: list[float] = []
        for deed in lane:
            begun = time.perf_counter()
            if begun > end:
                break
            deed()
            took.append((time.perf_counter() - begun) * 1000)
        return took

    begun, server, client = time.perf_counter(), meter.seconds(), time.process_time()
    with ThreadPoolExecutor(len(lanes)) as pool:
        took_ms = [ms for lane in pool.map(work, lanes) for ms in lane]
    took, after = time.perf_counter() - begun, meter.seconds()
    busy = None if server is None or after is None else after - server
    return replace(
        Figure.of(WHAT, took_ms, buyers=len(lanes), seconds=took),
        server_ms=None if busy is None else busy * 1000 / len(took_ms),
        client_ms=(time.process_time() - client) * 1000 / len(took_ms),
    )


def _place(good: Good) -> str:
    """Place a purchase of one thing, to be paid by card; return its payment's token."""
    from niaga.flows.money.models import Payment
    from niaga.kernel.actor import Actor
    from niaga.stages.ordering.commands.place_order import place_order
    from niaga.stages.sharing.models import Basket, BasketLine

    basket = Basket.objects.create(id=new_id())
    BasketLine.objects.create(id=new_id(), basket=basket, variant_id=good.variant_id, quantity=1)
    placed = place_order(
        actor=Actor.guest(),
        basket_id=basket.id,
        email="dewi@contoh.id",
        name="Dewi Lestari",
        phone="081234567890",
        language="id",
        address=ADDRESS,
        deliveries={},
        method="card",
        expected_total_minor=good.total_minor,
    )
    return Payment.objects.get(cause_id=placed.purchase_id).token or ""


def _stored() -> int:
    from niaga.flows.money.models import Authorization

    return Authorization.objects.filter(state="approved").count()
