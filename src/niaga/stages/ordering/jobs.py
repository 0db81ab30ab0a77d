"""What ordering does by the clock."""

import contextlib
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from niaga.flows.money.card.transport import UnreachableError
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.jobs import KEEP_TRYING, LOCAL_QUEUE, app
from niaga.stages.ordering import paying, receiving
from niaga.stages.ordering.commands.charge_order import charge_rest, orders_to_charge
from niaga.stages.ordering.commands.complete_order import orders_to_release, release_order
from niaga.stages.ordering.issuing import drafts_waiting, issue_draft
from niaga.stages.ordering.reconciling import reconcile, yesterday

HEAR_EVERY = timedelta(seconds=3)
CURRENCY = "IDR"


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_purchases", pass_context=False)
def expire_purchases(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """End purchases whose payment did not come in time; return how many."""
    return receiving.expire()


@app.periodic(cron="30 20 * * *")  # 03:30 in Jakarta, after the comparison with the gateway
@app.task(queueing_lock="reconcile_day", pass_context=False)
def reconcile_day(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Compare yesterday's orders, ledger, gateway and bank; return how much differs."""
    return reconcile(yesterday(), CURRENCY).differing


@app.task(retry=KEEP_TRYING, queue=LOCAL_QUEUE)
def issue_drafted(draft_id: str) -> None:
    """Judge a drafted document and issue it."""
    issue_draft(UUID(draft_id))


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="issue_waiting_drafts", pass_context=False)
def issue_waiting_drafts(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Judge drafts whose own job was lost; return how many."""
    due = drafts_waiting()
    for draft_id in due:
        issue_draft(draft_id)
    return len(due)


@app.task(queueing_lock="hear_gateway")
def hear_gateway() -> int:
    """Ask the gateway what came in by codes, again and again while something may come."""
    try:
        taken = receiving.hear()
    except UnreachableError:
        return 0  # the next minute begins again
    if receiving.waits_for_codes():
        hear_soon()
    return taken


def hear_soon() -> None:
    """Have the gateway asked in a few seconds, unless that is arranged already."""
    soon = hear_gateway.configure(schedule_at=clock.now() + HEAR_EVERY)
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        soon.defer()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="mind_codes", pass_context=False)
def mind_codes(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Order codes that buyers wait for, and ask for money; return how many codes were missing."""
    wanted = receiving.codes_wanted()
    for payment_id in wanted:
        receiving.code_of(payment_id)
    if receiving.waits_for_codes():
        hear_soon()
    return len(wanted)


@app.task(retry=KEEP_TRYING)
def tell_bank(authorization_id: str) -> None:
    """Tell the gateway what is due about an authorization; what it does not answer waits."""
    paying.tell(UUID(authorization_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tell_bank_again", pass_context=False)
def tell_bank_again(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Tell the gateway what it has not answered yet; return about how many authorizations."""
    due = paying.operations_due()
    for authorization_id in due:
        paying.tell(authorization_id)
    return len(due)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="charge_expiring", pass_context=False)
def charge_expiring(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Charge what the bank will not hold much longer; return how many orders."""
    due = orders_to_charge()
    for order_id in due:
        charge_rest(order_id=order_id)
    return len(due)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="complete_orders", pass_context=False)
def complete_orders(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Release the money of lines whose return window has passed; return how many orders."""
    return sum(_released(order_id) for order_id in orders_to_release())


def _released(order_id: UUID) -> bool:
    """Release one order's due money; the bank or the buyer may come first, which is no error."""
    try:
        release_order(actor=Actor.system(), order_id=order_id)
    except Refusal:
        return False
    return True
