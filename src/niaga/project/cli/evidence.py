"""`niaga evidence`: prove to a third person how an order was paid."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from niaga.project.cli.start import console, django_ready
from niaga.project.folders import demo_parties
from niaga.project.problem import Problem

if TYPE_CHECKING:
    from niaga.protocol.evidence import Proof

group = typer.Typer(
    no_args_is_help=True, help="Signed proof of card payments, for those who were not there."
)


@group.command("export")
def export(
    order: Annotated[str, typer.Argument(help="Reference of an order or purchase.")],
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it (default: REFERENCE.evidence).")
    ] = None,
) -> None:
    """Write down all that was signed when an order was paid by card."""
    target = file or Path(f"{order.strip().upper()}.evidence")
    with django_ready():
        from niaga.flows.money.card.settings import card_settings
        from niaga.flows.money.card.transport import UnreachableError
        from niaga.stages.ordering.proving import evidence_of

        if card_settings() is None:
            raise Problem("This market takes no cards.", "Name its gateway: NIAGA_GATEWAY_URL.")
        try:
            text = evidence_of(order)
        except UnreachableError as error:
            raise Problem(f"Not exported: {error}.", "Try again once it is there.") from error
    if text is None:
        raise Problem(f"{order} was not paid by card.", "Give the reference of an order.")
    target.write_text(text)
    console.print(f"Written: {target}; check it with `niaga evidence verify {target}`.")


@group.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The evidence.", exists=True, dir_okay=False)],
    root: Annotated[
        Path | None,
        typer.Option(envvar="NIAGA_PAYMENT_ROOT", help="Root certificates (PEM) to believe."),
    ] = None,
) -> None:
    """Check evidence offline, trusting nothing but the root; whatever was altered fails."""
    from cryptography import x509

    from niaga.protocol import evidence
    from niaga.protocol.errors import EvidenceError

    root = root or Path(demo_parties().get("NIAGA_PAYMENT_ROOT", "payment-root.pem"))
    if not root.is_file():
        raise Problem(
            "It is not known whom to believe.", "Name the payment's root: --root FILE (PEM)."
        )
    roots = x509.load_pem_x509_certificates(root.read_bytes())
    try:
        proof = evidence.verify(file.read_text(encoding="ascii").strip(), roots=roots)
    except (EvidenceError, UnicodeDecodeError) as error:
        console.print(f"[bold red]Does not hold[/]: {error}")
        raise typer.Exit(1) from None
    console.print(_told(proof))
    console.print("[bold green]Holds[/]: every signature, certificate and link was checked.")


def _told(proof: "Proof") -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    rows = {
        "Purchase": proof.xid,
        "Paid to": f"{proof.merchant.name} ({proof.merchant.subject})",
        "Through": f"{proof.gateway.name} ({proof.gateway.subject})",
        "By": f"the holder of certificate {proof.buyer.thumbprint}",
        "Amount": _money(proof.amount.minor, proof.amount.currency),
        "Signed": f"{proof.signed_at:%Y-%m-%d %H:%M:%S} UTC",
        "Answer": proof.result,
    }
    for name, value in rows.items():
        table.add_row(name, value)
    for line in proof.order.lines if proof.order else ():
        amount = _money(line.total_minor, proof.amount.currency)
        table.add_row("", f"{line.quantity} × {line.name}: {amount}")
    for moved in proof.moved:
        amount = _money(moved.amount.minor, moved.amount.currency) if moved.amount else "the rest"
        table.add_row(moved.operation, f"{amount}, {moved.at:%Y-%m-%d %H:%M:%S} UTC")
    return table


def _money(minor: int, currency: str) -> str:
    from niaga.kernel.money import Money

    return f"{currency} {Money(minor, currency).major:,.2f}"
