"""`niaga issuer-simulator`: an issuer of cards that is none, for trying things."""

import threading
from typing import Annotated

import typer

from niaga.project.cli.serve import Host
from niaga.project.cli.start import bank_ready, close_connections, console
from niaga.project.supervisor import check_port, stop_on_signals


def issuer_simulator(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of ISO 8583 (mutual TLS).")] = 8583,
    cards: Annotated[bool, typer.Option("--cards", help="List the cards and leave.")] = False,
) -> None:
    """Simulate an issuer: accounts, balances, declines, delays and silence on demand."""
    from niaga.gateway.issuer_simulator.cards import CARDS, CVC

    if cards:
        for card in CARDS:
            console.print(f"{card.pan}  {card.expiry}  {CVC}  {card.promise}")
        return
    check_port(host, port, option="--port")
    with bank_ready():
        from django.conf import settings

        from niaga.gateway.issuer_simulator.bank import Bank
        from niaga.gateway.issuer_simulator.server import Files, IssuerServer
        from niaga.gateway.keys import keyring
        from niaga.project.bank_preparation import judge_acquirer, prepare_issuer

        mine = prepare_issuer()
        files = Files(keyring().certificate_file("gateway"), mine.tls_chain, mine.tls_key)
        accounts = Bank(settings.DATA / "issuer" / "accounts.sqlite3")
        # From here on the bank is asked for nothing but status lists: own keys, own file.
        close_connections()
        server = IssuerServer(
            (host, port), bank=accounts, keys=mine.keys(), files=files, judged=judge_acquirer
        )
        with stop_on_signals() as stop, server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            console.print(f"Simulated issuer at {host}:{port}; `--cards` lists its cards")
            stop.wait()
            server.shutdown()
