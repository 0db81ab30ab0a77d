"""The books in the two formats of plain-text accounting: hledger's and beancount's.

Both get the same account names: beancount's rule is the stricter one (every part begins with a
capital letter or a digit). Both say at the end what every account must hold, so that the reader's
program adds up the lines by itself and compares.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from niaga.kernel.money import CURRENCIES, Money
from niaga.ledger.books import BookAccount, BookEntry, Books

_TITLE = "Niaga's books"


def as_hledger(books: Books, owners: Mapping[UUID, str]) -> Iterator[str]:
    """Yield the books as hledger's journal; `owners` names the owners of accounts."""
    names = _names(books)
    yield f"; {_TITLE}\ndecimal-mark .\n\n"
    for code in _currencies(books):
        yield f"commodity {_hledger_style(code)}\n"
    yield "\n"
    for name, account in _declared(books):
        said = _said(owners, account)
        yield f"account {name}{f'  ; {said}' if said else ''}\n"
    for entry in books.entries:
        yield f"\n{_day(entry)} {entry.kind}  ; cause:{entry.cause_id}\n"
        for name, amount in _postings(entry, names):
            yield f"    {name}  {amount}\n"
    if books.until:
        yield f"\n{localdate(books.until)} closing balances\n"
        for account in books.accounts:
            zero = _text(Money.zero(account.balance.currency))
            yield f"    {_name(account)}  {zero} = {_text(account.balance)}\n"


def as_beancount(books: Books, owners: Mapping[UUID, str]) -> Iterator[str]:
    """Yield the books as beancount's ledger; `owners` names the owners of accounts."""
    names = _names(books)
    yield f'option "title" "{_TITLE}"\n'
    for code in _currencies(books):
        yield f'option "operating_currency" "{code}"\n'
    yield "\n"
    for name, account in _declared(books):
        assert books.since is not None, "an account in use has an entry"
        yield f"{localdate(books.since)} open {name}\n"
        if said := _said(owners, account):
            yield f'  owner: "{said}"\n'
    for entry in books.entries:
        yield f'\n{_day(entry)} * "{entry.kind}"\n  cause: "{entry.cause_id}"\n'
        for name, amount in _postings(entry, names):
            yield f"  {name}  {amount}\n"
    if books.until:
        # beancount checks a balance before anything of its day, and is lenient unless told.
        after = localdate(books.until) + timedelta(days=1)
        yield "\n"
        for account in books.accounts:
            amount, code = _text(account.balance).split()
            yield f"{after} balance {_name(account)}  {amount} ~ 0 {code}\n"


def _name(account: BookAccount) -> str:
    words = "-".join(word.capitalize() for word in account.kind.name.split("_"))
    parts = [account.kind.category.capitalize(), words]
    return ":".join([*parts, str(account.owner_id).upper()] if account.owner_id else parts)


def _names(books: Books) -> dict[UUID, str]:
    return {account.account_id: _name(account) for account in books.accounts}


def _declared(books: Books) -> Iterator[tuple[str, BookAccount]]:
    """Yield each name once: an owner's accounts of several currencies share theirs."""
    return iter({_name(account): account for account in books.accounts}.items())


def _currencies(books: Books) -> list[str]:
    return sorted({account.balance.currency for account in books.accounts})


def _said(owners: Mapping[UUID, str], account: BookAccount) -> str:
    """Return the owner's name without what either format reads as its own sign."""
    name = owners.get(account.owner_id, "") if account.owner_id else ""
    return " ".join("".join(c if c not in '";\\:,' else " " for c in name).split())


def _day(entry: BookEntry) -> date:
    return localdate(entry.posted_at)


def _postings(entry: BookEntry, names: Mapping[UUID, str]) -> Iterator[tuple[str, str]]:
    for debit, credit, amount in entry.movements:
        yield names[debit], _text(amount)
        yield names[credit], _text(-amount)


def _text(amount: Money) -> str:
    return f"{amount.major:.{CURRENCIES[amount.currency].exponent}f} {amount.currency}"


def _hledger_style(code: str) -> str:
    """Return how amounts look; hledger wants the decimal mark even where no decimals follow."""
    return f"1000.{'0' * CURRENCIES[code].exponent} {code}"
