"""What the stage of sharing does by the clock."""

from niaga.plumbing.jobs import app
from niaga.stages.sharing.indexing import index_services


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="refresh_services", pass_context=False)
def refresh_services(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Bring services' cards in line with the times that passed or were opened since."""
    return index_services()
