"""What `niaga demo` shows once the market is open: where it is, who may sign in, whom to trust."""

import sys
from pathlib import Path

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from niaga.gateway.issuer_simulator.cards import CARDS, CVC
from niaga.project.cli.gateway import DEMO_CLERK, DEMO_PASSWORD
from niaga.project.demo_cards import Ports

PLACES = {
    "Buyer": ("", "shops, pays, reviews"),
    "Seller": ("/seller/", "lists, ships, is paid"),
    "Operator": ("/office/", "confirms, settles"),
}


def welcome(
    *,
    site_url: str,
    http_port: int,
    logins: list[tuple[str, str, str]],
    data: Path,
    authority: Path,
    cards: Ports | None,
) -> Panel:
    """Return the panel; `logins` are (role, mail address, password)."""
    head = Text.assemble(("The market is open: ", "bold"), (site_url, f"bold cyan link {site_url}"))
    parts = (
        head,
        Text(f"http://localhost:{http_port} leads there, too.", style="dim"),
        Text(),
        _people(site_url, logins),
        *((Text(), _cards(cards)) if cards else ()),
        Text(),
        _files(data),
        Text(),
        Text("Your browser will warn: the demo signs its certificate itself.", style="bold"),
        _trust(site_url, authority),
    )
    return Panel(
        Group(*parts),
        title="[bold]Niaga[/]",
        subtitle="Ctrl-C stops; the data stay",
        border_style="green",
        padding=(1, 2),
    )


def _people(site_url: str, logins: list[tuple[str, str, str]]) -> Group:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("Sign in as", "mail address", "and see"):
        table.add_column(title, no_wrap=title != "and see")
    for role, email, _ in logins:
        path, duty = PLACES[role]
        seen = Text.assemble((path or "/", f"cyan link {site_url}{path or '/'}"), f"  {duty}")
        table.add_row(role, Text(email, style="bold"), seen)
    passwords = ", ".join(sorted({password for _, _, password in logins}))
    return Group(table, Text(), Text.assemble("The password of each is ", (passwords, "bold"), "."))


def _cards(ports: Ports) -> Group:
    pays, broke = CARDS[0], CARDS[2]
    table = Table.grid(padding=(0, 2))
    wallet, office = (f"https://localhost:{port}" for port in (ports.wallet, ports.office))
    table.add_row("Wallet", Text(f"{wallet}/", f"cyan link {wallet}/"))
    table.add_row(
        "Bank's office",
        Text.assemble(
            (f"{office}/", f"cyan link {office}/"),
            f"  {DEMO_CLERK}, {DEMO_PASSWORD}",
        ),
    )
    for card in (pays, broke):
        number = " ".join(card.pan[i : i + 4] for i in range(0, len(card.pan), 4))
        table.add_row(
            "Test card", Text.assemble((number, "bold"), f"  {card.expiry}  {CVC}  {card.promise}")
        )
    head = Text("Card payments open a few seconds later.", style="dim")
    return Group(table, head)


def _files(data: Path) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_row("Mails sent", Text(str(data / "mail"), overflow="fold"))
    table.add_row("Logs", Text(str(data / "log"), overflow="fold"))
    return table


def _trust(site_url: str, authority: Path) -> Table:
    ways = [
        ("now", "accept the warning ('Advanced'), which is enough to look around"),
        ("Firefox", f"Settings, Certificates, Authorities, Import: {authority}"),
        (
            "Chrome",
            f"chrome://certificate-manager, Custom, Trusted Certificates, Import: {authority}",
        ),
        ("curl", f"curl --cacert {authority} {site_url}/"),
    ]
    if sys.platform == "darwin":
        keychain = "/Library/Keychains/System.keychain"
        ways[2] = (
            "macOS",
            f"sudo security add-trusted-cert -d -r trustRoot -k {keychain} {authority}",
        )
    table = Table.grid(padding=(0, 2))
    for name, way in ways:
        table.add_row(Text(name, style="dim"), Text(way, overflow="fold"))
    return table
