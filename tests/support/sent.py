"""What was sent to the database, for tests that count it."""

from django.test.utils import CaptureQueriesContext


def sent(statements: CaptureQueriesContext) -> list[str]:
    """Return the statements, without the savepoints that stand for transactions in tests."""
    texts = [query["sql"] for query in statements]
    return [text for text in texts if not text.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))]
