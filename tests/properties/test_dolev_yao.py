"""The search finds the attack behind each binding that is taken away, and none with all in place.

What is modelled, what is not, and the bound: see `dolev_yao.model` and `dolev_yao.search`.
"""

import pytest

from tests.properties.dolev_yao.model import Spec
from tests.properties.dolev_yao.search import Bound, Search

BOUNDS = [Bound(buyers=2, merchants=1, requests=2), Bound(buyers=1, merchants=2, requests=2)]


@pytest.mark.parametrize("bound", BOUNDS, ids=str)
def test_no_attack_within_the_bound(bound: Bound) -> None:
    search = Search(Spec(), bound)
    assert search.run() is None
    assert search.completed > 0, "honest runs reach their end"
    assert search.explored > 10_000


def test_sets_gateway_attack_is_found_when_the_gateway_is_not_signed() -> None:
    """The buyer means the rogue gateway; with its help the money is held at another one."""
    attack = Search(Spec(names_gateway=False), BOUNDS[0]).run()
    assert attack is not None
    assert attack.claim == "gateway-buyer"
    assert any("for X, key of X" in step for step in attack.run), attack.run
    assert attack.run[-1].startswith("G holds 1 of card of B for Y"), attack.run


@pytest.mark.parametrize(
    ("weakened", "claims"),
    [
        (Spec(names_merchant=False), {"gateway-buyer"}),
        (Spec(is_single_use=False), {"gateway-buyer"}),
        (Spec(names_offer=False), {"gateway-buyer", "merchant-buyer"}),
        (Spec(binds_answer=False), {"merchant-gateway"}),
        (Spec(receipt_names_order=False), {"merchant-gateway"}),
        (Spec(checks_gateway_key=False), {"secrecy"}),
    ],
    ids=lambda value: (
        next((n for n, on in vars(value).items() if not on), None)
        if isinstance(value, Spec)
        else ""
    ),
)
def test_every_binding_is_needed(weakened: Spec, claims: set[str]) -> None:
    found = {attack.claim for bound in BOUNDS if (attack := Search(weakened, bound).run())}
    assert found
    assert found <= claims
