"""Pages under load: a shelf, a product, a search, each time another one."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from random import Random

from niaga.project.bench.client import Browser
from niaga.project.bench.load import Deed, Figure, run_load
from niaga.project.bench.shop import Shop

WORDS = (
    "kopi", "batik", "meja kayu", "sambal", "gelang", "kaos katun", "tas anyaman", "sepatu lari",
    "teh", "sabun", "lampu", "mainan anak", "madu", "sarung", "kursi rotan", "cokelat",
)  # fmt: skip
COUNTED = 12


def measure_pages(
    shop: Shop, *, buyers: Sequence[int], seconds: float, say: Callable[[str], None]
) -> list[Figure]:
    """Measure each kind of page with each number of buyers."""
    figures = []
    for what, paths in page_kinds(shop).items():
        with shop.browser() as browser:
            look = looker(browser, paths, Random(0))
            for _ in range(COUNTED):
                look()  # the workers fill their memories
            statements = shop.counter.each(look, times=COUNTED)
        for number in buyers:
            say(f"{what}, {number} at a time")
            with ExitStack() as stack:
                browsers = [stack.enter_context(shop.browser()) for _ in range(number)]
                deeds = [looker(browser, paths, Random(n)) for n, browser in enumerate(browsers)]
                for deed in deeds:
                    deed()
                figures.append(run_load(what, deeds, seconds, shop.server, statements))
    return figures


def page_kinds(shop: Shop) -> dict[str, list[str]]:
    """Return the addresses of each kind of page; shelves with products, products at random."""
    from niaga.flows.information.models import Category, Product

    shelves = Category.objects.filter(products__isnull=False).distinct().order_by("path")
    slugs = Product.objects.order_by("id").values_list("slug", flat=True)
    step = max(1, shop.products // 1000)
    return {
        "category page": [f"/c/{path}/" for path in shelves.values_list("path", flat=True)],
        "product page": [f"/p/{slug}/" for slug in slugs[::step]],
        "search page": [f"/search/?q={word.replace(' ', '+')}" for word in WORDS],
    }


def looker(browser: Browser, paths: Sequence[str], chance: Random) -> Deed:
    """Return a deed that looks at another one of `paths` each time."""
    order = list(paths)
    chance.shuffle(order)
    following = cycle(order)

    def look() -> None:
        path = next(following)
        answer = browser.get(path)
        if answer.status != 200 or not answer.body.rstrip().endswith(b"</html>"):
            raise RuntimeError(f"{path} answered {answer.status}")

    return look
