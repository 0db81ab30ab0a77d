"""`niaga worker`: deliver events and run jobs."""

from niaga.project.cli.start import django_ready


def worker() -> None:
    """Deliver events and run jobs (mails, documents) until Ctrl-C or SIGTERM."""
    with django_ready():
        from niaga.plumbing import worker as room
        from niaga.project.preparation import require_migrated
        from niaga.stages.ordering.rounds import pursue_payments

        require_migrated()
        room.run(rounds=[pursue_payments])
