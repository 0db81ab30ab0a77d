"""The log of goods as EPCIS 2.0: the standard's own schema accepts it, replaying it gives stock."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from niaga.flows.goods.commands.change_stock import adjust_stock
from niaga.flows.goods.commands.transfer_stock import receive_transfer, send_transfer
from niaga.flows.goods.epcis import class_of, events_of, replay
from niaga.flows.goods.models import Location, StockLevel, StockMovement
from niaga.flows.goods.states import MovementReason
from niaga.flows.information.models import Variant
from niaga.project.database import server_url
from niaga.stages.ordering.tracing import moves, write_epcis
from tests.support.worlds import (
    OPERATOR,
    make_basket,
    make_company,
    make_goods,
    orders_of,
    pay,
    place,
    ship_all,
)

SCHEMA = Path(__file__).parents[2].parent / "shared/data/epcis/EPCIS-JSON-Schema.json"
GTIN = "8991002101234"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order():
    """A market in which stock moved in every way; the order that was shipped."""
    company = make_company()
    goods, plain = make_goods(company, stock=20), make_goods(company, stock=5)
    Variant.objects.filter(pk=goods.variant.id).update(gtin=GTIN)
    shop = Location.objects.create(
        seller_id=company.id, name="Toko", city="Depok", province="Jawa Barat", postal_code="16423"
    )
    for on_hand, why in enumerate(MovementReason, start=10):
        adjust_stock(
            actor=OPERATOR, seller_id=company.id, sku_id=goods.variant.id,
            location_id=goods.location.id, on_hand=on_hand, reason="", why=why,
        )  # fmt: skip
    sent = send_transfer(
        actor=OPERATOR, seller_id=company.id, sku_id=plain.variant.id,
        origin_id=plain.location.id, destination_id=shop.id, quantity=2,
    )  # fmt: skip
    receive_transfer(actor=OPERATOR, seller_id=company.id, transfer_id=sent.transfer_id, quantity=1)
    placed = place(make_basket((goods, 3), (plain, 1)))
    pay(placed)
    [order] = orders_of(placed)
    ship_all(order)
    place(make_basket((make_goods(make_company(), stock=4), 1)))
    return order


def stock() -> dict[tuple[str, str], int]:
    gtins = dict(Variant.objects.values_list("id", "gtin"))
    return {
        (class_of(row.sku_id, gtins[row.sku_id]), f"urn:uuid:{row.location_id}"): row.on_hand
        for row in StockLevel.objects.exclude(on_hand=0)
    }


def test_replaying_the_log_gives_the_stock(order):
    assert replay(events_of(moves())) == stock()


def test_a_seller_an_order_or_a_day_can_be_asked_for(order):
    everything = list(moves())
    shipped = list(moves(order=order.reference))
    assert {move.kind for move in shipped} == {"shipped"}
    assert sum(move.quantity for move in shipped) == -4
    of_seller = list(moves(seller=order.seller.slug))
    assert 0 < len(shipped) < len(of_seller) == len(everything) - 1
    assert list(moves(since=date(2100, 1, 1))) == []
    assert list(moves(seller="nobody")) == []


def test_events_speak_the_standard_words(order):
    events = {(e["bizStep"], e["action"]): e for e in events_of(moves())}
    assert ("receiving", "OBSERVE") in events
    assert ("cycle_counting", "ADD") in events
    shipped = list(events_of(moves(order=order.reference)))
    assert {e["disposition"] for e in shipped} == {"in_transit"}
    assert shipped[0]["bizTransactionList"][0] == {
        "type": "po", "bizTransaction": f"urn:niaga:order:{order.reference}"
    }  # fmt: skip
    classes = {e["quantityList"][0]["epcClass"] for e in shipped}
    assert f"https://id.gs1.org/01/0{GTIN}" in classes


def test_the_standards_own_schema_accepts_every_event(order, tmp_path):
    if not SCHEMA.exists():
        pytest.skip(f"GS1's schema is not here: {SCHEMA}")
    jsonschema = pytest.importorskip("jsonschema")
    file = tmp_path / "log.json"
    with file.open("w") as target:
        count = write_epcis(target)
    document = json.loads(file.read_text())
    assert count == len(document["epcisBody"]["eventList"]) == StockMovement.objects.count()
    checker = jsonschema.Draft7Validator(
        json.loads(SCHEMA.read_text()), format_checker=jsonschema.FormatChecker()
    )
    assert not list(checker.iter_errors(document))
    document["epcisBody"]["eventList"][0]["bizStep"] = "vanishing"
    assert list(checker.iter_errors(document))


def test_the_command_writes_the_file(order, tmp_path):
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    file = tmp_path / "order.json"
    told = subprocess.run(
        [
            sys.executable, "-m", "niaga.project.cli.main", "export", "epcis", str(file),
            "--order", order.reference.lower(),
        ],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"DATABASE_URL": url, "NIAGA_DATA": str(settings.DATA), "COLUMNS": "200"},
    )  # fmt: skip
    assert (told.returncode, told.stderr) == (0, "")
    assert "2 events" in told.stdout
    assert len(json.loads(file.read_text())["epcisBody"]["eventList"]) == 2
