"""A database's URL as Django's settings want it: every deployable reads its own the same way."""

from urllib.parse import parse_qsl, unquote, urlsplit

PREPARE_AFTER = 3  # psycopg's; none of its own cursors is used, but None means: prepare nothing


def database(url: str, *, pool: int) -> dict[str, object]:
    """Return the entry of DATABASES for `postgresql://user:password@host:5432/name?option=value`.

    `pool` connections at most are kept open by each process. `prepare_threshold=none` in the URL
    is for a pooler that knows no prepared statements (PgBouncer before 1.21).
    """
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    # Django's cursors never prepare; those of `plumbing/prepared.py` do, unless this is None.
    threshold = str(options.pop("prepare_threshold", PREPARE_AFTER))
    options["prepare_threshold"] = int(threshold) if threshold.isdigit() else None
    options["pool"] = {"min_size": 1, "max_size": pool}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "niaga",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,  # the pool keeps the connections
        "OPTIONS": options,
    }
