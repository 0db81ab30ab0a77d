"""After the sale: reviews and complaints at the shop's door."""

import pytest
from django.urls import reverse

from niaga.flows.money.models import Escrow
from niaga.plumbing.models import StoredEvent
from niaga.stages.aftersales.commands.complain import answer_complaint
from niaga.stages.aftersales.models import Complaint, ComplaintMessage, Review
from tests.support.buyers import Bought, browser, buy
from tests.support.worlds import OPERATOR, deliver, make_person, ship_all

pytestmark = pytest.mark.django_db

STARS = {"stars": "4", "title": "Harum", "body": "Biji segar."}
WRONG = {"reason": "damaged", "body": "It broke."}


@pytest.fixture
def bought() -> Bought:
    """A delivered order."""
    made = buy()
    deliver(ship_all(made.order))
    return made


def on_line(name: str, bought: Bought) -> str:
    return reverse(name, args=[bought.order.lines.get().id])


def complaint_of(bought: Bought) -> Complaint:
    browser(bought.buyer).post(on_line("complain", bought), WRONG)
    return Complaint.objects.get()


# Reviews


def test_a_delivered_line_is_reviewed_once(bought: Bought) -> None:
    owner = browser(bought.buyer)
    assert owner.get(on_line("review", bought)).status_code == 200
    assert owner.post(on_line("review", bought), STARS).status_code == 302
    review = Review.objects.get()
    assert (review.stars, review.author, review.person_id) == (4, "Dewi L.", bought.buyer.id)
    page = owner.get(bought.order_path).content.decode()
    assert "your review" in page
    assert on_line("review", bought) not in page
    again = owner.post(on_line("review", bought), {**STARS, "stars": "1"})
    assert again.status_code == 422
    assert "You reviewed this already." in again.content.decode()
    assert Review.objects.get().stars == 4


def test_a_guest_reviews_too(bought: Bought) -> None:
    guest = browser()
    guest.get(f"{bought.path}?t={bought.placed.token}")
    assert guest.post(on_line("review", bought), STARS).status_code == 302
    assert Review.objects.count() == 1


@pytest.mark.parametrize("stars", ["", "0", "6", "x"])
def test_a_review_has_one_to_five_stars(stars: str, bought: Bought) -> None:
    refused = browser(bought.buyer).post(on_line("review", bought), {**STARS, "stars": stars})
    assert refused.status_code == 422
    assert "Biji segar." in refused.content.decode()
    assert not Review.objects.exists()


def test_what_has_not_arrived_is_not_reviewed() -> None:
    on_the_way = buy()
    ship_all(on_the_way.order)
    refused = browser(on_the_way.buyer).post(on_line("review", on_the_way), STARS)
    assert refused.status_code == 422
    assert "You can review it once it has arrived." in refused.content.decode()
    assert not Review.objects.exists()


# Complaints


def money_of(bought: Bought) -> Escrow:
    """Return what is kept for the order's line."""
    return Escrow.objects.get(about_id=bought.order.lines.get().id)


def test_a_complaint_is_opened_and_holds_the_money(bought: Bought) -> None:
    owner = browser(bought.buyer)
    assert owner.get(on_line("complain", bought)).status_code == 200
    opened = owner.post(on_line("complain", bought), WRONG)
    complaint = Complaint.objects.get()
    assert opened["Location"] == reverse("complaint", args=[complaint.id])
    assert money_of(bought).frozen_at
    assert "It broke." in owner.get(opened["Location"]).content.decode()


def test_a_second_complaint_leads_to_the_first(bought: Bought) -> None:
    complaint = complaint_of(bought)
    again = browser(bought.buyer).post(on_line("complain", bought), WRONG)
    assert again["Location"] == reverse("complaint", args=[complaint.id])
    assert ComplaintMessage.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"reason": "boredom"}, {"reason": ""}, {"body": ""}, {"body": " "}]
)
def test_a_complaint_needs_a_reason_and_words(change: dict[str, str], bought: Bought) -> None:
    refused = browser(bought.buyer).post(on_line("complain", bought), {**WRONG, **change})
    assert refused.status_code == 422
    assert not Complaint.objects.exists()


def test_an_order_that_is_not_paid_cannot_be_complained_about() -> None:
    unpaid = buy(paid=False)
    refused = browser(unpaid.buyer).post(on_line("complain", unpaid), WRONG)
    assert refused.status_code == 422
    assert not Complaint.objects.exists()


def test_both_sides_talk(bought: Bought) -> None:
    complaint = complaint_of(bought)
    answer_complaint(
        actor=OPERATOR, complaint_id=complaint.id, body="Please send a picture.", author="Sari"
    )
    owner = browser(bought.buyer)
    address = reverse("complaint", args=[complaint.id])
    page = owner.get(address).content.decode()
    assert "Please send a picture." in page
    assert "Sari · Operator" in page
    assert owner.post(address, {"body": "  "}).status_code == 422
    assert owner.post(address, {"body": "<b>Here</b> it is."}).status_code == 302
    assert "&lt;b&gt;Here&lt;/b&gt; it is." in owner.get(address).content.decode()
    assert ComplaintMessage.objects.count() == 3


def test_the_operator_is_asked_once(bought: Bought) -> None:
    complaint = complaint_of(bought)
    owner = browser(bought.buyer)
    address = reverse("escalate", args=[complaint.id])
    assert owner.get(address).status_code == 200
    complaint.refresh_from_db()
    assert complaint.state == "open"
    assert owner.post(address).status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == "escalated"
    assert owner.post(address).status_code == 422
    assert (
        "The operator decides now."
        in owner.get(reverse("complaint", args=[complaint.id])).content.decode()
    )


def test_its_buyer_closes_it_and_the_money_moves_on(bought: Bought) -> None:
    complaint = complaint_of(bought)
    owner = browser(bought.buyer)
    address = reverse("resolve", args=[complaint.id])
    assert owner.get(address).status_code == 200
    assert money_of(bought).frozen_at
    assert owner.post(address, {"body": "Thank you!"}).status_code == 302
    complaint.refresh_from_db()
    assert complaint.state == "resolved"
    assert money_of(bought).frozen_at is None
    page = owner.get(reverse("complaint", args=[complaint.id])).content.decode()
    assert "Thank you!" in page
    assert "Resolved on" in page
    assert owner.post(address).status_code == 422
    assert (
        owner.post(reverse("complaint", args=[complaint.id]), {"body": "More"}).status_code == 422
    )
    assert ComplaintMessage.objects.count() == 2


@pytest.mark.parametrize("name", ["complaint", "escalate", "resolve"])
def test_strangers_neither_read_nor_write(name: str, bought: Bought) -> None:
    complaint = complaint_of(bought)
    before = StoredEvent.objects.count()
    address = reverse(name, args=[complaint.id])
    for visitor in (browser(), browser(make_person())):
        assert visitor.get(address).status_code == 404
        assert visitor.post(address, {"body": "Let me in."}).status_code == 404
    assert StoredEvent.objects.count() == before
    assert ComplaintMessage.objects.count() == 1


def test_a_guest_follows_the_complaint(bought: Bought) -> None:
    complaint = complaint_of(bought)
    guest = browser()
    guest.get(f"{bought.path}?t={bought.placed.token}")
    address = reverse("complaint", args=[complaint.id])
    assert guest.get(address).status_code == 200
    assert guest.post(address, {"body": "From my telephone."}).status_code == 302
