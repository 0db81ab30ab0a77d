"""`niaga`: the market from the terminal."""

import typer

from niaga.project.cli import (
    audit,
    authority,
    bench,
    demo,
    documents,
    evidence,
    exporting,
    gateway,
    importing,
    issuer,
    manage,
    migrate,
    payer,
    reconcile,
    serve,
    wallet,
    worker,
)
from niaga.project.cli.start import TellingGroup

app = typer.Typer(
    cls=TellingGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # a plain traceback reads better in a log
    help="A marketplace anyone can host. Everything lies in NIAGA_DATA (default: .niaga); "
    "DATABASE_URL names another PostgreSQL than the embedded one.",
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("wallet")(wallet.wallet)
app.command("issuer-simulator")(issuer.issuer_simulator)
app.command("payer-simulator")(payer.payer_simulator)
app.command("migrate")(migrate.migrate)
app.command("audit")(audit.audit)
app.command("reconcile")(reconcile.reconcile)
app.command(
    "manage",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(manage.manage)
app.add_typer(importing.group, name="import")
app.add_typer(exporting.group, name="export")
app.add_typer(gateway.group, name="gateway")
app.add_typer(authority.group, name="authority")
app.add_typer(documents.group, name="documents")
app.add_typer(evidence.group, name="evidence")
app.add_typer(bench.group, name="bench")

if __name__ == "__main__":
    app()
