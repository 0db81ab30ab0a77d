"""Django's admin: every table to look at, none to touch, by operators alone."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.parties.models import Company, Person
from niaga.plumbing.admin import ReadOnlyAdmin
from tests.support.worlds import make_basket, make_company, make_goods, make_person, pay, place

pytestmark = pytest.mark.django_db

OURS = [model for model in apps.get_models() if model.__module__.startswith("niaga.")]


def address(model: type[Model], page: str, *args: object) -> str:
    """Return the address of a model's admin page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def office() -> Client:
    """An operator's browser; the operator has no permission beyond being one."""
    client = Client()
    client.force_login(make_person(is_staff=True))
    return client


def test_every_table_is_shown_through_the_read_only_base() -> None:
    assert set(OURS) <= set(admin.site._registry)
    own = {m for m, shown in admin.site._registry.items() if isinstance(shown, ReadOnlyAdmin)}
    others = set(admin.site._registry) - own
    assert {model.__module__.split(".")[0] for model in others} <= {"procrastinate"}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_open_and_nothing_can_be_added(model: type[Model], office: Client) -> None:
    pay(place(make_basket((make_goods(make_company()), 1))))
    assert office.get(address(model, "changelist"), {"q": "x"}).status_code == 200
    assert office.get(address(model, "changelist")).status_code == 200
    assert office.get(address(model, "add")).status_code == 403
    assert office.post(address(model, "add"), {}).status_code == 403
    row = model._default_manager.first()
    if row is not None:
        assert office.get(address(model, "change", row.pk)).status_code == 200


def test_nothing_can_be_changed_or_deleted(office: Client) -> None:
    company = make_company()
    for page in ("change", "delete"):
        response = office.post(address(Company, page, company.pk), {"name": "X", "post": "yes"})
        assert response.status_code == 403
    assert Company.objects.get(pk=company.pk).name == company.name


def test_secrets_stay_hidden(office: Client) -> None:
    person = make_person()
    page = office.get(address(Person, "change", person.pk)).content.decode()
    assert person.email in page
    assert person.password not in page


def test_only_operators_come_in(client: Client) -> None:
    assert client.get(reverse("admin:index")).status_code == 302
    client.force_login(make_person())
    index = client.get(reverse("admin:index"), follow=True)
    assert index.status_code == 403 or "admin" not in index.redirect_chain[-1][0]
    assert client.get(address(Company, "changelist")).status_code in {302, 403}


def test_the_index_leads_back_to_the_office(office: Client) -> None:
    page = office.get(reverse("admin:index"))
    assert 'href="/office/"' in page.content.decode()
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_lists_need_the_same_statements_for_many_rows(office: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as statements:
            assert office.get(address(Company, "changelist")).status_code == 200
        return len(statements)

    for _ in range(3):
        make_company()
    few = count()
    for _ in range(20):
        make_company()
    assert count() == few
