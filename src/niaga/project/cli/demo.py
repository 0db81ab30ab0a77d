"""`niaga demo`: a whole market with demo data, in the foreground."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from niaga.kernel.clock import now
from niaga.project import market
from niaga.project.cli.serve import Host, HttpPort, Port
from niaga.project.cli.start import (
    close_connections,
    console,
    database_ready,
    progress_bars,
    set_up_django,
)
from niaga.project.folders import DEMO_PARTIES, LOADING_MARK, data_folder, ready_data_folder
from niaga.project.problem import Problem
from niaga.project.redirect import redirect_server
from niaga.project.supervisor import Supervisor, check_apart, check_port, stop_on_signals

if TYPE_CHECKING:
    from niaga.project.authority import ServerCertificate
    from niaga.project.demo_cards import Ports

PRODUCTS = 420


def demo(
    products: Annotated[
        int, typer.Option(min=0, help="How many products an empty market is filled with.")
    ] = PRODUCTS,
    host: Host = "127.0.0.1",
    port: Port = 8443,
    http_port: HttpPort = 8080,
    mail_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of the demo's mail server.")
    ] = 2525,
    cards: Annotated[
        bool,
        typer.Option(help="Take cards: run a bank, an issuer and a wallet on the ports beside."),
    ] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw the demo's data away and make it anew.")
    ] = False,
) -> None:
    """Start a market with demo data; Ctrl-C stops it, the data stay."""
    from niaga.project import demo_cards

    ports = demo_cards.Ports.beside(port) if cards else None
    wanted = [(port, "--port"), *((beside, "--port") for beside in (ports.all if ports else ()))]
    wanted += [(http_port, "--http-port"), (mail_port, "--mail-port")]
    check_apart(wanted)
    for number, option in wanted:
        check_port(host, number, option=option)
    data = ready_data_folder()
    _begin(data, fresh=fresh)
    front, tls = _front(data, host, port)
    os.environ["NIAGA_SMTP_HOST"], os.environ["NIAGA_SMTP_PORT"] = "127.0.0.1", str(mail_port)
    _name_parties(data, ports, front, tls)
    # The web server loads its code while we prepare, and serves once this file exists.
    gate = data / "open"
    gate.unlink(missing_ok=True)
    os.environ["NIAGA_START_GATE"] = str(gate)
    with database_ready():
        children = [
            market.mailbox(port=mail_port, folder=data / "mail", log=data / "log/mailbox.log"),
            market.worker(log=data / "log/worker.log"),
            market.market(front, log=data / "log/market.log"),
            *(demo_cards.children(ports, front, data=data) if ports else ()),
        ]
        with (
            redirect_server(host=host, port=http_port, https_port=port),
            Supervisor(children, say=console.print) as supervisor,
        ):
            _prepare(products)
            gate.touch()
            with stop_on_signals() as stop:
                if ports:
                    demo_cards.certify(stop, then=demo_cards.pay_by_card)
                supervisor.watch(stop, when_ready=lambda: _welcome(front, http_port, tls, ports))
                console.print("Stopping ...")
    console.print("Stopped. The data stay for the next start.")


def _front(data: Path, host: str, port: int) -> tuple[market.Front, "ServerCertificate"]:
    """Return where the market will answer, certified; tell its processes by the environment."""
    from niaga.project.authority import ensure_certificate, local_names

    names = local_names()
    tls = ensure_certificate(data / "tls", names=names, now=now())
    hosts = ",".join(f"[{name}]" if ":" in name else name for name in names)
    os.environ.setdefault("NIAGA_HOSTS", hosts)
    front = market.Front(host=host, port=port, chain=tls.chain, key=tls.key)
    os.environ["NIAGA_SITE_URL"] = front.site_url
    os.environ.setdefault("NIAGA_BANK_ACCOUNT", "0081234567")
    os.environ.setdefault("NIAGA_BANK_BIC", "BMRIIDJA")
    return front, tls


def _name_parties(
    data: Path, ports: "Ports | None", front: market.Front, tls: "ServerCertificate"
) -> None:
    """Tell our processes, and commands beside the demo, where bank and wallet are."""
    if ports is None:
        (data / DEMO_PARTIES).unlink(missing_ok=True)
        return
    from niaga.project import demo_cards

    told = demo_cards.environment(
        ports, data=data, site_url=front.site_url, web_authority=tls.authority
    )
    os.environ.update(told)
    (data / DEMO_PARTIES).write_text(json.dumps(told))


def _begin(data: Path, *, fresh: bool) -> None:
    half_made = data / LOADING_MARK
    if half_made.exists() and not fresh:
        if os.environ.get("DATABASE_URL"):
            raise Problem(
                "The demo data were not made to the end last time.",
                f"Empty the database of DATABASE_URL, remove {half_made}, and start again.",
            )
        console.print("The demo data were not made to the end last time; starting over.")
        fresh = True
    if fresh:
        from niaga.project.database import forget_everything

        forget_everything()


def _prepare(products: int) -> None:
    set_up_django()
    from niaga.project import preparation

    with console.status("Tables ..."):
        preparation.migrate_if_needed()
    with console.status("Static files ..."):
        preparation.collect_static_if_changed()
    if preparation.is_empty():
        with progress_bars() as tell:
            preparation.load_demo_data(products, tell)
    elif products != PRODUCTS:
        console.print("The market has data already; --products counts with --fresh only.")
    # The children have connections of their own.
    close_connections()


def _welcome(
    front: market.Front, http_port: int, tls: "ServerCertificate", ports: "Ports | None"
) -> None:
    from niaga.project.cli.welcome import welcome
    from niaga.project.demo.accounts import LOGINS

    console.print(
        welcome(
            site_url=front.site_url,
            http_port=http_port,
            logins=LOGINS,
            data=data_folder(),
            authority=tls.authority,
            cards=ports,
        )
    )
