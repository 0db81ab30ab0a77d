"""The issuer was asked whether it is there: remembered with since when it has been so."""

from niaga.gateway.models import IssuerLine
from niaga.kernel import clock
from niaga.plumbing.command import command


@command
def note_echo(*, answered: bool) -> None:
    """Write down whether the issuer answered; `since` moves only when that has changed."""
    now = clock.now()
    known = IssuerLine.objects.select_for_update().first()
    since = known.since if known is not None and known.is_up == answered else now
    IssuerLine.objects.bulk_create(
        [IssuerLine(is_up=answered, since=since, asked_at=now)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["is_up", "since", "asked_at"],
    )
