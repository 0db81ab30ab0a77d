"""What the stage of sharing does by the clock."""

from niaga.plumbing.jobs import app
from niaga.stages.sharing.indexing import index_services


@app.periodic(cron="*/10 * * * *")
@app.task(name="sharing.refresh_services", queueing_lock="sharing.refresh_services")
def refresh_services(timestamp: int) -> int:
    """Bring services' cards in line with the times that passed or were opened since."""
    del timestamp
    return index_services()
