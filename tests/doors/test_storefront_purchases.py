"""The buyer's page after ordering: who may see it, how to pay, cancel, and the way back to it."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from niaga.doors.storefront.ownership import MOST_REMEMBERED, REMEMBERED
from niaga.doors.storefront.views.purchases import TRIES
from niaga.flows.information.models import Mail
from niaga.flows.money.models import Payment
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.ordering.commands.cancel_order import cancel_order, expire_purchase
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.models import Order, Purchase
from tests.support.buyers import Bought, browser, buy
from tests.support.statements import count_statements
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    ship_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def bought() -> Bought:
    """A purchase from two sellers that waits for payment."""
    first = make_goods(make_company(name="Aroma Kopi"), price=80_000)
    second = make_goods(make_company(name="Batik Kirana"), price=200_000)
    return buy(first, second, paid=False)


def with_token(bought: Bought) -> str:
    return f"{bought.path}?t={bought.placed.token}"


# Who may see it


def test_a_token_lets_a_guest_in_and_does_not_stay_in_the_address(bought: Bought) -> None:
    guest = browser()
    entered = guest.get(with_token(bought))
    assert entered.status_code == 302
    assert entered["Location"] == bought.path
    assert guest.get(bought.path).status_code == 200
    assert guest.get(bought.order_path).status_code == 200


def test_its_buyer_needs_no_token(bought: Bought) -> None:
    assert browser(bought.buyer).get(bought.path).status_code == 200


@pytest.mark.parametrize("token", ["", "?t=", "?t=wrong", "?t=%C3%A9", "?t=%00"])
def test_anyone_else_finds_nothing(token: str, bought: Bought) -> None:
    for visitor in (browser(), browser(make_person()), browser(make_person(is_staff=True))):
        assert visitor.get(bought.path + token).status_code == 404
        assert visitor.get(bought.path).status_code == 404


def test_a_token_opens_only_its_own_purchase(bought: Bought) -> None:
    other = buy()
    guest = browser()
    assert guest.get(f"{other.path}?t={bought.placed.token}").status_code == 404
    guest.get(with_token(bought))
    assert guest.get(other.path).status_code == 404
    assert guest.get(other.order_path).status_code == 404


def test_what_was_never_bought_is_not_found() -> None:
    assert browser().get(reverse("purchase", args=["NG-0000-0000"])).status_code == 404


def test_a_session_remembers_only_so_many(bought: Bought) -> None:
    guest = browser()
    guest.get(with_token(bought))
    session = guest.session
    session[REMEMBERED] = [f"NG-{n}" for n in range(MOST_REMEMBERED)]
    session.save()
    guest.get(with_token(bought))
    assert len(guest.session[REMEMBERED]) == MOST_REMEMBERED
    assert guest.session[REMEMBERED][-1] == bought.placed.reference


ACTIONS = ["purchase_live", "purchase_cancel"]


@pytest.mark.parametrize("name", ACTIONS)
def test_strangers_can_do_nothing(name: str, bought: Bought) -> None:
    address = reverse(name, args=[bought.placed.reference])
    for visitor in (browser(), browser(make_person())):
        assert visitor.get(address).status_code == 404
        assert visitor.post(address, {"reason": "changed_mind"}).status_code == 404
    assert set(Order.objects.values_list("state", flat=True)) == {"placed"}


# What it says


def test_it_says_how_to_pay(bought: Bought) -> None:
    payment = Payment.objects.get(cause_id=bought.placed.purchase_id)
    assert payment.account_number
    page = browser(bought.buyer).get(bought.path).content.decode()
    digits = payment.account_number
    assert " ".join(digits[i : i + 4] for i in range(0, 16, 4)) in page
    assert f'data-copy="{digits}"' in page
    assert "Rp310.000" in page
    assert 'data-copy="310000"' in page
    assert "in 23 hours" in page or "in 1 day" in page
    assert "Aroma Kopi" in page
    assert "Batik Kirana" in page


def test_cash_on_delivery_says_so() -> None:
    bought = buy(paid=False, method="cash_on_delivery")
    page = browser(bought.buyer).get(bought.path).content.decode()
    assert "pay the courier in cash" in page
    assert "Virtual account number" not in page


def test_it_says_when_it_is_paid(bought: Bought) -> None:
    pay(bought.placed)
    page = browser(bought.buyer).get(bought.path).content.decode()
    assert "Thank you, it is paid" in page
    assert "Virtual account number" not in page
    assert "Cancel the whole purchase" not in page


def test_it_says_when_it_was_not_paid_in_time(bought: Bought) -> None:
    Payment.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert expire_purchase(purchase_id=bought.placed.purchase_id)
    page = browser(bought.buyer).get(bought.path).content.decode()
    assert "Not paid in time" in page
    assert "The payment did not come in time." in page


def test_an_order_of_several_is_told_apart_on_the_timeline(bought: Bought) -> None:
    page = browser(bought.buyer).get(bought.path).content.decode()
    placed = re.findall(r'<div class="detail">([^<]*) · OR-', page)
    assert sorted(placed) == ["Aroma Kopi", "Batik Kirana"]


# Cancelling


def test_cancelling_asks_first(bought: Bought) -> None:
    owner = browser(bought.buyer)
    address = reverse("purchase_cancel", args=[bought.placed.reference])
    assert owner.get(address).status_code == 200
    assert set(Order.objects.values_list("state", flat=True)) == {"placed"}
    assert owner.post(address).status_code == 422
    assert owner.post(address, {"reason": "no such reason"}).status_code == 422
    assert set(Order.objects.values_list("state", flat=True)) == {"placed"}
    done = owner.post(address, {"reason": "cheaper_elsewhere"}, follow=True)
    assert "was cancelled" in done.content.decode()
    assert "I found it cheaper elsewhere" in done.content.decode()
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Payment.objects.get().state == PaymentState.CANCELLED


def test_what_is_paid_is_not_cancelled_as_a_whole(bought: Bought) -> None:
    pay(bought.placed)
    before = StoredEvent.objects.count()
    address = reverse("purchase_cancel", args=[bought.placed.reference])
    refused = browser(bought.buyer).post(address, {"reason": "changed_mind"})
    assert refused.status_code == 422
    assert set(Order.objects.values_list("state", flat=True)) == {"confirmed"}
    assert StoredEvent.objects.count() == before


# The way back


def find(client: Client, reference: str, email: str) -> str:
    response = client.post(
        reverse("find_order"), {"reference": reference, "email": email}, follow=True
    )
    assert response.status_code == 200
    return re.sub(r'value="[^"]{40,}"|CSRFToken": "[^"]+"', "", response.content.decode())


def test_the_link_is_mailed_and_nothing_is_revealed(bought: Bought) -> None:
    reference, email = bought.placed.reference, "dewi@contoh.id"
    right = find(browser(), reference, email)
    assert find(browser(), reference, "other@contoh.id") == right
    assert find(browser(), "NG-0000-0000", email) == right
    assert find(browser(), "x'; --", email) == right
    [mail] = Mail.objects.filter(template="link")
    assert mail.to == email
    assert bought.placed.token in mail.text
    assert bought.placed.token not in right


def test_an_order_s_number_and_other_spelling_do_too(bought: Bought) -> None:
    find(browser(), f" {bought.order.reference.lower()} ", "DEWI@contoh.id")
    assert Mail.objects.filter(template="link").count() == 1


def test_one_mail_an_hour_however_often_it_is_asked_for(bought: Bought) -> None:
    for _ in range(3):
        find(browser(), bought.placed.reference, "dewi@contoh.id")
    assert Mail.objects.filter(template="link").count() == 1


def test_a_session_may_try_only_so_often(bought: Bought) -> None:
    guest = browser()
    for _ in range(TRIES):
        find(guest, "NG-0000-0000", "dewi@contoh.id")
    answer = guest.post(
        reverse("find_order"), {"reference": bought.placed.reference, "email": "dewi@contoh.id"}
    )
    assert answer.status_code == 429
    assert not Mail.objects.filter(template="link").exists()


@pytest.mark.parametrize(
    "data", [{}, {"reference": "NG-0000-0000"}, {"reference": "x", "email": "y"}]
)
def test_a_half_filled_form_is_shown_again(data: dict[str, str]) -> None:
    assert browser().post(reverse("find_order"), data).status_code == 422


# Mails


def test_every_link_in_a_buyer_s_mails_opens_a_page() -> None:
    """A whole life of orders: paid, sent, delivered, cancelled, refunded, complained about."""
    bought = buy(paid=False)
    pay(bought.placed)
    deliver(ship_all(bought.order))
    complete_order(actor=OPERATOR, order_id=bought.order.id)
    refunded = buy()
    cancel_order(actor=OPERATOR, order_id=refunded.order.id, reason="sold out")
    drain()
    find(browser(), bought.placed.reference, "dewi@contoh.id")
    mails = Mail.objects.filter(to="dewi@contoh.id")
    assert {"placed", "paid", "dispatched", "delivered", "cancelled", "link"} <= {
        mail.template for mail in mails
    }
    for mail in mails:
        links = re.findall(rf"{re.escape(settings.SITE_URL)}(/\S+)", mail.text)
        assert links, mail.template
        for link in links:
            page = browser().get(link, follow=True)
            assert page.status_code == 200, (mail.template, link)
            assert urlsplit(page.redirect_chain[-1][0]).query == ""


# Statements


def test_the_page_needs_few_statements_however_long_it_is(bought: Bought) -> None:
    owner = browser(bought.buyer)
    few = count_statements(owner, bought.path)
    company = make_company()
    everything = [make_goods(company, stock=5) for _ in range(30)]
    many = buy(*everything, buyer=bought.buyer)
    template = StoredEvent.objects.filter(subject_id=many.order.id, type="OrderPlaced").get()
    for _ in range(200):
        template.pk = new_id()
        template.save(force_insert=True)
    drain()
    assert count_statements(owner, many.path) == few
    assert few <= 8  # who is it, of them, is two
    assert Purchase.objects.count() == 2
    assert len(orders_of(many.placed)) == 1
