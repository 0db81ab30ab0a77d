"""The demo's catalogue keeps the sellers' own rules, and grows to any size."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db.models import Count, Sum

from niaga.flows.goods.models import DigitalFile, Slot, StockLevel, StockMovement
from niaga.flows.information.models import Category, ListingCard, Media, Product
from niaga.parties.models import Company, Person
from niaga.project.demo.accounts import LOGINS
from niaga.project.demo.content import market
from niaga.project.demo.load_catalogue import load_catalogue
from niaga.project.demo.load_more import load_more

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def silent(what: str, done: int, total: int) -> None:
    assert done <= total


def test_the_catalogue_and_more_of_it(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = django_settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    told: dict[str, tuple[int, int]] = {}

    def tell(what: str, done: int, total: int) -> None:
        told[what] = (done, total)

    count = load_catalogue(tell)
    load_more(30, tell)

    assert count == len(market.products()) == Product.objects.count() - 30
    assert all(done == total for done, total in told.values())
    assert ListingCard.objects.filter(listed=True).count() == Product.objects.count()
    assert Category.objects.count() == len(market.categories())
    assert set(Company.objects.values_list("state", flat=True)) == {"approved"}
    assert not Media.objects.filter(thumbnail="").exists()
    for file in DigitalFile.objects.all():
        assert (tmp_path / file.path).stat().st_size == file.size_bytes
    moved = StockMovement.objects.values_list("sku_id", "location_id").annotate(Sum("quantity"))
    levels = StockLevel.objects.exclude(on_hand=0)
    assert sorted(moved) == sorted(levels.values_list("sku_id", "location_id", "on_hand"))
    services = Product.objects.filter(kind="service").values_list("variants", flat=True)
    with_slots = Slot.objects.filter(sku_id__in=services).aggregate(
        n=Count("sku_id", distinct=True)
    )
    assert with_slots["n"] == len(services)


def test_everybody_named_can_sign_in(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = django_settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    load_catalogue(silent)
    for role, email, password in LOGINS:
        person = Person.objects.get(email=email)
        assert person.check_password(password), email
        assert person.is_staff == (role == "Operator")
        assert person.memberships.exists() == (role == "Seller")
