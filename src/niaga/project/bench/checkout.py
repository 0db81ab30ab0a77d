"""A guest's checkout under load: the whole way, and its placing request alone."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from random import Random
from threading import Lock
from uuid import UUID

from niaga.kernel.ids import new_id
from niaga.project.bench.client import Answer, Browser
from niaga.project.bench.load import Deed, Figure, run_load
from niaga.project.bench.minimal import MinimalShop
from niaga.project.bench.shop import Shop

COUNTED = 8
PLACING = "placing request"
WHOLE = "whole guest checkout"
GOODS = 400
BASKETS_A_SECOND = 400  # each placing needs a basket made before; more than are placed
BUYER = {
    "name": "Dewi Lestari",
    "email": "dewi@contoh.id",
    "phone": "0812 3456 7890",
    "kept": "new",
    "recipient": "",
    "street": "Jl. Margonda Raya 100",
    "postal_code": "16423",
    "region": "Kemiri Muka | Beji",
    "voucher": "",
    "method": "bank_transfer",
    "note": "",
}
PROVINCE = "Jawa Barat"
_HIDDEN = re.compile(rb'<input type="hidden" name="([\w-]+)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class CheckoutFigures:
    """What was measured, and the yardstick beside it.

    Attributes:
        placed: purchases that the market said it placed.
        stored: purchases that are in its database afterwards.
    """

    whole: list[Figure]
    placing: list[Figure]
    minimal: list[Figure]
    placed: int
    stored: int


@dataclass(frozen=True, slots=True)
class Good:
    """Something to buy: its page, its variant, and what one costs with delivery."""

    slug: str
    variant_id: UUID
    total_minor: int


def measure_checkout(
    shop: Shop, *, buyers: Sequence[int], seconds: float, say: Callable[[str], None]
) -> CheckoutFigures:
    """Measure with each number of buyers, pgbench beside each."""
    goods = goods_to_buy()
    minimal = MinimalShop(shop.sockets, products=shop.products)
    till = Till(shop, goods)
    whole, placing, yardstick = [], [], []
    with shop.browser() as browser:
        deed = till.whole_deed(browser, Random(0))
        deed()
        whole_statements = shop.counter.each(deed, times=COUNTED)
        deed = till.placing_deed(browser, COUNTED + 1)
        deed()
        placing_statements = shop.counter.each(deed, times=COUNTED)
    for number in buyers:
        with ExitStack() as stack:
            browsers = [stack.enter_context(shop.browser()) for _ in range(number)]
            say(f"{WHOLE}, {number} at a time")
            deeds = [till.whole_deed(browser, Random(n)) for n, browser in enumerate(browsers)]
            whole.append(run_load(WHOLE, deeds, seconds, shop.server, whole_statements))
            say(f"{PLACING}, {number} at a time")
            each = 1 + int(BASKETS_A_SECOND * seconds) // number
            deeds = [till.placing_deed(browser, each) for browser in browsers]
            placing.append(run_load(PLACING, deeds, seconds, shop.server, placing_statements))
        say(f"pgbench, {number} at a time")
        yardstick.append(minimal.run(buyers=number, seconds=seconds, meter=shop.database))
    return CheckoutFigures(whole, placing, yardstick, till.placed, _stored())


class Till:
    """Places purchases as guests do, and counts them."""

    def __init__(self, shop: Shop, goods: Sequence[Good]) -> None:
        self._goods = goods
        self._lock = Lock()
        self.placed = 0
        with shop.browser() as browser:
            page = browser.get(f"/p/{goods[0].slug}/")
            self._csrf = _fields(page)["csrfmiddlewaretoken"]
            self._csrf_cookie = browser.cookies["csrftoken"]

    def whole_deed(self, browser: Browser, chance: Random) -> Deed:
        """Return a deed: product page, basket, checkout, its address, placing, purchase page."""

        def check_out() -> None:
            browser.cookies.pop("niaga_basket", None)
            good = chance.choice(self._goods)
            fields = _fields(_right(browser.get(f"/p/{good.slug}/")))
            csrf = {"csrfmiddlewaretoken": fields["csrfmiddlewaretoken"]}
            into_basket = {"variant": str(good.variant_id), "quantity": "1", "then": "checkout"}
            _right(browser.post("/basket/add/", csrf | into_basket), status=302)
            fields = _fields(_right(browser.get("/checkout/")))
            said = BUYER | fields | {"region": "", "look": "1"}
            fields = _fields(_right(browser.post("/checkout/", said)))
            placed = self._placed(browser.post("/checkout/", BUYER | fields | {"place": "1"}))
            # The address of the page holds a secret first, which becomes a cookie.
            led = _right(browser.get(placed.headers["location"]), status=302)
            _right(browser.get(led.headers["location"]))

        return check_out

    def placing_deed(self, browser: Browser, times: int) -> Deed:
        """Return a deed that places one of `times` baskets made here and now."""
        following = self._baskets(times)
        browser.cookies["csrftoken"] = self._csrf_cookie

        def place() -> None:
            good, browser.cookies["niaga_basket"] = next(following)
            form = {
                "csrfmiddlewaretoken": self._csrf,
                "key": str(new_id()),
                "parcel": "1",
                "expected_total_minor": str(good.total_minor),
                "place": "1",
            }
            self._placed(browser.post("/checkout/", BUYER | form))

        return place

    def _placed(self, answer: Answer) -> Answer:
        """Count a purchase; an answer that leads anywhere but to it is an error."""
        target = _right(answer, status=302).headers["location"]
        if not target.startswith("/purchases/"):
            raise RuntimeError(f"placing led to {target}")
        with self._lock:
            self.placed += 1
        return answer

    def _baskets(self, times: int) -> Iterator[tuple[Good, str]]:
        """Write so many baskets of one line; return each with its signed cookie."""
        from niaga.doors.storefront.basket_cookie import BASKET, SALT
        from niaga.stages.sharing.models import Basket, BasketLine

        chosen = cycle(Random(times).sample(self._goods, len(self._goods)))
        pairs = [(Basket(id=new_id()), next(chosen)) for _ in range(times)]
        Basket.objects.bulk_create(basket for basket, _ in pairs)
        BasketLine.objects.bulk_create(
            BasketLine(id=new_id(), basket=basket, variant_id=good.variant_id, quantity=1)
            for basket, good in pairs
        )
        return iter([(good, _signed(BASKET, str(basket.id), SALT)) for basket, good in pairs])


def goods_to_buy() -> list[Good]:
    """Return some goods of every seller, with what one of each costs, delivered."""
    from niaga.flows.information.models import Variant
    from niaga.stages.ordering.drafting import draft_purchase
    from niaga.stages.sharing.models import Basket, BasketLine

    found = []
    variants = Variant.objects.filter(product__kind="goods", offer__isnull=False)
    rows = list(variants.order_by("id").values_list("id", "product__slug"))
    basket = Basket.objects.create(id=new_id())
    for variant_id, slug in Random(1).sample(rows, min(GOODS, len(rows))):
        line = BasketLine.objects.create(
            id=new_id(), basket=basket, variant_id=variant_id, quantity=1
        )
        draft = draft_purchase(basket_id=basket.id, province=PROVINCE, chosen={}, voucher_code="")
        line.delete()
        if all(order.delivery for order in draft.orders):
            found.append(Good(slug, variant_id, draft.total.minor))
    return found


def _signed(name: str, value: str, salt: str) -> str:
    """Return the value of a cookie as the market itself would sign it."""
    from django.http import HttpResponse

    response = HttpResponse()
    response.set_signed_cookie(name, value, salt=salt)
    return str(response.cookies[name].value)


def _stored() -> int:
    from niaga.stages.ordering.models import Purchase

    return Purchase.objects.count()


def _fields(page: Answer) -> dict[str, str]:
    """Return the page's hidden fields; of repeated ones the last counts."""
    return {name.decode(): value.decode() for name, value in _HIDDEN.findall(page.body)}


def _right(answer: Answer, *, status: int = 200) -> Answer:
    """Return the answer.

    Raises:
        RuntimeError: it is not the one that a buyer needs.
    """
    if answer.status != status:
        text = re.sub(rb"<[^>]*>|\s+", b" ", answer.body).decode(errors="replace")
        raise RuntimeError(f"a checkout answered {answer.status}, not {status}: {text[-600:]}")
    return answer
