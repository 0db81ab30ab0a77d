"""Fills an empty market: people, companies, catalogue, then orders in every state."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.db import transaction

from niaga.project.demo.load_catalogue import Progress, compose_pictures, load_catalogue
from niaga.project.demo.load_more import load_more
from niaga.project.demo.load_orders import load_orders


def load_demo(products: int, progress: Progress) -> None:
    """Load the demo market: the handwritten products, and more up to `products`.

    The pictures, which need no database, are composed meanwhile by processes of their own.
    """
    given_up = Event()

    def tell(what: str, done: int, total: int) -> None:
        if given_up.is_set():
            raise RuntimeError("the rest of the demo was not made")
        progress(what, done, total)

    with ThreadPoolExecutor(1) as beside:
        pictures = beside.submit(compose_pictures, tell)
        try:
            with transaction.atomic():
                handwritten = load_catalogue(progress)
            if products > handwritten:
                load_more(products - handwritten, progress)
            load_orders(progress)
        except BaseException:
            given_up.set()
            raise
        pictures.result()
