"""Where the data folder lies; known before Django's settings are read."""

import os
from pathlib import Path

LOADING_MARK = "demo-is-loading"
"""A file in the data folder while the demo data are being made."""


def data_folder() -> Path:
    """Return the absolute data folder: NIAGA_DATA, or `.niaga` in the working folder."""
    return Path(os.environ.get("NIAGA_DATA", ".niaga")).resolve()
