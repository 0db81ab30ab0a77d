"""The bank's statement of account (ISO 20022 camt.053): checked against its schema, then read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import ClassVar

from lxml import etree

from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal

_SCHEMAS = Path(__file__).parent / "schemas"
_FAMILY = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = ("camt.053.001.02", "camt.053.001.08")
# ISO 20022's sub-families of bookings by which a bank takes something for its own work.
_FEES = ("CHRG", "FEES", "COMM")
_ACCOUNT_NUMBER = re.compile(r"(?<!\d)\d{8,24}(?!\d)")
_INSIDE_NUMBER = re.compile(r"(?<=\d)[ .-](?=\d)")


@dataclass(eq=False)
class StatementUnreadable(Refusal):
    """The file is no statement that can be read: `rule` says which rule it breaks, `line` where."""

    code: ClassVar[str] = "statement_unreadable"
    rule: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Booking:
    """One booked movement of the account; `amount` is above zero where money came in.

    `reference` is the bank's own and the same in every statement, where the bank gives one.
    `own_reference` is what the bank calls it, nothing where it does not. `reason` is why money was
    sent back, such as `AC04`; empty for what is no return. `numbers` may be the virtual account
    that was paid to. `is_fee`: the bank took it for itself.
    """

    reference: str
    own_reference: str
    end_to_end_id: str
    amount: Money
    booked_on: date
    counterparty: str
    text: str
    reason: str
    numbers: tuple[str, ...] = ()
    is_fee: bool = False


def read_statement(content: bytes) -> tuple[Booking, ...]:
    """Return what was booked, money that left first; what is only pending is left out.

    Raises:
        StatementUnreadable: no XML, no camt.053 of a version we know, not valid by its schema, or
            in a currency that the market does not keep.
    """
    root = _parsed(content)
    name = etree.QName(root)
    version = (name.namespace or "").removeprefix(_FAMILY)
    if name.localname != "Document" or version not in VERSIONS:
        raise StatementUnreadable("not_camt053")
    schema = _schema(version)
    if not schema.validate(root):
        raise StatementUnreadable("not_valid", schema.error_log[0].line)
    statements = root.iterfind("{*}BkToCstmrStmt/{*}Stmt")
    bookings = [booking for statement in statements for booking in _bookings(statement)]
    return tuple(sorted(bookings, key=lambda booking: booking.amount.minor > 0))


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise StatementUnreadable("not_xml", error.lineno or 0) from None
    if root.getroottree().docinfo.doctype:
        raise StatementUnreadable("not_camt053")
    return root


@cache
def _schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMAS / f"{version}.xsd"))


def _bookings(statement: etree._Element) -> Iterator[Booking]:
    account = _find(statement, "Acct/Id/IBAN") or _find(statement, "Acct/Id/Othr/Id")
    named = _find(statement, "Id")
    for number, entry in enumerate(statement.iterfind("{*}Ntry"), start=1):
        status = _find(entry, "Sts/Cd") or _find(entry, "Sts")
        if status != "BOOK":
            continue
        reference = _find(entry, "AcctSvcrRef") or _find(entry, "NtryRef") or f"{named}/{number}"
        parts = entry.findall("{*}NtryDtls/{*}TxDtls") or [entry]
        for part_number, part in enumerate(parts, start=1):
            own = _find(part, "Refs/AcctSvcrRef")
            if not own and len(parts) == 1:
                own = _find(entry, "AcctSvcrRef")
            place = reference if len(parts) == 1 else f"{reference}/{part_number}"
            yield _booking(f"{account}:{own or place}"[:120], own, entry, part)


def _booking(reference: str, own: str, entry: etree._Element, part: etree._Element) -> Booking:
    """Return one movement: of an entry, or of the several that an entry sums up."""
    direction = _find(part, "CdtDbtInd") or _find(entry, "CdtDbtInd")
    other = "Dbtr" if direction == "CRDT" else "Cdtr"
    party = f"RltdPties/{other}"
    words = [_find(part, "RmtInf/Ustrd"), _find(part, "AddtlTxInf") or _find(entry, "AddtlNtryInf")]
    reason = _find(part, "RtrInf/Rsn/Cd") or _find(part, "RtrInf/Rsn/Prtry")
    if not reason and _find(entry, "RvslInd") == "true":
        reason = "reversed"
    return Booking(
        reference=reference,
        own_reference=own,
        end_to_end_id=_find(part, "Refs/EndToEndId"),
        amount=_amount(entry, part) * (1 if direction == "CRDT" else -1),
        booked_on=date.fromisoformat(
            (
                _find(entry, "BookgDt/Dt")
                or _find(entry, "BookgDt/DtTm")
                or _find(entry, "ValDt/Dt")
            )[:10]
        ),
        counterparty=(_find(part, f"{party}/Nm") or _find(part, f"{party}/Pty/Nm"))[:140],
        text=" ".join(word for word in words if word)[:500],
        reason=reason,
        numbers=_numbers(part, words),
        is_fee=_is_fee(entry, part),
    )


def _numbers(part: etree._Element, words: list[str]) -> tuple[str, ...]:
    """Return what may be an account number, the likeliest first, each once."""
    likely = (
        _find(part, "RltdPties/CdtrAcct/Id/Othr/Id"),
        _find(part, "RmtInf/Strd/CdtrRefInf/Ref"),
        _find(part, "Refs/EndToEndId"),
        *words,
    )
    together = (_INSIDE_NUMBER.sub("", text) for text in likely)
    texts = [text for pair in zip(likely, together, strict=True) for text in pair]
    return tuple(dict.fromkeys(n for text in texts for n in _ACCOUNT_NUMBER.findall(text)))


def _is_fee(entry: etree._Element, part: etree._Element) -> bool:
    code = "BkTxCd/Domn/Fmly/SubFmlyCd"
    return (_find(part, code) or _find(entry, code)) in _FEES


def _amount(entry: etree._Element, part: etree._Element) -> Money:
    for place in ("{*}AmtDtls/{*}TxAmt/{*}Amt", "{*}Amt"):
        element = part.find(place)
        if element is not None:
            break
    else:
        element = entry.find("{*}Amt")
    assert element is not None, "the schema wants an amount"
    code = element.get("Ccy", "")
    if code not in CURRENCIES:
        raise StatementUnreadable("currency_unknown", element.sourceline or 0)
    try:
        return Money.of(Decimal(element.text or ""), code)
    except ValueError:
        raise StatementUnreadable("too_many_decimals", element.sourceline or 0) from None


def _find(element: etree._Element, path: str) -> str:
    """Return the text at the path of local names, or nothing."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return (found.text or "").strip() if found is not None else ""
