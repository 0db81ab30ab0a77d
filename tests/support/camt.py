"""A bank that writes statements of account, as camt.053 of the two versions we read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from niaga.kernel.money import CURRENCIES, Money

DAY = date(2027, 5, 3)


@dataclass(frozen=True)
class Line:
    """A booking; `amount` above zero came in. `reason` makes it a return.

    `account` is the number that was paid to.
    """

    reference: str
    amount: Money
    end_to_end_id: str = ""
    reason: str = ""
    status: str = "BOOK"
    text: str = ""
    name: str = "PT Toko"
    account: str = ""
    is_fee: bool = False
    day: date = DAY


def statement(*lines: Line | Sequence[Line], version: str = "08", named: str = "STMT-1") -> bytes:
    """A statement; several lines together are one entry that sums them up."""
    entries = "".join(_entry(line, version) for line in lines)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M-{named}</MsgId><CreDtTm>2027-05-03T23:00:00+07:00</CreDtTm></GrpHdr>
<Stmt><Id>{named}</Id><CreDtTm>2027-05-03T23:00:00+07:00</CreDtTm>
<Acct><Id><Othr><Id>0081234567</Id></Othr></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="IDR">0.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{DAY}</Dt></Dt></Bal>
{entries}</Stmt></BkToCstmrStmt></Document>""".encode()


_TRANSFER = "<Prtry><Cd>TRF</Cd></Prtry>"
_FEE = "<Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn>"


def _money(amount: Money) -> str:
    decimals = CURRENCIES[amount.currency].exponent
    return f'<Amt Ccy="{amount.currency}">{abs(amount.major):.{decimals}f}</Amt>'


def _direction(amount: Money) -> str:
    return f"<CdtDbtInd>{'CRDT' if amount.minor > 0 else 'DBIT'}</CdtDbtInd>"


def _entry(given: Line | Sequence[Line], version: str) -> str:
    lines = [given] if isinstance(given, Line) else list(given)
    first = lines[0]
    total = Money.total((line.amount for line in lines), first.amount.currency)
    status = first.status if version == "02" else f"<Cd>{first.status}</Cd>"
    reference = f"<AcctSvcrRef>{first.reference}</AcctSvcrRef>" if first.reference else ""
    return (
        f"<Ntry>{_money(total)}{_direction(total)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{first.day}</Dt></BookgDt>{reference}"
        f"<BkTxCd>{_FEE if first.is_fee else _TRANSFER}</BkTxCd><NtryDtls>"
        f"{''.join(_details(line, version, summed=len(lines) > 1) for line in lines)}"
        "</NtryDtls></Ntry>"
    )


def _details(line: Line, version: str, *, summed: bool) -> str:
    e2e = f"<EndToEndId>{line.end_to_end_id}</EndToEndId>" if line.end_to_end_id else ""
    other = "Dbtr" if line.amount.minor > 0 else "Cdtr"
    name = f"<Nm>{line.name}</Nm>"
    party = name if version == "02" else f"<Pty>{name}</Pty>"
    if version == "02":
        amount = f"<AmtDtls><TxAmt>{_money(line.amount)}</TxAmt></AmtDtls>" if summed else ""
    else:
        amount = f"{_money(line.amount)}{_direction(line.amount)}"
    number = f"<Id><Othr><Id>{line.account}</Id></Othr></Id>"
    paid_to = f"<CdtrAcct>{number}</CdtrAcct>" if line.account else ""
    returned = f"<RtrInf><Rsn><Cd>{line.reason}</Cd></Rsn></RtrInf>" if line.reason else ""
    words = f"<RmtInf><Ustrd>{line.text}</Ustrd></RmtInf>" if line.text else ""
    return (
        f"<TxDtls><Refs>{e2e}</Refs>{amount}"
        f"<RltdPties><{other}>{party}</{other}>{paid_to}</RltdPties>{words}{returned}</TxDtls>"
    )
