"""Indonesian banks that sellers name, with the codes that bank files need."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: its clearing code (three digits, Bank Indonesia), its BIC (ISO 9362), its names."""

    code: str
    bic: str
    names: tuple[str, ...]


BANKS = (
    Bank("002", "BRINIDJA", ("BRI", "Bank Rakyat Indonesia")),
    Bank("008", "BMRIIDJA", ("Mandiri", "Bank Mandiri")),
    Bank("009", "BNINIDJA", ("BNI", "Bank Negara Indonesia")),
    Bank("011", "BDINIDJA", ("Danamon", "Bank Danamon Indonesia")),
    Bank("013", "BBBAIDJA", ("Permata", "PermataBank")),
    Bank("014", "CENAIDJA", ("BCA", "Bank Central Asia")),
    Bank("016", "IBBKIDJA", ("Maybank", "Maybank Indonesia")),
    Bank("019", "PINBIDJA", ("Panin", "Panin Bank")),
    Bank("022", "BNIAIDJA", ("CIMB Niaga", "CIMB")),
    Bank("028", "NISPIDJA", ("OCBC", "OCBC NISP")),
    Bank("110", "PDJBIDJA", ("BJB", "Bank Jabar", "Bank Jabar Banten")),
    Bank("147", "MUABIDJA", ("Muamalat", "Bank Muamalat Indonesia")),
    Bank("200", "BTANIDJA", ("BTN", "Bank Tabungan Negara")),
    Bank("426", "MEGAIDJA", ("Mega", "Bank Mega")),
    Bank("451", "BSMDIDJA", ("BSI", "Bank Syariah Indonesia")),
)


def _plain(name: str) -> str:
    """Return the name without what people write or leave out."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    return " ".join(word for word in words if word not in {"pt", "bank", "tbk", "persero"})


_BY_NAME = {_plain(name): bank for bank in BANKS for name in bank.names}
_BY_CODE = {bank.code: bank for bank in BANKS}


def find_bank(name: str) -> Bank | None:
    """Return the bank that a seller means by `name`, or None when we do not know it."""
    return _BY_NAME.get(_plain(name))


def bank_of_code(code: str) -> Bank | None:
    """Return the bank of a clearing code, or None when we do not know it."""
    return _BY_CODE.get(code)
