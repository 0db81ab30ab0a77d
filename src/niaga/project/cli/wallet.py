"""`niaga wallet`: the buyer's wallet page on an origin of its own."""

import os
from pathlib import Path
from typing import Annotated

import typer

from niaga.project.cli.serve import Host
from niaga.project.cli.start import console
from niaga.project.problem import Problem
from niaga.project.supervisor import Supervisor, check_port, stop_on_signals


def wallet(
    authority: Annotated[
        str,
        typer.Option(
            envvar="NIAGA_WALLET_AUTHORITY", help="Origin of the authority's public face."
        ),
    ] = "https://localhost:8446",
    roots: Annotated[
        Path | None,
        typer.Option(
            envvar="NIAGA_WALLET_ROOTS", help="Root certificates of the payment (PEM) to believe."
        ),
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of HTTPS.")] = 8444,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
    certificate: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_WALLET_TLS_CERTIFICATE", help="Certificate chain (PEM)."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_WALLET_TLS_KEY", help="Its private key (PKCS #8 PEM)."),
    ] = None,
) -> None:
    """Serve the wallet: a fixed set of files, no cookie, no database, no log of what is asked.

    Without a certificate, the demo's own authority issues one.
    """
    from niaga.project.market import wallet_server
    from niaga.wallet.server import settings_from

    check_port(host, port, option="--port")
    if roots is None or not roots.is_file():
        raise Problem(
            "The wallet does not know whom to believe.",
            "Name the payment's root certificates: --roots FILE (PEM).",
        )
    os.environ["NIAGA_WALLET_AUTHORITY"] = authority
    os.environ["NIAGA_WALLET_ROOTS"] = str(roots.resolve())
    try:
        settings_from(os.environ)
    except ValueError as error:
        raise Problem(
            f"The wallet can't be served: {error}.", "See niaga wallet --help."
        ) from error
    from niaga.project.cli.serve import front_of

    front = front_of(host, port, workers, certificate, key)
    supervisor = Supervisor([wallet_server(front, log=None)], say=console.print)
    with stop_on_signals() as stop, supervisor:
        supervisor.watch(stop, when_ready=lambda: console.print(f"Wallet at {front.site_url}"))
