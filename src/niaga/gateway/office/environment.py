"""What the office's templates know."""

from jinja2 import Environment


def environment(**options: object) -> Environment:
    """Return the templates' environment."""
    return Environment(**options)  # type: ignore[arg-type]  # noqa: S701 - Django sets autoescape
