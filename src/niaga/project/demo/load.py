"""Fills an empty market: people, companies, catalogue, then orders in every state."""

from django.db import transaction

from niaga.project.demo.load_catalogue import Progress, compose_pictures, load_catalogue
from niaga.project.demo.load_more import load_more
from niaga.project.demo.load_orders import load_orders


def load_demo(products: int, progress: Progress) -> None:
    """Load the demo market: the handwritten products, and more up to `products`."""
    compose_pictures(progress)
    with transaction.atomic():
        handwritten = load_catalogue(progress)
    if products > handwritten:
        load_more(products - handwritten, progress)
    load_orders(progress)
