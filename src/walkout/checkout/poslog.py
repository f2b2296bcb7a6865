"""Sales as ARTS POSLog 6 XML: what shops' own bookkeeping reads.

Names, order and signs follow ARTS POSLog 6.0 (now OMG's), namespace `http://www.nrf-arts.org/IXRetail/namespace/`. Its
XSD is not in this package. `schemas/poslog.xsd` is Walkout's own text for the part that is written here; a test holds
the export against the official one where somebody has it. Amounts are never below 0 there: what goes back to the
customer has the type code Refund.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring
from zoneinfo import ZoneInfo

from walkout.checkout.sale import Change, Sale
from walkout.store.currency import digits, floored

NAMESPACE = "http://www.nrf-arts.org/IXRetail/namespace/"
OWN = "urn:walkout:ns:"
WAY = f"{{{OWN}}}TypeCode"
"""Which way a total goes: the standard has no attribute for it, and lets others' names in beside its own."""
WORKSTATION = "walkout"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def poslog(found: Iterable[Sale], store: str, timezone: str) -> bytes:
    """A POSLog of sales, in their order; a later revision is a transaction of its own that is linked to the first.

    `timezone` is the shop's: the business day is the local day of the exit.
    """
    register_namespace("", NAMESPACE)
    register_namespace("walkout", OWN)
    root = Element(_name("POSLog"), {"MajorVersion": "6", "MinorVersion": "0", "FixVersion": "0"})
    zone = ZoneInfo(timezone)
    for sale in found:
        _transaction(root, sale, store, zone)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def xsd() -> bytes:
    """Walkout's own XSD of the part of POSLog 6 that is written here."""
    return files("walkout.checkout").joinpath("schemas/poslog.xsd").read_bytes()


def _transaction(root: Element, sale: Sale, store: str, zone: ZoneInfo) -> None:
    receipt = sale.receipt
    simulated = receipt.origin == "simulated"
    made = _add(root, "Transaction", TrainingModeFlag="true" if simulated else "false")
    unit = _add(made, "BusinessUnit")
    _add(unit, "UnitID", store, TypeCode="RetailStore")
    _add(made, "WorkstationID", WORKSTATION)
    _add(made, "SequenceNumber", str(sale.number))
    _add(made, "TransactionID", f"{receipt.visit}/{receipt.revision}")
    _add(made, "CurrencyCode", receipt.currency)
    retail = _add(made, "RetailTransaction", TransactionStatus="Finished")
    first = sale.before is None
    _add(made, "BusinessDayDate", _local(receipt.left_ns, zone).date().isoformat())
    _add(made, "BeginDateTime", _time(receipt.entered_ns if first else sale.issued.issued_ns))
    _add(made, "EndDateTime", _time(receipt.left_ns if first else sale.issued.issued_ns))
    number = 0
    for change in sale.changes:
        number += 1
        _item(retail, number, change, receipt.currency)
    for tender in sale.tenders:
        number += 1
        line = _add(retail, "LineItem")
        paid = _add(line, "Tender", TenderType="CreditDebit", TypeCode="Refund" if tender.way == "refund" else "Sale")
        _add(paid, "Amount", _money(tender.amount, receipt.currency), Currency=receipt.currency)
        _add(line, "SequenceNumber", str(number))
    before = {} if sale.before is None else {(t.name, t.rate): t for t in sale.before.taxes}
    taxes = [*receipt.taxes, *(t for key, t in before.items() if key not in {(x.name, x.rate) for x in receipt.taxes})]
    for tax in taxes:
        had = before.get((tax.name, tax.rate))
        now = tax if tax in receipt.taxes else None
        amount = (now.tax if now else Decimal(0)) - (had.tax if had else Decimal(0))
        net = (now.net if now else Decimal(0)) - (had.net if had else Decimal(0))
        if amount or net:
            number += 1
            line = _add(retail, "LineItem")
            kind = "VAT" if receipt.tax_rule and receipt.tax_rule.included else "Sales"
            entry = _add(line, "Tax", TaxType=kind, TypeCode=_way(amount or net))
            _add(entry, "TaxableAmount", _money(abs(net), receipt.currency), Currency=receipt.currency)
            _add(entry, "Amount", _money(abs(amount), receipt.currency), Currency=receipt.currency)
            _add(entry, "Percent", format(tax.rate, "f"))
            _add(entry, "TaxGroupID", tax.name or "none")
            _add(line, "SequenceNumber", str(number))
    total = {"TotalType": "TransactionGrandAmount", "CurrencyCode": receipt.currency, WAY: _way(sale.total)}
    _add(retail, "Total", _money(abs(sale.total), receipt.currency), **total)
    if sale.before is not None:  # the standard's lists of codes are open to others' with a colon
        link = _add(retail, "TransactionLink", ReasonCode="Return" if sale.total <= 0 else "Walkout:Addition")
        _add(link, "TransactionID", f"{receipt.visit}/{sale.before.revision}")


def _item(retail: Element, number: int, change: Change, currency: str) -> None:
    line = change.line
    item = _add(retail, "LineItem", EntryMethod="Automatic")
    sold = _add(item, "Return" if change.returned else "Sale", ItemType="Stock")
    identity = _add(sold, "POSIdentity", POSIDType="GTIN")
    _add(identity, "POSItemID", line.gtin)
    _add(sold, "ItemID", line.gtin, Type="GTIN")
    _add(sold, "Description", line.name)
    full = line.unit_price * change.quantity if line.mass_g is None else None
    if full is not None:
        _add(sold, "RegularSalesUnitPrice", format(line.unit_price, "f"), Currency=currency)
    _add(sold, "ExtendedAmount", _money(change.cost, currency), Currency=currency)
    if line.mass_g is None:
        _add(sold, "Quantity", str(change.quantity), UnitOfMeasureCode="EA")
    else:
        _add(sold, "Quantity", f"{line.mass_g / 1000:.3f}", UnitOfMeasureCode="KGM")
    if full is not None and full > change.cost:
        less = _add(sold, "RetailPriceModifier", MethodCode="Promotion")
        _add(less, "SequenceNumber", "1")
        _add(less, "Amount", _money(full - change.cost, currency), Action="Subtract", Currency=currency)
        if line.offers:  # the standard has room for one
            _add(less, "PromotionID", "; ".join(line.offers))
    _add(item, "SequenceNumber", str(number))


def _way(amount: Decimal) -> str:
    """Money that comes in is a sale, what goes out a refund; amounts themselves have no sign."""
    return "Refund" if amount < 0 else "Sale"


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = SubElement(parent, _name(name), attributes)
    # What no XML may hold (control characters in a product's name) is left out.
    made.text = None if text is None else "".join(c for c in text if c >= " " and c not in "\ufffe\uffff")
    return made


def _name(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _money(amount: Decimal, currency: str) -> str:
    exact = floored(amount, currency)
    return format(exact if exact == amount else amount, f".{digits(currency)}f" if exact == amount else "f")


def _local(t_ns: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=t_ns // 1000)).astimezone(zone)


def _time(t_ns: int) -> str:
    return (_EPOCH + timedelta(milliseconds=t_ns // 1_000_000)).isoformat(timespec="milliseconds")
