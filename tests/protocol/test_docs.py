"""docs/payment.md shows what the schemas and the errors say."""

import re
from pathlib import Path

from niaga.protocol import errors
from niaga.protocol.errors import ProtocolError
from niaga.protocol.messages import operations, visibility

PAGE = (Path(__file__).parents[2] / "docs/payment.md").read_text()
# Never told by a gateway: the merchant's own, the books' (a result, not a failure), or no code.
NOT_FAILURES = {"refused", "answered_failure", "operation_refused", "evidence_invalid"}


def test_who_sees_what_is_the_table_of_the_schemas() -> None:
    assert visibility.table() in PAGE, f"put this in:\n{visibility.table()}"


def test_the_messages_are_those_of_the_schemas() -> None:
    assert visibility.message_table() in PAGE, f"put this in:\n{visibility.message_table()}"


def error_classes() -> list[type[ProtocolError]]:
    return [
        item
        for item in vars(errors).values()
        if isinstance(item, type) and issubclass(item, ProtocolError)
    ]


def test_every_error_can_be_told_by_its_code() -> None:
    codes = {kind.code for kind in error_classes()}
    assert codes - NOT_FAILURES <= set(operations.FAILURE_CODES)
    assert set(operations.FAILURE_CODES) - codes == {"xid_conflict", "jti_conflict", "unavailable"}


def test_the_tree_of_errors_is_drawn_whole() -> None:
    drawn = errors.__doc__ or ""
    for kind in error_classes():
        assert re.search(rf"\b{kind.__name__}\b", drawn), kind.__name__
        if "code" in vars(kind) and kind is not ProtocolError:
            assert re.search(rf"{kind.__name__}\s+{kind.code}", drawn), kind.__name__


def test_codes_are_distinct() -> None:
    own = [kind.code for kind in error_classes() if "code" in vars(kind)]
    assert len(set(own)) == len(own)
