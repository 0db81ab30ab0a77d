"""The worker process: the relay of events, the job queue, and rounds over rows that are due."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from niaga.plumbing.jobs import LOCAL_QUEUE, app
from niaga.plumbing.relay import relay

_log = logging.getLogger(__name__)
IDLE_S = 0.2
ROUND_EVERY_S = 1.0
STUMBLE_S = 2.0

type Round = Callable[[], int]
"""Does what is due now, and returns how much that was."""


async def _forever(work: Round, idle_s: float) -> None:
    """Do the work over and over in a thread of its own, with a pause when there was none."""

    def once() -> int:
        try:
            return work()
        finally:
            close_old_connections()

    while True:
        try:
            done = await sync_to_async(once, thread_sensitive=False)()
        except Exception:  # noqa: BLE001 - the database may be restarting
            _log.exception("%s stumbled", work.__name__)
            done = 0
            await asyncio.sleep(STUMBLE_S)
        if not done:
            await asyncio.sleep(idle_s)


async def _work(rounds: Sequence[Round]) -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        beside = [asyncio.create_task(_forever(relay, IDLE_S))]
        beside += [asyncio.create_task(_forever(one, ROUND_EVERY_S)) for one in rounds]
        try:
            await worker_app.run_worker_async(concurrency=4, fetch_job_polling_interval=1.0)
        finally:
            for task in beside:
                task.cancel()


def run(*, rounds: Sequence[Round] = ()) -> None:
    """Deliver events, run jobs and make rounds until SIGINT or SIGTERM."""
    asyncio.run(_work(rounds))


def catch_up(*, at_most: int = 100_000) -> None:
    """Deliver every due event; other jobs than those of the local queue wait (demo data).

    After each event the local jobs are run, here, so that the next event finds what they did.
    """
    for _ in range(at_most):
        if not relay(at_most=1) + _run_local_jobs():
            return
    raise RuntimeError(f"still work to do after {at_most} rounds")


def drain(*, at_most: int = 1000) -> None:
    """Deliver every due event and run every waiting job, then return (tests).

    Inside a transaction only local jobs are run: a worker could not see the others before the
    commit.
    """
    for _ in range(at_most):
        catch_up()
        if connection.in_atomic_block or not _run_waiting_jobs():
            return
    raise RuntimeError(f"still work to do after {at_most} rounds")


def _run_local_jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE queue_name = %s AND status = 'todo' "
            "RETURNING id, task_name, args::text",
            [LOCAL_QUEUE],
        )
        jobs = sorted(cursor.fetchall())
    for _id, task_name, arguments in jobs:
        app.tasks[task_name](**json.loads(arguments))
    return len(jobs)


def _run_waiting_jobs() -> int:
    waiting = ProcrastinateJob.objects.filter(status="todo", scheduled_at__isnull=True).count()
    if waiting:
        asyncio.run(_run_jobs_once())
    return waiting


async def _run_jobs_once() -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            wait=False, concurrency=4, install_signal_handlers=False, listen_notify=False
        )
