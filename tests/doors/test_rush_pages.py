"""The operator readies a product for a rush, and ends it; buyers see nothing of it."""

import pytest
from django.test import Client
from django.urls import reverse

from niaga.flows.goods.models import StockLevel, StockPolicy
from niaga.flows.goods.queries import available_stock
from niaga.plumbing.models import StoredEvent
from tests.support.worlds import make_basket, make_company, make_goods, make_person, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    """The operator's browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(name="Sari Operator", is_staff=True))
    return client


def test_a_rush_is_readied_shown_and_ended(office: Client) -> None:
    goods = make_goods(make_company(), stock=40)
    sku_id = goods.variant.id
    place(make_basket((goods, 2)))
    page = office.get(reverse("office:rush")).content.decode()
    assert (goods.product.name_en or goods.product.name_id) in page
    assert "Calm" in page
    assert not StockLevel.objects.filter(bucket__gt=0).exists(), "looking changes nothing"
    assert office.get(reverse("office:rush_keep", args=[sku_id])).status_code == 200
    assert not StockPolicy.objects.exists(), "it is asked first"
    assert office.post(reverse("office:rush_keep", args=[sku_id])).status_code == 302
    assert StockLevel.objects.filter(sku_id=sku_id, bucket__gt=0).exists()
    assert available_stock([sku_id]) == {sku_id: 38}
    assert "Kept ready" in office.get(reverse("office:rush")).content.decode()
    assert office.post(reverse("office:rush_end", args=[sku_id])).status_code == 302
    assert not StockPolicy.objects.get().always_hot
    assert "Hot by itself" in office.get(reverse("office:rush")).content.decode()
    told = StoredEvent.objects.filter(type="StockPolicyChanged", actor_role="operator")
    assert told.count() == 2
