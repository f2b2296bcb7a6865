"""Sales as EPCIS 2.0 events in JSON-LD, products and places as GS1 Digital Link ids.

One ObjectEvent a sale: OBSERVE, `retail_selling`, `retail_sold`, with quantities by GTIN; what comes back by a later
revision is `receiving`, `returned`. Names are those of GS1's EPCIS and CBV 2.0; their schema is not in this package,
`schemas/epcis.schema.json` is Walkout's own text for the part that is written here; a test holds the export against
both.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson

from walkout.checkout.cloudevent import instant
from walkout.checkout.sale import Change, Sale
from walkout.store.gtin import is_restricted

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
DIGITAL_LINK = "https://id.gs1.org/01/"
RECEIPT = "urn:walkout:btt:receipt"
"""The kind of transaction: the CBV's own list has none for a till's receipt, and is open to URIs of others."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epcis(found: Iterable[Sale], store: str, timezone: str, created_ns: int, location: str = "") -> dict[str, Any]:
    """An EPCISDocument of sales.

    `location`: the shop's id as GS1 knows it (a Digital Link such as https://id.gs1.org/414/<GLN>), else a URN of
    Walkout's. The document says nothing of who bought.
    """
    zone = ZoneInfo(timezone)
    where = location or f"urn:walkout:store:{quote(store, safe='')}"
    events = [event for sale in found for event in _events(sale, where, zone)]
    return {
        "@context": [CONTEXT, {"walkout": "urn:walkout:ns:"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": instant(created_ns),
        "epcisBody": {"eventList": events},
    }


def product_class(gtin: str) -> str:
    """The class of a product: a Digital Link, or a URN where the number is the shop's own and means nothing outside."""
    return f"urn:walkout:product:{gtin}" if is_restricted(gtin) else f"{DIGITAL_LINK}{gtin}"


@cache
def schema() -> dict[str, Any]:
    """Walkout's own JSON Schema of the part of EPCIS 2.0 that is written here."""
    read = orjson.loads(files("walkout.checkout").joinpath("schemas/epcis.schema.json").read_bytes())
    assert isinstance(read, dict)  # noqa: S101 - a file of this package
    return read


def _events(sale: Sale, where: str, zone: ZoneInfo) -> Iterable[dict[str, Any]]:
    receipt = sale.receipt
    at_ns = receipt.left_ns if sale.before is None else sale.issued.issued_ns
    for back in (False, True):
        quantities = [_quantity(change) for change in sale.changes if change.returned == back and change.quantity]
        if not quantities:
            continue
        yield {
            "type": "ObjectEvent",
            "eventID": f"urn:walkout:event:{quote(receipt.visit, safe='')}:{receipt.revision}:{int(back)}",
            "eventTime": instant(at_ns),
            "eventTimeZoneOffset": _offset(at_ns, zone),
            "action": "OBSERVE",
            "bizStep": "receiving" if back else "retail_selling",
            "disposition": "returned" if back else "retail_sold",
            "bizLocation": {"id": where},
            "quantityList": quantities,
            "bizTransactionList": [
                {"type": RECEIPT, "bizTransaction": f"urn:walkout:receipt:{quote(receipt.visit, safe='')}"}
            ],
            "walkout:origin": receipt.origin,
        }


def _quantity(change: Change) -> dict[str, Any]:
    line = change.line
    if line.mass_g is None:
        return {"epcClass": product_class(line.gtin), "quantity": change.quantity}
    return {"epcClass": product_class(line.gtin), "quantity": round(line.mass_g / 1000, 3), "uom": "KGM"}


def _offset(t_ns: int, zone: ZoneInfo) -> str:
    local = (_EPOCH + timedelta(microseconds=t_ns // 1000)).astimezone(zone)
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
