"""The key that signs sessions is made once, even by processes that start together."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from niaga.plumbing.secret_key import secret_key

VARIABLE = "NIAGA_TEST_SECRET_KEY"


def test_all_who_ask_at_once_get_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret_key(VARIABLE, folder), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert [path.name for path in folder.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((folder / "secret-key").stat().st_mode) == 0o600


def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "from outside")
    assert secret_key(VARIABLE, tmp_path) == "from outside"
    assert not list(tmp_path.iterdir())
