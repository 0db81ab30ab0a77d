"""Keys are kept while their folder does not change, and no longer."""

import os
import time

import pytest

from niaga.plumbing.key_files import chain_pem, key_pem, signers_in, write_private
from niaga.protocol import authority
from niaga.protocol.formats.x509 import Use
from tests.support import payment


@pytest.fixture
def folder(tmp_path):
    keep(tmp_path / "sign/a.pem")
    return tmp_path


def keep(path):
    shop = payment.parties().shop
    write_private(path, key_pem(shop.key) + chain_pem(shop.chain))


def let_it_settle(folder):
    """Make the folder look as if it had not changed for long."""
    long_ago = time.time_ns() - 3_600 * 10**9
    os.utime(folder, ns=(long_ago, long_ago))


def test_without_a_folder_there_is_none(tmp_path):
    assert signers_in(tmp_path, Use.SIGN.value) == ()


def test_what_changes_is_seen_at_once(folder):
    assert len(signers_in(folder, "sign")) == 1
    keep(folder / "sign/b.pem")
    assert len(signers_in(folder, "sign")) == 2
    let_it_settle(folder / "sign")
    first = signers_in(folder, "sign")
    assert signers_in(folder, "sign") is first
    other = authority.new_key()
    chain = payment.parties().shop.chain
    write_private(folder / "sign/b.pem", key_pem(other) + chain_pem(chain))
    found = signers_in(folder, "sign")[1].key
    assert found.private_numbers() == other.private_numbers()
    (folder / "sign/a.pem").unlink()
    assert len(signers_in(folder, "sign")) == 1


def test_files_are_their_owners_and_half_a_file_is_no_key(folder):
    assert (folder / "sign/a.pem").stat().st_mode & 0o077 == 0
    (folder / "sign/.c.pem.1").write_text("half")
    (folder / "sign/ordered.json").write_text("{}")
    assert len(signers_in(folder, "sign")) == 1
