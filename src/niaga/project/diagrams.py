"""State diagrams for docs/states.md, drawn from the tables that the code obeys.

`make docs` writes the page; a test says when it is out of date.
"""

from niaga.flows.goods.states import (
    BACKORDER_TRANSITIONS,
    BOOKING_TRANSITIONS,
    COUNT_TRANSITIONS,
    KEY_TRANSITIONS,
    RESERVATION_TRANSITIONS,
    SHIPMENT_TRANSITIONS,
    TRANSFER_TRANSITIONS,
)
from niaga.flows.information.states import PRODUCT_TRANSITIONS
from niaga.flows.money.states import (
    AUTHORIZATION_TRANSITIONS,
    BANK_ENTRY_TRANSITIONS,
    DIFFERENCE_TRANSITIONS,
    ESCROW_TRANSITIONS,
    HOLD_TRANSITIONS,
    OPERATION_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    PAYOUT_TRANSITIONS,
    RECEIPT_TRANSITIONS,
    RECONCILIATION_TRANSITIONS,
    REFUND_TRANSITIONS,
)
from niaga.gateway import states as gateway
from niaga.kernel.transitions import Transitions, mermaid
from niaga.parties.states import COMPANY_TRANSITIONS
from niaga.plumbing.task_states import TASK_TRANSITIONS
from niaga.stages.aftersales.states import COMPLAINT_TRANSITIONS, RETURN_TRANSITIONS
from niaga.stages.ordering.states import ORDER_TRANSITIONS
from niaga.stages.sharing.states import QUOTATION_TRANSITIONS

STATES: dict[str, tuple[str, Transitions]] = {
    "Company": ("A company's standing with the operator.", COMPANY_TRANSITIONS),
    "Product": ("Whether buyers see a product.", PRODUCT_TRANSITIONS),
    "Quotation": ("Prices that a buyer asked a seller for.", QUOTATION_TRANSITIONS),
    "Order": ("One seller's part of a purchase.", ORDER_TRANSITIONS),
    "Payment": ("What is known of the buyer's payment.", PAYMENT_TRANSITIONS),
    "Card authorization": (
        "One try to pay by card, as the market knows it.",
        AUTHORIZATION_TRANSITIONS,
    ),
    "Gateway operation": (
        "What the market tells the gateway after an authorization.",
        OPERATION_TRANSITIONS,
    ),
    "Reconciliation": ("Whether the gateway's books agree with ours.", RECONCILIATION_TRANSITIONS),
    "Difference": (
        "On what orders, ledger, gateway and bank do not agree, and how it ended.",
        DIFFERENCE_TRANSITIONS,
    ),
    "Booking of the bank": (
        "A line of the bank's statement of account.",
        BANK_ENTRY_TRANSITIONS,
    ),
    "Receipt": ("Money that came in on the bank account or by a code.", RECEIPT_TRANSITIONS),
    "Task": ("What a person must decide, and whether somebody does.", TASK_TRANSITIONS),
    "Escrow": ("Where an order's money is.", ESCROW_TRANSITIONS),
    "Hold": ("Money that is held back, and the seller's appeal.", HOLD_TRANSITIONS),
    "Refund": ("Money on its way back to the buyer.", REFUND_TRANSITIONS),
    "Payout": ("Money on its way to a seller.", PAYOUT_TRANSITIONS),
    "Reservation": ("A promise of stock.", RESERVATION_TRANSITIONS),
    "Backorder": ("A place in the queue for stock to come.", BACKORDER_TRANSITIONS),
    "Stock transfer": ("Stock between two locations.", TRANSFER_TRANSITIONS),
    "Stock count": ("A sheet for counting stock.", COUNT_TRANSITIONS),
    "Booking": ("A place in a service's slot.", BOOKING_TRANSITIONS),
    "Licence key": ("Whose a licence key is.", KEY_TRANSITIONS),
    "Shipment": ("Where a parcel is.", SHIPMENT_TRANSITIONS),
    "Complaint": ("Whose turn it is.", COMPLAINT_TRANSITIONS),
    "Return": ("Goods on their way back to the seller.", RETURN_TRANSITIONS),
    "Authorization at the gateway": (
        "What the bank's side knows of one payment.",
        gateway.AUTHORIZATION_TRANSITIONS,
    ),
    "Message to an issuer": (
        "How far an ISO 8583 message has come.",
        gateway.MESSAGE_TRANSITIONS,
    ),
    "Batch at the gateway": ("Whether both sides agree on it.", gateway.BATCH_TRANSITIONS),
}


HEAD = """# How things move

Drawn from the tables in the rooms' `states.py` by `make docs`. Every change is one UPDATE guarded
by the legal earlier states (`plumbing/states.py`): of two racing callers one wins."""


def page() -> str:
    """Return docs/states.md."""
    parts = [HEAD]
    parts += [
        f"## {name}\n{promise}\n\n```mermaid\n{mermaid(transitions)}\n```"
        for name, (promise, transitions) in STATES.items()
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - the page is this program's output
