"""The market's web server: granian, with the market loaded once, before its workers fork.

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
from django.urls import get_resolver
from granian.cli import entrypoint

GATE_TICK_S = 0.02


def main() -> None:
    """Load every page's code, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niaga.project.settings")
    django.setup()
    assert get_resolver().url_patterns
    gate = os.environ.get("NIAGA_START_GATE")
    while gate and not Path(gate).exists():
        time.sleep(GATE_TICK_S)
    # Two workers that inherit one random state would make the same ids.
    os.register_at_fork(after_in_child=uuid_utils.reseed_rng)
    gc.freeze()  # what is loaded stays; the collector need not touch (and copy) it in each worker
    entrypoint()  # type: ignore[no-untyped-call]  # a click command


if __name__ == "__main__":
    main()
