"""The market that is measured: data of its own in a temporary folder, served as the demo is."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from niaga.kernel.clock import now
from niaga.project import demo_cards, market
from niaga.project.authority import ensure_certificate, local_names
from niaga.project.bench.client import Browser, trusting
from niaga.project.bench.processor import Meter
from niaga.project.bench.statements import SETTINGS, StatementCounter
from niaga.project.cli.start import close_connections, database_ready, set_up_django
from niaga.project.database import DATABASE, embedded_folder, server_url
from niaga.project.postgres import EmbeddedServer
from niaga.project.problem import Problem
from niaga.project.supervisor import Supervisor

type Tell = Callable[[str, int, int], None]
type Bars = Callable[[], AbstractContextManager[Tell]]

READY_TIMEOUT_S = 60
PLENTY = 1_000_000  # units of everything, so that nothing is sold out while we measure


@dataclass(frozen=True, slots=True)
class Shop:
    """An open market to measure.

    Attributes:
        browser: opens another buyer's browser.
        counter: counts SQL statements.
        server: processor time of web server and database together.
        database: processor time of the database alone.
        sockets: the folder of the database server's socket.
        products: how many there are.
        ports: where bank, issuer and wallet answer, if they were asked for.
        authority: who vouches for everyone's HTTPS here (PEM).
        folder: everything the parties keep.
    """

    browser: Callable[[], Browser]
    counter: StatementCounter
    server: Meter
    database: Meter
    sockets: Path
    products: int
    ports: demo_cards.Ports | None
    authority: Path
    folder: Path


@contextmanager
def open_shop(
    *, products: int, bars: Bars, say: Callable[[str], None], cards: bool = False
) -> Iterator[Shop]:
    """Make and serve a market with `products` products; everything is gone afterwards.

    With `cards`, bank, simulated issuer and wallet are beside it, as in the demo.

    `bars` shows how far the making is, `say` takes what the server's supervisor says.

    Raises:
        Problem: no space, or the server does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="niaga-bench-"))
    folder.chmod(0o711)  # the database's own user walks through
    try:
        with own_environment(folder) as port, database_ready(settings=SETTINGS):
            tls = ensure_certificate(folder / "tls", names=local_names(), now=now())
            front = market.Front(host="127.0.0.1", port=port, chain=tls.chain, key=tls.key)
            children = [market.market(front, log=folder / "market.log")]
            ports = _free_ports() if cards else None
            if ports:
                told = demo_cards.environment(
                    ports, data=folder, site_url=front.site_url, web_authority=tls.authority
                )
                # Every buyer enrols a card of its own, all from one address.
                os.environ.update(told, NIAGA_AUTHORITY_PACE="1000")
                children += demo_cards.children(ports, front, data=folder)
            with bars() as tell:
                _fill(products, tell)
            with Supervisor(children, say=say) as supervisor:
                supervisor.start_waiting()
                _wait(supervisor, folder / "market.log")
                sockets = EmbeddedServer(embedded_folder()).socket_folder()
                pids = supervisor.pids()
                postgres = int((embedded_folder() / "postmaster.pid").read_text().split()[0])
                context = trusting(str(tls.authority))
                yield Shop(
                    browser=lambda: Browser(port, context),
                    counter=StatementCounter(
                        server_url(sockets, database="postgres"), database=DATABASE
                    ),
                    server=Meter(*pids, postgres),
                    database=Meter(postgres),
                    sockets=sockets,
                    products=products,
                    ports=ports,
                    authority=tls.authority,
                    folder=folder,
                )
                close_connections()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_environment(folder: Path) -> Iterator[int]:
    """Let the bench's market use that folder alone, and a free port; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    own = {"NIAGA_DATA": str(folder), "NIAGA_SITE_URL": f"https://localhost:{port}"}
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("NIAGA_")]:
        del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    os.environ.update(own)
    try:
        yield port
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def own_database() -> Iterator[None]:
    """Give an empty market's database in a temporary folder, and Django, meanwhile."""
    with tempfile.TemporaryDirectory(prefix="niaga-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # the database's own user walks through
        with own_environment(folder), database_ready():
            set_up_django()
            from niaga.project.preparation import migrate_if_needed

            migrate_if_needed()
            yield


def _free_ports() -> demo_cards.Ports:
    """Return ports that nobody holds, each another."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(5)]
        return demo_cards.Ports(*(probe.getsockname()[1] for probe in probes))


def _fill(products: int, tell: Tell) -> None:
    """Load the demo's catalogue without pictures, with plenty of everything in stock."""
    set_up_django()
    # Django's world is loaded once its settings are known.
    from django.db import connection, transaction

    from niaga.project.demo.load_catalogue import load_catalogue
    from niaga.project.demo.load_more import load_more
    from niaga.project.preparation import (
        collect_static_if_changed,
        migrate_if_needed,
    )

    migrate_if_needed()
    collect_static_if_changed()
    with transaction.atomic():
        handwritten = load_catalogue(tell)
    if products > handwritten:
        load_more(products - handwritten, tell)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE goods_stocklevel SET on_hand = on_hand + %s", [PLENTY])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")  # writing all this down is not to be measured
    close_connections()


def _wait(supervisor: Supervisor, log: Path) -> None:
    end = time.monotonic() + READY_TIMEOUT_S
    while not supervisor.is_ready():
        if time.monotonic() > end or not supervisor.is_alive():
            told = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
            raise Problem(f"The market's server does not start:\n{told}", "Mend what it tells.")
        time.sleep(0.05)
