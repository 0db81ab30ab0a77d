"""The whole audit: every room's checks, one after the other."""

from niaga.flows.documents import audit as documents
from niaga.flows.goods import audit as goods
from niaga.flows.money import audit as money
from niaga.plumbing import audit as plumbing
from niaga.plumbing.audit import Check, Violation, Walk, run_all
from niaga.stages.aftersales import audit as aftersales
from niaga.stages.ordering import audit as ordering

CHECKS: tuple[Check | Walk, ...] = (
    *plumbing.CHECKS,
    *goods.CHECKS,
    *money.CHECKS,
    *documents.CHECKS,
    *ordering.CHECKS,
    *aftersales.CHECKS,
)


def run_audit() -> tuple[Violation, ...]:
    """Return every violation; none means that the flows of every order agree."""
    return run_all()
