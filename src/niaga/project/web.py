"""The market's web server: granian, with the market loaded once, before its workers fork.

`python -m niaga.project.web OPTIONS niaga.project.wsgi:application` (granian's options).
"""

import gc
import os

import uuid_utils
from django.urls import get_resolver
from granian.cli import entrypoint

from niaga.project.wsgi import application


def main() -> None:
    """Load every page's code, then serve."""
    assert application
    assert get_resolver().url_patterns
    # Two workers that inherit one random state would make the same ids.
    os.register_at_fork(after_in_child=uuid_utils.reseed_rng)
    gc.freeze()  # what is loaded stays; the collector need not touch (and copy) it in each worker
    entrypoint()  # type: ignore[no-untyped-call]  # a click command


if __name__ == "__main__":
    main()
