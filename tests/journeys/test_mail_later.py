"""The mail server is down: the order stands, and its mail goes out once the server is back."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from niaga.flows.information.models import Mail
from niaga.project import market
from niaga.project.database import server_url
from niaga.project.supervisor import Supervisor
from niaga.stages.ordering.models import Order
from tests.support.market import ROOT
from tests.support.worlds import make_basket, make_company, make_goods, pay, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATIENCE_S = 120


def until[T](look: Callable[[], T]) -> T:
    """Return what `look` finds once it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
    return found


def test_the_order_stands_and_the_mail_goes_out_later(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    database = connection.settings_dict
    url = server_url(Path(database["HOST"]), database=database["NAME"])
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "NIAGA_DATA": str(settings.DATA),
        "NIAGA_SMTP_PORT": str(port),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    worker = market.worker(log=tmp_path / "worker.log")
    mails = tmp_path / "mail"
    with Supervisor([worker], say=print, environment=environment) as supervisor:
        supervisor.start_waiting()
        pay(place(make_basket((make_goods(make_company()), 1))))
        refused = until(lambda: list(Mail.objects.filter(tries__gte=1)))
        assert {mail.state for mail in refused} == {"waiting"}
        assert all(mail.error for mail in refused)
        assert Order.objects.get().state == "confirmed"
        assert not mails.exists()

        mailbox = market.mailbox(port=port, folder=mails, log=tmp_path / "mailbox.log")
        with Supervisor([mailbox], say=print, environment=environment):
            until(lambda: Mail.objects.exists() and not Mail.objects.exclude(state="sent").exists())
    sent = Mail.objects.all()
    assert {mail.template for mail in sent} == {"placed", "paid", "to_ship"}
    assert all(mail.sent_at and not mail.error for mail in sent)
    assert len(list(mails.iterdir())) == len(sent)
    assert Order.objects.get().state == "confirmed"
