"""The worker process: the relay of events and the job queue in one loop."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from niaga.plumbing.jobs import app
from niaga.plumbing.relay import relay

_log = logging.getLogger(__name__)
IDLE_S = 0.2


def _relay_once() -> int:
    try:
        return relay()
    finally:
        close_old_connections()


async def _relay_forever() -> None:
    while True:
        try:
            tried = await sync_to_async(_relay_once, thread_sensitive=False)()
        except Exception:  # noqa: BLE001 - the database may be restarting
            _log.exception("the relay stumbled")
            tried = 0
            await asyncio.sleep(2)
        if not tried:
            await asyncio.sleep(IDLE_S)


async def _work() -> None:
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with worker_app.open_async():
        relaying = asyncio.create_task(_relay_forever())
        try:
            await worker_app.run_worker_async(concurrency=4, fetch_job_polling_interval=1.0)
        finally:
            relaying.cancel()


def run() -> None:
    """Deliver events and run jobs until SIGINT or SIGTERM."""
    asyncio.run(_work())


def drain(*, at_most: int = 1000) -> None:
    """Deliver every due event and run every waiting job, then return (tests, demo data).

    Inside a transaction the jobs stay: a worker could not see them before the commit.
    """
    for _ in range(at_most):
        tried = relay()
        ran = 0 if connection.in_atomic_block else _run_waiting_jobs()
        if not tried and not ran:
            return
    raise RuntimeError(f"still work to do after {at_most} rounds")


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
