"""`niaga payer-simulator`: a payer's bank that is none, for trying codes."""

from typing import Annotated

import typer

from niaga.project.cli.start import bank_ready, console
from niaga.project.problem import Problem


def payer_simulator(
    code: Annotated[str, typer.Argument(help="A QRIS code's text, or a virtual account's number.")],
    amount: Annotated[
        int | None, typer.Option(help="Rupiah to send; absent: what the code asks for.")
    ] = None,
) -> None:
    """Simulate a payer: pay a code as their bank would; the merchant hears of it as of any."""
    with bank_ready():
        from niaga.gateway import payer_simulator as simulator
        from niaga.kernel.money import Money
        from niaga.kernel.refusal import Refusal

        try:
            simulator.pay(code, Money.of(amount) if amount else None)
        except Refusal as refusal:
            raise Problem(
                f"Not paid: {refusal.code.replace('_', ' ')}.",
                "A code is paid once, before its deadline, to the rupiah.",
            ) from refusal
    console.print("Paid; no real money moved.")
