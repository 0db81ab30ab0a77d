"""`niaga authority`: who gets a certificate, and who loses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
from rich.table import Table

from niaga.project.cli.start import bank_ready, console
from niaga.project.problem import Problem

group = typer.Typer(no_args_is_help=True, help="The payment's certificate authority.")


@contextmanager
def _refusals() -> Iterator[None]:
    from niaga.kernel.refusal import Refusal

    try:
        yield
    except Refusal as refusal:
        raise Problem(f"Not done: {refusal}.", "See `niaga authority orders`.") from refusal


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem(f"{text} is no order.", "See `niaga authority orders`.") from None


OrderId = Annotated[str, typer.Argument(help="The order's id, as `niaga authority orders` tells.")]


@group.command("root")
def root() -> None:
    """Tell where the root certificate lies, for merchants and wallets to trust."""
    with bank_ready():
        from niaga.gateway.keys import keyring

        console.print(str(keyring().root_file), soft_wrap=True)


@group.command("orders")
def orders() -> None:
    """List the orders that wait for a decision."""
    with bank_ready():
        from niaga.gateway.authority.models import CertificateOrder

        table = Table()
        table.add_column("Order", no_wrap=True, min_width=36)  # it is copied to `approve`
        for title in ("Role", "Use", "Address", "Name", "Since"):
            table.add_column(title, overflow="fold")
        for order in CertificateOrder.objects.filter(state="waiting").order_by("ordered_at"):
            since = f"{order.ordered_at:%Y-%m-%d %H:%M}"
            table.add_row(str(order.id), order.role, order.use, order.address, order.name, since)
    console.print(table)


@group.command("approve")
def approve(order: OrderId) -> None:
    """Issue what was ordered; be sure who it is."""
    with bank_ready():
        from niaga.gateway.authority.commands.order_certificate import approve_order
        from niaga.gateway.keys import keyring

        with _refusals():
            approve_order(keyring=keyring(), order_id=_id(order))
    console.print("Issued.")


@group.command("refuse")
def refuse(order: OrderId) -> None:
    """Turn an order down."""
    with bank_ready():
        from niaga.gateway.authority.commands.order_certificate import refuse_order

        with _refusals():
            refuse_order(order_id=_id(order))
    console.print("Refused.")


@group.command("issue")
def issue(
    role: Annotated[Literal["merchant", "gateway"], typer.Argument()],
    use: Annotated[Literal["sign", "encrypt", "transport"], typer.Argument()],
    address: Annotated[str, typer.Argument(help="Origin it speaks for: https://...")],
    name: Annotated[str, typer.Argument(help="Its name as people read it.")],
    file: Annotated[Path, typer.Argument(help="Where key and chain are written (PEM, new).")],
) -> None:
    """Make a key and issue its certificate, for parties that can't order one themselves."""
    _must_be_new(file)
    with bank_ready():
        from niaga.gateway.authority.commands.issue_certificate import issue_certificate
        from niaga.gateway.authority.commands.order_certificate import holder_of
        from niaga.gateway.keys import keyring
        from niaga.plumbing.key_files import chain_pem, key_pem, write_private
        from niaga.protocol.authority import new_key
        from niaga.protocol.errors import CertificateError
        from niaga.protocol.formats.x509 import Use

        key = new_key()
        try:
            chain = issue_certificate(
                authority=keyring().authority(role),
                key=key.public_key(),
                holder=holder_of(address, name, Use(use)),
                use=Use(use),
            )
        except CertificateError as error:
            raise Problem(f"Not issued: {error}.", "See niaga authority issue --help.") from error
        write_private(file, key_pem(key) + chain_pem(chain))
    console.print(f"Issued: {file}")


@group.command("renew")
def renew(
    old: Annotated[Path, typer.Argument(help="Key and chain, or the chain (PEM), that ends soon.")],
    file: Annotated[Path, typer.Argument(help="Where new key and chain are written (PEM, new).")],
) -> None:
    """Issue the next certificate of a live one: same role, use, address and name, a new key.

    Parties that run Niaga renew theirs by themselves; this is for those `issue` was for.
    """
    _must_be_new(file)
    with bank_ready():
        from cryptography import x509

        from niaga.gateway.authority.commands.renew_certificate import renew_by_operator
        from niaga.gateway.keys import keyring
        from niaga.plumbing.key_files import chain_pem, key_pem, write_private
        from niaga.protocol.authority import new_key
        from niaga.protocol.errors import ProtocolError

        key = new_key()
        try:
            shown = tuple(x509.load_pem_x509_certificates(old.read_bytes()))
            with _refusals():
                chain = renew_by_operator(keyring=keyring(), chain=shown, key=key.public_key())
        except (OSError, ValueError) as error:
            raise Problem(f"{old} holds no certificate.", "Name the file `issue` wrote.") from error
        except ProtocolError as error:
            way_out = "What ended or was withdrawn is not renewed: `niaga authority issue`."
            raise Problem(f"Not renewed: {error}.", way_out) from error
        write_private(file, key_pem(key) + chain_pem(chain))
    console.print(f"Renewed: {file}; the former one holds until its end, or until it is revoked.")


def _must_be_new(file: Path) -> None:
    if file.exists():
        raise Problem(f"{file} exists.", "Name a new file: a certificate needs a new key.")


@group.command("revoke")
def revoke(
    whom: Annotated[str, typer.Argument(help="A certificate's thumbprint, or a whole subject.")],
) -> None:
    """Withdraw a certificate, or every certificate of a subject (an address, a pseudonym)."""
    with bank_ready():
        from niaga.gateway.authority.commands.revoke_certificate import revoke_certificates

        count = revoke_certificates(thumbprint=whom) or revoke_certificates(subject=whom)
    console.print(f"Withdrawn: {count}; in force within a minute.")
    if not count:
        raise typer.Exit(1)
