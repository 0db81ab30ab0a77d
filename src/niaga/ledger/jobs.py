"""What the ledger does by the clock: balances are carried forward every night."""

from niaga.ledger.commands.carry_balances import carry_balances_forward
from niaga.plumbing.jobs import app


@app.periodic(cron="15 19 * * *")  # 02:15 in Jakarta
@app.task(queueing_lock="carry_balances", pass_context=False)
def carry_balances(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Carry balances forward; return how many accounts had moved."""
    return carry_balances_forward()
