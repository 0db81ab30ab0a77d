"""The audit as tests use it: after every delivery is made, nothing disagrees."""

from niaga.plumbing.models import Delivery, OutboxEntry
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit


def is_all_delivered() -> bool:
    """Say whether no event has a reaction still to come: one statement, as of one instant."""
    due = Delivery.objects.filter(state=Delivery.State.DUE).values("pk")
    return not due.union(OutboxEntry.objects.values("pk"), all=True).exists()


def assert_flows_agree() -> None:
    """Deliver what is due, run the jobs, and let the audit find nothing."""
    drain()
    failed = Delivery.objects.filter(tries__gt=0).values_list("reaction", "error")
    assert not failed, list(failed)
    found = run_audit()
    assert not found, "\n".join(str(violation) for violation in found)
