"""Proof of how an order was paid: from its reference to the evidence that the market keeps."""

from niaga.flows.money.card.evidence import export_evidence
from niaga.flows.money.models import Authorization
from niaga.flows.money.states import AuthorizationState
from niaga.stages.ordering.models import Purchase

ANSWERED = (AuthorizationState.APPROVED, AuthorizationState.DECLINED)


def evidence_of(reference: str) -> str | None:
    """Return the evidence of the card payment of an order or purchase; None where there is none.

    The last answered try counts. Raises as `export_evidence` does.
    """
    code = reference.strip().upper()
    purchase = (
        Purchase.objects.filter(reference=code).first()
        or Purchase.objects.filter(orders__reference=code).first()
    )
    if purchase is None:
        return None
    row = (
        Authorization.objects.filter(payment=purchase.payment_id, state__in=ANSWERED)
        .exclude(auth_res="")
        .order_by("-answered_at")
        .first()
    )
    return export_evidence(row, reference=purchase.reference) if row else None
