"""The job queue (Procrastinate): work that leaves the database, retried until it succeeds.

Jobs are deferred on Django's own connection, so a job commits with the work that asked for it.
"""

from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app as django_app

app: App = django_app  # type: ignore[assignment]

KEEP_TRYING = RetryStrategy(max_attempts=15, exponential_wait=3)


def on_app_ready(_: App) -> None:
    """Let Procrastinate know the project's tasks: `jobs.py` of every room is imported."""
