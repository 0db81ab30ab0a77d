"""What the flow of money does by the clock: certificates, the daily comparison, payouts."""

import logging

from niaga.flows.money.card.enrolment import keep_certificates
from niaga.flows.money.card.settings import card_settings
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.payout_schedule import run_scheduled_payouts
from niaga.flows.money.reconciling import compare
from niaga.kernel.actor import Actor
from niaga.plumbing.jobs import app

CURRENCY = "IDR"
_log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="keep_certificates", pass_context=False)
def keep_card_certificates(timestamp: int) -> bool:  # noqa: ARG001 - Procrastinate passes it
    """Order, await and renew the market's payment certificates; say whether the market does."""
    if card_settings() is None:
        return False
    try:
        keep_certificates()
    except UnreachableError as error:
        _log.warning("the authority can't be reached: %s", error)
    return True


@app.periodic(cron="30 19 * * *")  # 02:30 in Jakarta
@app.task(queueing_lock="compare_books", pass_context=False)
def compare_card_books(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Compare the day's books with the gateway's; return how many periods were compared."""
    if card_settings() is None:
        return 0
    try:
        return compare(CURRENCY)
    except UnreachableError as error:
        _log.warning("the gateway did not compare: %s", error)
        return 0


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="pay_sellers", pass_context=False)
def pay_sellers_by_schedule(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Make the bank files whose day has come; return how many payouts they have."""
    return sum(batch.payouts for batch in run_scheduled_payouts(Actor.system()))
