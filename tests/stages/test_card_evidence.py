"""What the market keeps of a payment proves it to somebody who was not there, and no more."""

from datetime import timedelta

import pytest
from typer.testing import CliRunner

from niaga.flows.money.models import StatusList
from niaga.kernel import clock
from niaga.project.cli import evidence as command
from niaga.protocol import evidence
from niaga.protocol.errors import EvidenceError
from niaga.stages.ordering.proving import evidence_of
from tests.support.cards import pay_by_card, place_by_card, tell_bank
from tests.support.payment import found_pki
from tests.support.worlds import make_basket, make_company, make_goods, orders_of, place, ship_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(wallet):
    placed = place_by_card((make_goods(make_company(), name="Tas rotan"), 2))
    pay_by_card(placed, wallet)
    order = orders_of(placed)[0]
    ship_all(order)
    tell_bank()
    return order


def roots(bank):
    return (bank.pki.root.certificate,)


def test_it_proves_who_paid_whom_what_and_what_followed(bank, order):
    text = evidence_of(order.reference)
    proof = evidence.verify(text, roots=roots(bank))
    assert proof.result == "approved"
    assert proof.amount.minor == order.total_minor
    assert proof.merchant.name == "Niaga"
    assert "Tas rotan" in {line.name for line in proof.order.lines}
    assert [(moved.operation, moved.amount.minor) for moved in proof.moved] == [
        ("capture", order.total_minor)
    ]


def test_years_later_it_still_holds(bank, order):
    text = evidence_of(order.reference)
    with clock.at(clock.now() + timedelta(days=2000)):
        assert evidence.verify(text, roots=roots(bank)).result == "approved"


def test_days_later_it_can_still_be_exported(bank, order):
    with clock.at(clock.now() + timedelta(days=20)):
        text = evidence_of(order.reference)
    assert StatusList.objects.count() > 5
    assert evidence.verify(text, roots=roots(bank)).amount.minor == order.total_minor


@pytest.mark.parametrize("place_in_text", [0.02, 0.2, 0.4, 0.6, 0.8, 0.97])
def test_whatever_is_altered_it_fails(bank, order, place_in_text):
    text = evidence_of(order.reference)
    at = int(len(text) * place_in_text)
    other = "A" if text[at] != "A" else "B"
    with pytest.raises(EvidenceError):
        evidence.verify(text[:at] + other + text[at + 1 :], roots=roots(bank))


def test_another_root_believes_none_of_it(order):
    text = evidence_of(order.reference)
    with pytest.raises(EvidenceError):
        evidence.verify(text, roots=(found_pki(now=clock.now()).root.certificate,))


@pytest.mark.usefixtures("bank")
def test_other_ways_to_pay_leave_none():
    placed = place(make_basket((make_goods(make_company()), 1)))
    assert evidence_of(placed.reference) is None
    assert evidence_of("NG-0000-0000") is None


def test_the_command_tells_what_holds_and_what_does_not(order, tmp_path):
    file = tmp_path / "order.evidence"
    file.write_text(evidence_of(order.reference))
    root = tmp_path / "root.pem"
    good = CliRunner().invoke(command.group, ["verify", str(file), "--root", str(root)])
    assert good.exit_code == 0, good.output
    assert "Holds" in good.output
    file.write_text(file.read_text()[:-9] + "AAAAAAAAA")
    bad = CliRunner().invoke(command.group, ["verify", str(file), "--root", str(root)])
    assert bad.exit_code == 1
    assert "Does not hold" in bad.output
