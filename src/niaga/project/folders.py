"""Where the data folder lies; known before Django's settings are read."""

import json
import os
import tempfile
from pathlib import Path

from niaga.project.problem import Problem

LOADING_MARK = "demo-is-loading"
"""A file in the data folder while the demo data are being made."""


DEMO_PARTIES = "demo-parties.json"
"""A file in the data folder: where the demo's bank and wallet are, as environment variables."""


def demo_parties() -> dict[str, str]:
    """Return where the demo's bank and wallet are; nothing where no demo with cards was here."""
    path = data_folder() / DEMO_PARTIES
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def data_folder() -> Path:
    """Return the absolute data folder: NIAGA_DATA, or `.niaga` in the working folder."""
    return Path(os.environ.get("NIAGA_DATA", ".niaga")).resolve()


def ready_data_folder() -> Path:
    """Return the data folder, made if need be.

    Raises:
        Problem: it can't be made, or nothing can be written in it.
    """
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Problem(
            f"The data folder {folder} can't be used: {error.strerror}.",
            "Set NIAGA_DATA to a folder that can be written, on a disk with space; "
            "for example: NIAGA_DATA=~/niaga-data niaga demo",
        ) from error
    return folder
