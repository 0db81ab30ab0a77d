"""A thousand buyers for a hundred units, in processes that are killed in the middle of it."""

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from niaga.flows.goods.models import Reservation, StockLevel
from niaga.flows.money.models import Capture
from niaga.kernel.actor import Actor
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit
from niaga.project.database import server_url
from niaga.stages.ordering.commands.cancel_order import cancel_purchase
from niaga.stages.ordering.models import Purchase
from tests.support.worlds import make_basket, make_company, make_goods

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
BUYERS, UNITS, PROCESSES, LIVES = 1000, 100, 2, 3


def run_and_kill(baskets: list[str], chance: random.Random) -> Counter[str]:
    """Let processes buy the baskets one after the other; kill all but the last at some instant.

    A basket that the dead had not told of is tried again by the next.
    """
    came, told = Counter[str](), set[str]()
    for life in range(LIVES):
        left = [basket for basket in baskets if basket not in told]
        last = life == LIVES - 1
        enough = len(left) if last else chance.randrange(1, len(left) // 4)
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.crowd", *left]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                basket, result = line.split()
                told.add(basket)
                came[result] += 1
                enough -= 1
                if not enough and not last:
                    os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == (0 if last else -signal.SIGKILL)
    return came


def environment() -> dict[str, str]:
    kept = connection.settings_dict
    return os.environ | {
        "DATABASE_URL": server_url(Path(kept["HOST"]), database=kept["NAME"]),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "NIAGA_DATA": str(settings.DATA),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


@pytest.mark.slow
def test_a_thousand_buyers_for_a_hundred_units_in_processes_that_are_killed():
    goods = make_goods(make_company(), stock=UNITS)
    baskets = [str(make_basket((goods, 1))) for _ in range(BUYERS)]
    with ThreadPoolExecutor(PROCESSES) as threads:
        crowds = [baskets[n::PROCESSES] for n in range(PROCESSES)]
        came = sum(
            threads.map(run_and_kill, crowds, [random.Random(n) for n in range(PROCESSES)]),
            Counter[str](),
        )
    # Who was killed after the order stood, before saying so, finds the basket empty.
    assert set(came) <= {"bought", "stock_exhausted", "basket_empty"}, came
    assert came.total() == BUYERS
    assert came["bought"] <= UNITS <= came["bought"] + came["basket_empty"]
    assert StockLevel.objects.get().reserved == UNITS
    assert Reservation.objects.filter(state="open").count() == UNITS
    assert Purchase.objects.count() == UNITS
    unpaid = Purchase.objects.filter(payment__state="pending")
    assert Capture.objects.count() == UNITS - unpaid.count()
    drain()
    assert run_audit() == ()
    for purchase_id in list(unpaid.values_list("id", flat=True)):
        cancel_purchase(actor=Actor.guest(), purchase_id=purchase_id, reason="")
    assert StockLevel.objects.get().reserved == Capture.objects.count()
    drain()
    assert run_audit() == ()
    end_other_sessions()


def end_other_sessions() -> None:
    """Let go of what the dead and the worker's pool left open, for the database is dropped next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
