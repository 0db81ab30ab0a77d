"""The market gets its payment certificates, renews them by itself, and keeps its keys to itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from niaga.flows.money.card.enrolment import keep_certificates
from niaga.flows.money.card.keys import USES, Cabinet, takes_cards
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.jobs import keep_card_certificates
from niaga.kernel import clock
from niaga.protocol.formats.x509 import Use
from tests.support.bank import Line, cut

pytestmark = pytest.mark.django_db


@pytest.fixture
def cabinet(bank, tmp_path) -> Cabinet:
    return Cabinet(tmp_path / "payment-keys")


def thumbprints(cabinet: Cabinet) -> list[str]:
    return [cabinet.current(use).thumbprint for use in USES]


def test_each_use_has_a_key_that_only_its_owner_reads(cabinet):
    assert takes_cards()
    files = [path for path in cabinet.folder.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert len(set(thumbprints(cabinet))) == 2


def test_a_live_certificate_is_left_alone(bank, cabinet):
    before = thumbprints(cabinet)
    calls = len(bank.calls)
    keep_certificates()
    assert thumbprints(cabinet) == before
    assert len(bank.calls) == calls


def test_thirty_days_before_its_end_it_is_renewed_with_a_new_key(cabinet):
    before = {use: cabinet.current(use) for use in USES}
    with clock.at(clock.now() + timedelta(days=62)):
        keep_certificates()
        for use in USES:
            renewed = cabinet.current(use)
            assert renewed.thumbprint != before[use].thumbprint
            assert renewed.key.private_numbers() != before[use].key.private_numbers()
        # Offers signed by the former key can still be answered.
        assert cabinet.named(before[Use.SIGN].thumbprint)
    with clock.at(clock.now() + timedelta(days=91)):
        keep_certificates()
        assert cabinet.named(before[Use.SIGN].thumbprint) is None


def test_a_lost_answer_to_an_order_is_asked_for_again(bank, cabinet):
    _empty(cabinet.folder)
    bank.line = Line(after=cut("/orders"))
    with pytest.raises(UnreachableError):
        keep_certificates()
    assert not takes_cards()
    bank.line = Line()
    keep_certificates()
    keep_certificates()
    assert takes_cards()


def test_a_refused_order_brings_another_key_next_time(bank, cabinet):
    _empty(cabinet.folder)
    keep_certificates()
    refused = cabinet.ordered(Use.SIGN).key.private_numbers()
    bank.refuses_orders = True
    keep_certificates()
    assert not takes_cards()
    bank.refuses_orders = False
    assert cabinet.ordered(Use.SIGN).key.private_numbers() != refused
    keep_certificates()
    keep_certificates()
    assert takes_cards()


def test_the_clock_does_it_and_survives_a_silent_authority(bank, cabinet, settings):
    _empty(cabinet.folder)
    bank.line = Line(before=cut())
    assert keep_card_certificates(0)
    bank.line = Line()
    assert keep_card_certificates(0)
    assert keep_card_certificates(0)
    assert takes_cards()
    settings.CARD_GATEWAY_URL = ""
    assert not keep_card_certificates(0)
    assert not takes_cards()


def _empty(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
