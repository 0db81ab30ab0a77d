"""Outside test vectors: they are found beside the project, or the tests skip and say so."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

DATA = Path(os.environ.get("NIAGA_SHARED_DATA", Path(__file__).parents[3] / "shared/data"))


def load(name: str) -> Any:
    """Return the vectors of the file `name`; skip the module when they are not at hand."""
    path = DATA / "vectors" / name
    if not path.exists():
        pytest.skip(f"no outside vectors at {path}", allow_module_level=True)
    return json.loads(path.read_text())
