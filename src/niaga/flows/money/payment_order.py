"""Payouts as ISO 20022's credit transfer (pain.001.001.09), for banks that take it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from uuid import UUID

from anyascii import anyascii
from django.conf import settings
from django.db.models import Count, Sum
from django.utils.timezone import localdate
from lxml import etree

from niaga.flows.money.models import Payout, PayoutBatch
from niaga.kernel.money import CURRENCIES, Money
from niaga.parties.banks import bank_of_code

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_AT_ONCE = 2_000
# What every bank can read: the Latin letters, digits and signs of the payments world.
_UNWELCOME = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")


def can_order_payments() -> bool:
    """Say whether the operator named the account that payouts leave from."""
    return bool(settings.BANK_ACCOUNT and settings.BANK_BIC)


def end_to_end_id(payout_id: UUID) -> str:
    """Return how a payout is called on its way through the banks: 32 of the 35 characters."""
    return payout_id.hex


def write_payment_order(batch_id: UUID, file: IO[bytes]) -> None:
    """Write the batch's payouts that still wait or were paid; the same bytes each time."""
    assert can_order_payments(), "no account to pay from"
    batch = PayoutBatch.objects.get(pk=batch_id)
    payouts = Payout.objects.filter(batch=batch)
    sums = payouts.aggregate(count=Count("pk"), total=Sum("amount_minor"))
    total = _amount(Money(int(sums["total"] or 0), batch.currency))
    counted = (("NbOfTxs", str(sums["count"])), ("CtrlSum", total))
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with _inside(xml, "Document", nsmap={None: NAMESPACE}), _inside(xml, "CstmrCdtTrfInitn"):
            header = _element("GrpHdr")
            _text(header, "MsgId", f"NIAGA-{batch.number}-{batch.id.hex[:12]}")
            _text(header, "CreDtTm", batch.made_at.isoformat(timespec="seconds"))
            for name, value in counted:
                _text(header, name, value)
            _text(_child(header, "InitgPty"), "Nm", _payer())
            xml.write(header)
            with _inside(xml, "PmtInf"):
                for element in _payment_information(batch, counted):
                    xml.write(element)
                for payout in payouts.order_by("id").iterator(chunk_size=_AT_ONCE):
                    xml.write(_transfer(payout, batch.number))


def _payment_information(
    batch: PayoutBatch, counted: tuple[tuple[str, str], ...]
) -> Iterator[etree._Element]:
    """Yield what all transfers of the file share."""
    yield _leaf("PmtInfId", f"NIAGA-{batch.number}")
    yield _leaf("PmtMtd", "TRF")
    for name, value in counted:
        yield _leaf(name, value)
    day = _element("ReqdExctnDt")
    _text(day, "Dt", localdate(batch.made_at).isoformat())
    yield day
    payer = _element("Dbtr")
    _text(payer, "Nm", _payer())
    yield payer
    account = _account("DbtrAcct", settings.BANK_ACCOUNT)
    _text(account, "Ccy", batch.currency)
    yield account
    agent = _element("DbtrAgt")
    _text(_child(agent, "FinInstnId"), "BICFI", settings.BANK_BIC)
    yield agent


def _transfer(payout: Payout, number: int) -> etree._Element:
    transfer = _element("CdtTrfTxInf")
    _text(_child(transfer, "PmtId"), "EndToEndId", end_to_end_id(payout.id))
    amount = _text(
        _child(transfer, "Amt"), "InstdAmt", _amount(Money(payout.amount_minor, payout.currency))
    )
    amount.set("Ccy", payout.currency)
    bank = bank_of_code(payout.bank_code)
    agent = _child(_child(transfer, "CdtrAgt"), "FinInstnId")
    _text(agent, "BICFI" if bank else "Nm", bank.bic if bank else _plain(payout.bank_name, 140))
    _text(_child(transfer, "Cdtr"), "Nm", _plain(payout.bank_holder, 140))
    transfer.append(_account("CdtrAcct", payout.bank_account))
    _text(_child(transfer, "RmtInf"), "Ustrd", f"{_plain(settings.MARKET_NAME, 60)} {number}")
    return transfer


def _payer() -> str:
    return _plain(settings.MARKET_LEGAL_NAME or settings.MARKET_NAME, 140)


def _amount(amount: Money) -> str:
    return f"{amount.major:.{CURRENCIES[amount.currency].exponent}f}"


def _plain(words: str, longest: int) -> str:
    text = " ".join(_UNWELCOME.sub(" ", anyascii(words)).split())
    return text[:longest].strip() or "-"


def _account(name: str, number: str) -> etree._Element:
    account = _element(name)
    other = _child(_child(account, "Id"), "Othr")
    _text(other, "Id", re.sub(r"[^A-Za-z0-9]", "", number)[:34])
    return account


@contextmanager
def _inside(xml: Any, name: str, **attributes: Any) -> Iterator[None]:
    with xml.element(f"{{{NAMESPACE}}}{name}", **attributes):
        yield


def _element(name: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})


def _leaf(name: str, text: str) -> etree._Element:
    element = _element(name)
    element.text = text
    return element


def _child(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = _child(parent, name)
    element.text = text
    return element
