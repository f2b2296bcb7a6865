"""GTINs: 8, 12, 13 or 14 digits and UPC-E in, 14-digit text out; and numbers of our own for goods that have none."""

import hashlib
import re
from collections.abc import Container, Iterable

from biip import ParseError
from biip.checksums import gs1_standard_check_digit
from biip.upc import Upc

_RESTRICTED = "04"
"""GS1 prefix of numbers that a company gives out for itself; they mean nothing outside, and no maker uses them.
GS1 General Specifications, release 18, section 2.1.13.2, "Company internal numbering - RCN-13 GS1 Prefix 04"."""

_ROOM = 10**9


class GtinError(ValueError):
    """A text that is no GTIN: what was found, and what would be right."""

    def __init__(self, found: str, right: str) -> None:
        self.found, self.right = found, right
        super().__init__(f"found {found}, right: {right}")


def check_digit(payload: str) -> str:
    """The check digit of a GTIN without its last digit (GS1 General Specifications, section 7.9.1)."""
    return str(gs1_standard_check_digit(payload))


def normalise(text: str, *, upc: bool = False) -> str:
    """A GTIN as 14 digits, whatever form it was written in.

    Eight digits that begin with 0 may be a UPC-E; it is expanded where the digits do not also make a valid GTIN-8,
    or where the source says that its numbers are UPCs (`upc`). Nine to eleven digits are a GTIN-12 whose leading
    zeros a spreadsheet dropped (`zeros_lost` tells).

    Raises GtinError, a ValueError, when it is none, or when it can be read in two ways.
    """
    digits = text.strip()
    if not re.fullmatch(r"[0-9]+", digits):
        raise GtinError(_short(text) if digits else "nothing", f"digits only{_spreadsheet(digits)}")
    if not 8 <= len(digits) <= 14:
        raise GtinError(f"{len(digits)} digits in {_short(digits)}", "8, 12, 13 or 14 digits with all leading zeros")
    if not digits.strip("0"):
        raise GtinError(f"only zeros in {digits!r}", "a number that GS1 or the shop gave out")
    filled = digits.zfill(14)
    wanted = check_digit(filled[:-1])
    expanded = upc_e(digits)
    if filled[-1] == wanted and expanded is not None and not upc:
        both = f"{digits!r}, which is GTIN-8 {filled} or UPC-E {expanded}"
        raise GtinError(both, "all 14 digits of the one that is meant")
    if expanded is not None:
        return expanded
    if filled[-1] == wanted:
        return filled
    raise GtinError(f"check digit {filled[-1]} in {digits!r}", f"{wanted}, if the other digits are right")


def zeros_lost(text: str) -> bool:
    """Whether a text that `normalise` takes is shorter than any GTIN, as spreadsheets leave it."""
    return len(text.strip()) in (9, 10, 11)


def upc_e(text: str) -> str | None:
    """The GTIN that a UPC-E of 8 digits stands for; None when it is not one, or its check digit is wrong.

    GS1 has UPC-E for number system 0 only (General Specifications, section 5.2.2.4).
    """
    if not re.fullmatch(r"0[0-9]{7}", text):
        return None
    try:
        return Upc.parse(text).as_gtin_14()
    except ParseError:
        return None


def is_restricted(gtin: str) -> bool:
    """Whether a 14-digit GTIN is of the range that a company gives out to itself."""
    return gtin.startswith(f"0{_RESTRICTED}")


def restricted(text: str, taken: Container[str] = ()) -> str:
    """A company-internal number for an id that is no GTIN: always the same for the same id, never one that is `taken`.

    Up to nine digits stay readable: '44' becomes 04 2 000000044 with its check digit. Other ids are hashed (SHA-256).
    """
    if re.fullmatch(r"[0-9]{1,9}", text):
        gtin = _number(f"{len(text)}{text.zfill(9)}")
        if gtin not in taken:
            return gtin
    for attempt in range(1000):
        digest = hashlib.sha256(f"{attempt}:{text}".encode()).digest()
        gtin = _number(f"0{int.from_bytes(digest, 'big') % _ROOM:09d}")
        if gtin not in taken:
            return gtin
    raise GtinError(f"no free number for {_short(text)}", f"far fewer than {_ROOM} ids")


def restricted_all(texts: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Numbers for many ids at once, all different and none `taken`; the order of the ids does not matter."""
    used, numbers = set(taken), {}
    for text in sorted(set(texts)):
        numbers[text] = restricted(text, used)
        used.add(numbers[text])
    return numbers


def _number(ten_digits: str) -> str:
    payload = f"0{_RESTRICTED}{ten_digits}"
    return payload + check_digit(payload)


def _spreadsheet(text: str) -> str:
    exponent = re.fullmatch(r"[0-9.,]+[eE][+]?[0-9]+", text)
    return (
        " (a spreadsheet made this a rounded number; format the column as text and enter it again)" if exponent else ""
    )


def _short(text: str) -> str:
    return repr(text) if len(text) <= 40 else f"{text[:40]!r}…"
