"""`niaga serve`: the market's web server alone."""

import os
from pathlib import Path
from typing import Annotated

import typer

from niaga.kernel.clock import now
from niaga.project import market
from niaga.project.cli.start import close_connections, console, django_ready
from niaga.project.folders import ready_data_folder
from niaga.project.problem import Problem
from niaga.project.redirect import redirect_server
from niaga.project.supervisor import Supervisor, check_port, stop_on_signals

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of HTTPS.")]
HttpPort = Annotated[
    int, typer.Option(min=1, max=65535, help="Port of plain HTTP, which only redirects.")
]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8443,
    http_port: HttpPort = 8080,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = market.WORKERS,
    certificate: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_TLS_CERTIFICATE", help="Certificate chain (PEM)."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_TLS_KEY", help="Its private key (PKCS #8 PEM)."),
    ] = None,
) -> None:
    """Serve the market over HTTPS; run `niaga worker` beside it.

    Without a certificate, the demo's own authority issues one.
    """
    check_port(host, port, option="--port")
    check_port(host, http_port, option="--http-port")
    front = front_of(host, port, workers, certificate, key)
    os.environ.setdefault("NIAGA_SITE_URL", front.site_url)
    with django_ready():
        from niaga.project.preparation import (
            collect_static_if_changed,
            require_migrated,
        )

        require_migrated()
        collect_static_if_changed()
        close_connections()
        supervisor = Supervisor([market.market(front, log=None)], say=console.print)
        with (
            redirect_server(host=host, port=http_port, https_port=port),
            stop_on_signals() as stop,
            supervisor,
        ):
            supervisor.watch(stop, when_ready=lambda: console.print(f"Serving {front.site_url}"))


def front_of(
    host: str, port: int, workers: int, certificate: Path | None, key: Path | None
) -> market.Front:
    """Return where to serve, with the demo's own certificate if none is given."""
    if (certificate is None) != (key is None):
        raise Problem("A certificate needs its key.", "Give both --certificate and --key.")
    if certificate is None or key is None:
        from niaga.project.authority import ensure_certificate, local_names

        own = ensure_certificate(ready_data_folder() / "tls", names=local_names(), now=now())
        certificate, key = own.chain, own.key
    return market.Front(host=host, port=port, chain=certificate, key=key, workers=workers)
