"""How many statements a page costs."""

from unittest.mock import patch

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from niaga.flows.information import catalogue


def count_statements(client: Client, path: str) -> int:
    """Return how many statements the page's second visit costs: the shelves are kept by then.

    The catalogue's version, which a process reads once a second whoever asks, is left out: on a
    slow machine it would be counted sometimes.
    """
    client.get(path)
    with (
        patch.object(catalogue, "READ_EVERY_S", 3600.0),
        CaptureQueriesContext(connection) as statements,
    ):
        assert client.get(path).status_code == 200
    return len(statements)
