"""Serialised GTINs as RFID tags carry them: SGTIN-96, as 24 hexadecimal digits or as a URI.

GS1 EPC Tag Data Standard 1.13, sections 6.3.1 (urn:epc:id:sgtin), 12 (urn:epc:tag:sgtin-96) and 14 (the 96 bits: header
0x30 in 8, filter 3, partition 3, company prefix and item reference together 44, serial 38).
"""

import re
from dataclasses import dataclass
from typing import Final

from walkout.store.gtin import GtinError, check_digit, normalise

HEADER: Final = 0x30
PARTITIONS: Final = (
    (40, 12, 4, 1),
    (37, 11, 7, 2),
    (34, 10, 10, 3),
    (30, 9, 14, 4),
    (27, 8, 17, 5),
    (24, 7, 20, 6),
    (20, 6, 24, 7),
)
"""Of each partition value: bits and digits of the company prefix, bits and digits of the item reference with the
indicator digit before it (the SGTIN partition table)."""
SERIAL_BITS: Final = 38
LARGEST_SERIAL: Final = 2**SERIAL_BITS - 1
_URI: Final = re.compile(r"urn:epc:(?:tag:sgtin-96:([0-7])\.|id:sgtin:)([0-9]{6,12})\.([0-9]{1,7})\.([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Sgtin:
    """One item: its product, its serial number, and the kind of packing that the tag says (filter; 1: a consumer's)."""

    gtin: str
    serial: int
    filter: int = 1
    prefix_digits: int = 7
    """Digits of the GS1 company prefix: the tag says where it ends, the GTIN alone does not."""


def read(text: str) -> Sgtin | None:
    """What a tag says, from its 24 hexadecimal digits or from a URI; None where it is no SGTIN-96.

    Raises:
        ValueError: an SGTIN-96 whose parts do not fit the standard.
    """
    uri = _URI.fullmatch(text)
    if uri is not None:
        filter_, prefix, reference, serial = uri.groups()
        return _made(int(filter_ or 1), prefix, reference, serial)
    if not re.fullmatch(r"[0-9A-Fa-f]{24}", text):
        return None
    bits = int(text, 16)
    if bits >> 88 != HEADER:
        return None
    partition = bits >> 82 & 7
    if partition >= len(PARTITIONS):
        raise ValueError("found the partition value 7, right: 0 to 6")
    prefix_bits, prefix_digits, item_bits, item_digits = PARTITIONS[partition]
    both = bits >> SERIAL_BITS & (1 << prefix_bits + item_bits) - 1
    prefix, reference = both >> item_bits, both & (1 << item_bits) - 1
    if prefix >= 10**prefix_digits or reference >= 10**item_digits:
        raise ValueError(
            f"found a company prefix or an item reference of more than {prefix_digits} and {item_digits} digits"
        )
    serial = bits & LARGEST_SERIAL
    return _made(bits >> 85 & 7, f"{prefix:0{prefix_digits}d}", f"{reference:0{item_digits}d}", str(serial))


def hexadecimal(tag: Sgtin) -> str:
    """The 24 hexadecimal digits in a tag's memory; ValueError where the parts do not fit 96 bits."""
    prefix, reference = _parts(tag)
    partition = 12 - tag.prefix_digits
    item_bits = PARTITIONS[partition][2]
    head = (HEADER << 6 | tag.filter << 3 | partition) << 44
    return f"{(head | int(prefix) << item_bits | int(reference)) << SERIAL_BITS | tag.serial:024X}"


def uri(tag: Sgtin) -> str:
    """The tag's URI, urn:epc:tag:sgtin-96; ValueError where the parts do not fit 96 bits."""
    prefix, reference = _parts(tag)
    return f"urn:epc:tag:sgtin-96:{tag.filter}.{prefix}.{reference}.{tag.serial}"


def _parts(tag: Sgtin) -> tuple[str, str]:
    """Company prefix, and item reference behind its indicator digit."""
    if not 6 <= tag.prefix_digits <= 12 or not 0 <= tag.filter <= 7 or not 0 <= tag.serial <= LARGEST_SERIAL:
        raise ValueError(
            f"found {tag}, right: a prefix of 6 to 12 digits, a filter of 0 to 7, a serial below 2^{SERIAL_BITS}"
        )
    gtin = normalise(tag.gtin)
    return gtin[1 : 1 + tag.prefix_digits], gtin[0] + gtin[1 + tag.prefix_digits : 13]


def _made(filter_: int, prefix: str, reference: str, serial: str) -> Sgtin:
    if len(prefix) + len(reference) != 13 or (serial != "0" and serial.startswith("0")) or int(serial) > LARGEST_SERIAL:
        raise ValueError(
            f"found {prefix}.{reference}.{serial}, right: 13 digits before the serial, which is below 2^{SERIAL_BITS}"
        )
    payload = reference[0] + prefix + reference[1:]
    try:
        gtin = normalise(payload + check_digit(payload))
    except GtinError as error:
        raise ValueError(str(error)) from error
    return Sgtin(gtin, int(serial), filter_, len(prefix))
