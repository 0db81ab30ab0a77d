"""The market's web server: granian, with all code and pages loaded once, before its workers fork.

`python -m niaga.project.web OPTIONS niaga.project.wsgi:application` (granian's options). With
NIAGA_START_GATE it loads the code at once, and serves when that file exists: `niaga demo` prepares
tables and files meanwhile.
"""

import gc
import os
import time
from pathlib import Path

import django
import uuid_utils
from django.conf import settings
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.urls import get_resolver
from granian.cli import entrypoint

from niaga.parties.regions import find_by_postal_code

GATE_TICK_S = 0.02
YOUNG_OBJECTS = 10_000  # a request makes some thousands, and leaves none in cycles to speak of


def main() -> None:
    """Load every page's code, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niaga.project.settings")
    django.setup()
    assert get_resolver().url_patterns
    if settings.PAGES_BEFOREHAND:
        _load_pages()
    gate = os.environ.get("NIAGA_START_GATE")
    while gate and not Path(gate).exists():
        time.sleep(GATE_TICK_S)
    # Two workers that inherit one random state would make the same ids.
    os.register_at_fork(after_in_child=uuid_utils.reseed_rng)
    gc.freeze()  # what is loaded stays; the collector need not touch (and copy) it in each worker
    gc.set_threshold(YOUNG_OBJECTS)
    entrypoint()  # type: ignore[no-untyped-call]  # a click command


def _load_pages() -> None:
    """Read templates and regions now: else the first buyers all do so at once, in each worker."""
    backend = engines["jinja2"]
    assert isinstance(backend, Jinja2)
    for name in backend.env.list_templates():
        backend.env.get_template(name)
    find_by_postal_code("10110")  # any: the first question reads them all


if __name__ == "__main__":
    main()
