"""The five messages, from offer to "paid", and the answers that are not "paid"."""

import pytest

from niaga.protocol.errors import SchemaError
from niaga.protocol.gateway.authorization import Decision
from tests.support import payment


def test_paid() -> None:
    done = payment.paid()
    answer = done.believe()
    assert answer.response.message.status == "paid"
    assert answer.receipt is not None
    assert answer.receipt.message.result == "approved"
    assert answer.receipt.message.amount == done.amount
    assert answer.receipt.identity.subject == payment.BANK


def test_declined() -> None:
    admitted = payment.requested().admit()
    done = admitted.decide(Decision("declined", reason="insufficient_funds")).accept()
    answer = done.answer("declined").believe()
    assert answer.receipt is not None
    assert answer.receipt.message.result == "declined"
    assert answer.receipt.message.auth_id is None


def test_pending() -> None:
    done = payment.requested().admit().decide(Decision("pending")).accept()
    assert done.answer("pending").believe().response.message.status == "pending"


@pytest.mark.parametrize(
    "decision",
    [
        Decision("approved"),
        Decision("approved", auth_id="A" * 22),
        Decision("declined"),
        Decision("declined", auth_id="A" * 22, auth_exp_s=1, reason="voided"),
        Decision("pending", reason="voided"),
    ],
)
def test_a_decision_tells_what_is_its_own_and_no_more(decision: Decision) -> None:
    with pytest.raises(SchemaError):
        payment.requested().admit().decide(decision)
