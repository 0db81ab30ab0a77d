"""Who acts in the tests of the stages."""

import pytest

from niaga.kernel.actor import Actor
from tests.support.differing import operator


@pytest.fixture
def me() -> Actor:
    """Return an operator of the market."""
    return operator("Sari Operator")
