"""Keys that a deployable makes for itself, as its settings ask for them."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def secret_key(variable: str, folder: Path, name: str = "secret-key") -> str:
    """Return the environment's `variable`, or a key made once and kept in `folder` as `name`.

    Processes that start together get the same key: it appears in the folder whole or not at all.
    """
    if key := os.environ.get(variable):
        return key
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=folder) as made:  # readable by its owner alone
            made.write(secrets.token_urlsafe(50))
            made.flush()
            with suppress(FileExistsError):
                os.link(made.name, path)
    return path.read_text()
