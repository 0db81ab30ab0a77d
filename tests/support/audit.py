"""The audit as tests use it: after every delivery is made, nothing disagrees."""

from niaga.plumbing.models import Delivery
from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit


def assert_flows_agree() -> None:
    """Deliver what is due, run the jobs, and let the audit find nothing."""
    drain()
    failed = Delivery.objects.filter(tries__gt=0).values_list("reaction", "error")
    assert not failed, list(failed)
    found = run_audit()
    assert not found, "\n".join(str(violation) for violation in found)
