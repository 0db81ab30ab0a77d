"""The operator has everything audited; the result is kept as an event."""

import json
from dataclasses import asdict

from niaga.kernel.actor import Actor
from niaga.plumbing import audit
from niaga.plumbing.audit import Violation
from niaga.plumbing.command import command
from niaga.plumbing.events import AUDIT, AuditFinished
from niaga.plumbing.outbox import record

KEPT = 200


@command
def audit_market(*, actor: Actor) -> tuple[Violation, ...]:
    """Run every check and return what disagrees; the first 200 violations are kept."""
    found = audit.run_all()
    record(
        AuditFinished(
            subject_id=AUDIT,
            checks=audit.registered(),
            violations=len(found),
            found=tuple(json.dumps(asdict(violation)) for violation in found[:KEPT]),
        ),
        actor=actor,
    )
    return found
