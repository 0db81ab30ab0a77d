"""The shop's pages are well formed: what browsers and screen readers must be able to rely on."""

import pytest
from django.urls import reverse

from niaga.plumbing.worker import drain
from tests.support.buyers import browser, buy
from tests.support.markup import faults
from tests.support.worlds import deliver, make_person, ship_all

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<p id="a"></p><b id="a"></b>', ["id a twice"]),
        ('<label for="a">A</label>', ["label for a, which is not there"]),
        ("<span><h2>A</h2></span>", ["<h2> inside <span>"]),
        ('<a href="/"><svg><use href="#x"/></svg></a>', ["no name: a {'href': '/'}"]),
        ('<a href="/"><svg><use href="#x"/></svg> Home</a><button aria-label="X"></button>', []),
        ('<a aria-pressed="true" href="/">A</a>', ["a link that is pressed"]),
        ('<img src="a.png">', ["a picture without words: a.png"]),
    ],
)
def test_faults_are_seen(page: str, expected: list[str]) -> None:
    assert faults(page) == expected


def test_every_page_of_the_shop_is_well_formed() -> None:
    bought = buy(buyer=make_person())
    deliver(ship_all(bought.order))
    drain()
    line = bought.order.lines.get()
    slug = line.product.slug
    addresses = [
        *(reverse(name) for name in ("home", "categories", "search", "sellers", "basket",
          "find_order", "complaints", "account", "account_orders", "addresses", "address_new",
          "profile")),
        *(reverse("search") + query for query in ("?q=x", "?stock=1&price=-50000")),
        *(reverse(name, args=[slug]) for name in ("product", "reviews")),
        reverse("shop", args=[bought.order.seller.slug]),
        bought.path,
        bought.order_path,
        *(reverse(name, args=[line.id]) for name in ("review", "complain")),
    ]  # fmt: skip
    owner = browser(bought.buyer)
    found = {}
    for address in addresses:
        answer = owner.get(address)
        assert answer.status_code == 200, address
        found[address] = faults(answer.content.decode())
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
