"""A process full of buyers: each basket is ordered and paid; whoever runs it may kill it.

    python -m tests.support.crowd BASKET...

It prints a line for each basket that it is done with: the basket and what came of it.
"""

import sys
from uuid import UUID

import django


def main(baskets: list[str]) -> None:
    """Buy each of the baskets and say what came of it."""
    django.setup()
    from niaga.kernel.refusal import Refusal  # noqa: PLC0415 - after Django is set up
    from tests.support.worlds import pay, place  # noqa: PLC0415

    for basket in baskets:
        try:
            pay(place(UUID(basket)))
        except Refusal as refusal:
            print(basket, refusal.code, flush=True)  # noqa: T201
        else:
            print(basket, "bought", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
