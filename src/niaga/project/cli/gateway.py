"""`niaga gateway`: the bank's side of card payments."""

from pathlib import Path
from typing import Annotated

import typer

from niaga.project import market
from niaga.project.cli.serve import Host, front_of
from niaga.project.cli.start import bank_ready, close_connections, console
from niaga.project.problem import Problem
from niaga.project.supervisor import Supervisor, check_port, stop_on_signals

group = typer.Typer(no_args_is_help=True, help="The bank's side of card payments.")

DEMO_CLERK, DEMO_PASSWORD = "petugas", "bank-rahasia-123"


@group.command("serve")
def serve(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port for merchants (mutual TLS).")] = 8445,
    authority_port: Annotated[
        int, typer.Option(help="Port of the authority's public face; 0: not here.")
    ] = 8446,
    office_port: Annotated[int, typer.Option(help="Port of the bank's own pages.")] = 8447,
    workers: Annotated[int, typer.Option(min=1, help="Server processes of each.")] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Let a clerk in whose password everyone knows.")
    ] = False,
    certificate: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_BANK_TLS_CERTIFICATE", help="Chain (PEM) of both web fronts."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(envvar="NIAGA_BANK_TLS_KEY", help="Its key (PKCS #8 PEM).")
    ] = None,
) -> None:
    """Serve merchants, wallets and the bank's people, and do what is due."""
    options = {"--port": port, "--authority-port": authority_port, "--office-port": office_port}
    for option, number in options.items():
        if number:
            check_port(host, number, option=option)
    with bank_ready():
        from niaga.gateway.keys import gateway_cabinet, keyring
        from niaga.project import bank
        from niaga.project.bank_preparation import ensure_clerk
        from niaga.project.preparation import collect_static_if_changed

        collect_static_if_changed()
        if demo:
            ensure_clerk(DEMO_CLERK, DEMO_PASSWORD)
        mine = gateway_cabinet()
        payments = market.Front(host, port, mine.tls_chain, mine.tls_key, workers)
        merchants = keyring().certificate_file("merchant")
        fronts = {"authority": authority_port, "office": office_port}
        children = [
            bank.payments(payments, callers=merchants, log=None),
            *(
                bank.front(name, front_of(host, at, workers, certificate, key), log=None)
                for name, at in fronts.items()
                if at
            ),
            bank.worker(log=None),
        ]
        close_connections()
        with stop_on_signals() as stop, Supervisor(children, say=console.print) as supervisor:
            supervisor.watch(
                stop, when_ready=lambda: console.print(f"Gateway at {payments.site_url}")
            )


@group.command("worker")
def worker() -> None:
    """Do what is due alone: tell issuers, let old holds go, finish what was left."""
    with bank_ready(), stop_on_signals() as stop:
        from niaga.gateway import worker as room

        room.run(stop)


@group.command("clerk")
def clerk(
    name: Annotated[str, typer.Argument(help="The clerk's name.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Let a clerk sign in at the bank's pages, or change their password."""
    with bank_ready():
        from niaga.project.bank_preparation import ensure_clerk

        is_new = ensure_clerk(name, password)
    console.print("The clerk may sign in." if is_new else "The password was changed.")


@group.command("echo")
def echo() -> None:
    """Ask the issuer whether the line works (0800), and tell how long the answer took."""
    import time

    with bank_ready():
        from niaga.gateway.issuer import echo as test
        from niaga.gateway.issuer.connection import line
        from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError

        began = time.monotonic()
        try:
            test.echo(line())
        except (IssuerUnreachableError, IssuerSilentError) as error:
            raise Problem(
                f"The issuer does not answer: {error}.",
                "See NIAGA_ISSUER_HOST, NIAGA_ISSUER_PORT and NIAGA_ISSUER_AUTHORITY.",
            ) from error
    console.print(f"The issuer answers ({(time.monotonic() - began) * 1000:.0f} ms).")


@group.command("audit")
def audit() -> None:
    """Ask the gateway's database whether its rows and its ledger agree."""
    with bank_ready():
        from niaga.plumbing.audit import registered, run_all

        found = run_all()
    for violation in found:
        console.print(str(violation))
    console.print(f"{registered()} checks, {len(found)} violations")
    if found:
        raise typer.Exit(1)
