"""A status list that the market relies on is kept: it proves later who was trusted when."""

from datetime import datetime

from niaga.flows.money.models import StatusList
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command


@command
def keep_status_list(*, subject: str, text: str, issued_at: datetime, expires_at: datetime) -> None:
    """Keep a signed list, once."""
    StatusList.objects.bulk_create(
        [
            StatusList(
                id=new_id(), subject=subject, text=text, issued_at=issued_at, expires_at=expires_at
            )
        ],
        ignore_conflicts=True,
    )
