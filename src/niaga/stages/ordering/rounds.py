"""What ordering looks after whenever a row is due: signed payments that have no answer yet.

When to ask again stands in the payment's own row, so there is no job that could be lost with it.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from uuid import UUID

from django.db import close_old_connections

from niaga.stages.ordering import paying

AT_ONCE = 8
"""So many banks' answers are waited for together: silence about one holds up few others."""
_log = logging.getLogger(__name__)


def pursue_payments() -> int:
    """Ask the bank about each signed payment whose answer is overdue; return how many were asked.

    Whose sender died is found here as well: it is due as soon as the bank must have answered.
    """
    due = paying.authorizations_due()
    if not due:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(due))) as pool:
        # The line to the bank, and the clock, are this thread's.
        asked = [pool.submit(copy_context().run, _pursue, one) for one in due]
        return sum(one.result() for one in asked)


def _pursue(authorization_id: UUID) -> bool:
    try:
        paying.pursue(authorization_id)
    except Exception:  # noqa: BLE001 - one payment's trouble is not the others'; it is due again
        _log.exception("a payment could not be pursued")
        return False
    finally:
        close_old_connections()
    return True
