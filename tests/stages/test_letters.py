"""Mails speak as the shop does."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import translation

from niaga.doors.look import formats
from niaga.flows.information.models import Mail
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.ordering.letters import moment_text, money_text
from tests.support.worlds import make_basket, make_company, make_goods, orders_of, pay, place


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("minor", "written"),
    [(150_000_000, "Rp1.500.000"), (0, "Rp0"), (100, "Rp1")],
)
def test_rupiah_are_written_as_in_the_shop(minor: int, written: str, language: str) -> None:
    amount = Money(minor, "IDR")
    assert money_text(amount, language) == written == formats.money(amount)


def test_other_money_follows_the_language() -> None:
    assert money_text(Money(150_050, "USD"), "en") == "$1,500.50"
    assert money_text(Money(150_050, "USD"), "id") == "US$1.500,50"


@pytest.mark.parametrize("language", ["id", "en"])
def test_moments_are_written_as_in_the_shop(language: str) -> None:
    moment = datetime(2026, 11, 24, 7, 5, 30, tzinfo=UTC)
    with translation.override(language):
        assert moment_text(moment, language) == formats.moment(moment)
    assert moment_text(moment, "id") == "24 Nov 2026, 14.05"


@pytest.mark.django_db
def test_a_complaint_s_mail_leads_the_seller_to_it() -> None:
    placed = place(make_basket((make_goods(make_company(), stock=5), 1)))
    pay(placed)
    [order] = orders_of(placed)
    complaint_id = open_complaint(
        actor=Actor.guest(),
        line_id=order.lines.get().id,
        reason="damaged",
        body="Pecah.",
        author="Dewi",
    )
    drain()
    mail = Mail.objects.get(template="complaint_opened")
    assert reverse("seller:complaint", args=[complaint_id]) in mail.text
    assert reverse("seller:complaint", args=[complaint_id]) in mail.html
