"""The job queue (Procrastinate): work that leaves the database, retried until it succeeds.

Jobs are deferred on Django's own connection, so a job commits with the work that asked for it.
Each room keeps its jobs in `jobs.py`, where Procrastinate finds them.
"""

from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app as django_app

app: App = django_app

# Jobs of this queue reach nothing but the database and this machine, so that they may also run
# inside a caller's transaction (see `worker.drain`).
LOCAL_QUEUE = "local"

KEEP_TRYING = RetryStrategy(max_attempts=15, exponential_wait=3)
