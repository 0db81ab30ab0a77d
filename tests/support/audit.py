"""The audit as tests use it: after every delivery is made, nothing disagrees."""

from niaga.plumbing.worker import drain
from niaga.project.audit import run_audit


def assert_flows_agree() -> None:
    """Deliver what is due, run the jobs, and let the audit find nothing."""
    drain()
    found = run_audit()
    assert not found, "\n".join(str(violation) for violation in found)
