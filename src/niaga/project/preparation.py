"""Makes a market ready to start: tables, static files, demo data. Each step costs nothing twice."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from niaga.project.folders import LOADING_MARK, data_folder
from niaga.project.problem import Problem

type Progress = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and of how many."""


def migrate_if_needed() -> bool:
    """Bring the tables up to date; say whether there was anything to do."""
    if not _pending():
        return False
    call_command("migrate", verbosity=0)
    return True


def require_migrated() -> None:
    """Refuse a database whose tables are not up to date.

    Raises:
        Problem: migrations are pending.
    """
    if _pending():
        raise Problem("The database's tables are not up to date.", "Run `niaga migrate` first.")


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static_if_changed() -> bool:
    """Collect static files unless they are as they were; say whether anything was done."""
    target = Path(settings.STATIC_ROOT)
    mark = target.with_name("static.fingerprint")
    fingerprint = _static_fingerprint()
    if mark.exists() and mark.read_text() == fingerprint and target.is_dir():
        return False
    mark.unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    mark.write_text(fingerprint)
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_empty() -> bool:
    """Say whether no company has come to this market yet."""
    # The bank prepares its tables here, too, and knows no company.
    from niaga.parties.models import Company  # noqa: PLC0415

    return not Company.objects.exists()


def load_demo_data(products: int, progress: Progress) -> None:
    """Fill the empty market; an interruption leaves LOADING_MARK behind."""
    # Written at the same time as this module, and heavy: pictures and orders are made here.
    from niaga.project.demo.load import load_demo  # noqa: PLC0415

    _loading_mark().touch()
    load_demo(products, progress)
    _loading_mark().unlink()


def _loading_mark() -> Path:
    return data_folder() / LOADING_MARK
