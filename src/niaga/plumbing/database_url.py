"""A database's URL as Django's settings want it: every deployable reads its own the same way."""

from urllib.parse import parse_qsl, unquote, urlsplit


def database(url: str, *, pool: int) -> dict[str, object]:
    """Return the entry of DATABASES for `postgresql://user:password@host:5432/name?option=value`.

    `pool` connections at most are kept open by each process.
    """
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
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
