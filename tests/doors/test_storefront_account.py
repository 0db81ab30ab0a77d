"""A person's account: orders, addresses, profile; nobody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.flows.documents.models import Document
from niaga.flows.information.models import Variant
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.commands.keep_address import PostalAddress, keep_address
from niaga.parties.models import Address, Person
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from tests.support.buyers import browser, buy
from tests.support.worlds import deliver, make_company, make_goods, make_person, ship_all

pytestmark = pytest.mark.django_db

PAGES = ["account", "account_orders", "addresses", "address_new", "profile", "complaints"]
HOME = {
    "label": "Rumah",
    "recipient": "Dewi Lestari",
    "phone": "0812 3456 7890",
    "street": "Jl. Margonda Raya 100",
    "postal_code": "16423",
    "region": "Kemiri Muka | Beji",
}


def write_address(person: Person, street: str = "Jl. Braga 1") -> Address:
    address_id = keep_address(
        actor=Actor("buyer", person.id),
        address=PostalAddress(
            "Dewi", "081234567890", street, "Braga", "Sumur Bandung", "Kota Bandung",
            "Jawa Barat", "40111",
        ),
    )  # fmt: skip
    return Address.objects.get(pk=address_id)


@pytest.mark.parametrize("name", PAGES)
def test_only_who_signed_in_has_an_account(name: str) -> None:
    address = reverse(name)
    asked = browser().get(address)
    assert asked.status_code == 302
    assert asked["Location"] == f"/accounts/login/?next={address}"
    assert browser(make_person()).get(address).status_code == 200


def test_lists_show_only_one_s_own() -> None:
    mine, other = buy(), buy()
    for bought in (mine, other):
        deliver(ship_all(bought.order))
        open_complaint(
            actor=Actor("buyer", bought.buyer.id),
            line_id=bought.order.lines.get().id,
            reason="damaged",
            body="It broke.",
            author="Dewi",
        )
    owner = browser(mine.buyer)
    for name in ("account", "account_orders", "complaints"):
        page = owner.get(reverse(name)).content.decode()
        assert mine.order.reference in page
        assert other.order.reference not in page


def test_orders_are_found_by_state_and_by_words() -> None:
    buyer = make_person()
    waiting, paid = buy(buyer=buyer, paid=False), buy(buyer=buyer)
    owner = browser(buyer)

    def shown(query: str) -> set[str]:
        page = owner.get(reverse("account_orders") + query).content.decode()
        return {b.order.reference for b in (waiting, paid) if b.order.reference in page}

    assert shown("") == {waiting.order.reference, paid.order.reference}
    assert shown("?state=placed") == {waiting.order.reference}
    assert shown("?state=confirmed") == {paid.order.reference}
    assert shown(f"?q={paid.placed.reference}") == {paid.order.reference}
    sku = Variant.objects.get(pk=waiting.order.lines.get().variant_id).sku
    assert shown(f"?q={sku}") == {waiting.order.reference}
    assert shown("?q=nothing") == set()
    assert shown("?state=nonsense&page=x") == {waiting.order.reference, paid.order.reference}


def test_pages_need_few_statements_however_much_there_is() -> None:
    buyer = make_person()
    goods = make_goods(make_company(), stock=100)
    buy(goods, buyer=buyer)
    write_address(buyer)
    owner = browser(buyer)

    def count(name: str) -> int:
        owner.get(reverse(name))  # the shelves are kept from now on
        with CaptureQueriesContext(connection) as statements:
            owner.get(reverse(name))
        return len(statements)

    few = {name: count(name) for name in PAGES}
    for n in range(25):
        buy(goods, buyer=buyer)
        write_address(buyer, f"Jl. Braga {n}")
    assert {name: count(name) for name in PAGES} == few
    assert max(few.values()) <= 9
    assert "?page=2" in owner.get(reverse("account_orders")).content.decode()


# Addresses


def test_an_address_is_written_changed_and_removed() -> None:
    person = make_person()
    owner = browser(person)
    assert owner.post(reverse("address_new"), HOME).status_code == 302
    address = Address.objects.get()
    assert (address.city, address.province) == ("Kota Depok", "Jawa Barat")
    assert address.phone == "+6281234567890"
    assert address.is_default
    assert "Jl. Margonda Raya 100" in owner.get(reverse("addresses")).content.decode()
    change = reverse("address", args=[address.id])
    assert "Kemiri Muka | Beji" in owner.get(change).content.decode()
    assert owner.post(change, {**HOME, "street": "Jl. Lain 2"}).status_code == 302
    address.refresh_from_db()
    assert address.street == "Jl. Lain 2"
    assert address.is_default
    remove = reverse("address_remove", args=[address.id])
    assert owner.get(remove).status_code == 200
    assert Address.objects.exists()
    assert owner.post(remove).status_code == 302
    assert not Address.objects.exists()


def test_another_address_becomes_the_default_when_it_says_so() -> None:
    person = make_person()
    first = write_address(person)
    browser(person).post(reverse("address_new"), {**HOME, "is_default": "on"})
    assert Address.objects.get(is_default=True).label == "Rumah"
    first.refresh_from_db()
    assert not first.is_default


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phone", "12", "This number is not well formed."),
        ("postal_code", "00000", "We do not know this postal code."),
        ("region", "", "Choose the village of your address."),
        ("region", "Braga | Sumur Bandung", "Select a valid choice"),
        ("street", "", "This field is required."),
    ],
)
def test_a_wrong_address_is_refused(field: str, value: str, said: str) -> None:
    owner = browser(make_person())
    answer = owner.post(reverse("address_new"), {**HOME, field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Address.objects.exists()


def test_villages_are_listed_without_javascript_and_with_it() -> None:
    owner = browser(make_person())
    found = owner.post(reverse("address_new"), {**HOME, "region": "", "find": "1"})
    assert found.status_code == 200
    assert "Kemiri Muka, Beji, Kota Depok" in found.content.decode()
    assert "Jl. Margonda Raya 100" in found.content.decode()
    part = owner.get(reverse("address_new") + "?postal_code=16423").content.decode()
    assert "Kemiri Muka, Beji, Kota Depok" in part
    assert "<html" not in part
    assert owner.get(reverse("address_new") + "?postal_code=%00<b>").status_code == 200
    assert not Address.objects.exists()


@pytest.mark.parametrize("name", ["address", "address_remove"])
def test_other_people_s_addresses_are_not_found(name: str) -> None:
    address = write_address(make_person())
    stranger = browser(make_person())
    for address_id in (address.id, new_id()):
        target = reverse(name, args=[address_id])
        assert stranger.get(target).status_code == 404
        assert stranger.post(target, HOME).status_code == 404
    address.refresh_from_db()
    assert address.street == "Jl. Braga 1"


# Profile


def test_a_profile_is_kept_and_its_language_spoken() -> None:
    person = make_person()
    owner = browser(person)
    saved = owner.post(
        reverse("profile"), {"name": "Dewi L.", "phone": "081234567890", "language": "id"}
    )
    assert saved.status_code == 302
    assert saved.cookies["niaga_language"].value == "id"
    person.refresh_from_db()
    assert (person.name, person.phone, person.language) == ("Dewi L.", "+6281234567890", "id")
    assert '<html lang="id"' in owner.get(reverse("profile")).content.decode()


@pytest.mark.parametrize(
    ("written", "kept"),
    [("3273 0145 0690 0001", "3273014506900001"), ("01.234.567.8-901.000", "0012345678901000"),
     ("", "")],
)  # fmt: skip
def test_a_tax_number_is_kept_in_16_digits_and_stands_on_invoices_alone(
    written: str, kept: str
) -> None:
    person = make_person()
    data = {"name": "Dewi L.", "phone": "", "language": "id", "tax_number": written}
    assert browser(person).post(reverse("profile"), data).status_code == 302
    person.refresh_from_db()
    assert person.tax_number == kept
    bought = buy(buyer=person)
    ship_all(bought.order)
    drain()
    rows = Document.objects.filter(cause_id=bought.order.id)
    named = {row.kind: row.content["buyer"]["npwp"] for row in rows}
    assert named["invoice"] == named["receipt"] == kept
    assert named["delivery_note"] == named["order_confirmation"] == ""
    for row in rows:
        assert (
            not kept
            or kept not in browser().get(reverse("verify_document", args=[row.id])).content.decode()
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "abc"), ("language", "fr"), ("tax_number", "123"), ("tax_number", "9" * 16)],
)
def test_a_wrong_profile_is_refused(field: str, value: str) -> None:
    person = make_person()
    data = {"name": "Other", "phone": "", "language": "en", field: value}
    assert browser(person).post(reverse("profile"), data).status_code == 422
    person.refresh_from_db()
    assert person.name == "Dewi Lestari"


def test_signing_out_is_one_click() -> None:
    owner = browser(make_person())
    page = owner.get(reverse("account")).content.decode()
    assert f'action="{reverse("account_logout")}"' in page
    owner.post(reverse("account_logout"))
    assert owner.get(reverse("account")).status_code == 302


# The pages of signing in


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_reset_password",
             "account_reset_password_done", "account_inactive",
             "account_email_verification_sent"],
)  # fmt: skip
def test_pages_for_entering_are_dressed_and_translated(name: str, language: str) -> None:
    client = browser()
    client.cookies["niaga_language"] = language
    page = client.get(reverse(name)).content.decode()
    assert f'<html lang="{language}"' in page
    assert "look/css/look.css" in page
    assert "brand-mark" in page
    assert "<style" not in page
    assert 'style="' not in page
    assert "<script>" not in page


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "account_logout"])
def test_pages_of_an_account_s_door_are_dressed(name: str) -> None:
    page = browser(make_person()).get(reverse(name)).content.decode()
    assert "look/css/look.css" in page
    assert reverse("account") in page
