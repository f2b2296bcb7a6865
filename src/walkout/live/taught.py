"""What a shop learnt, as it starts: the planogram it believes in, its rates, its card, and what that ends."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from walkout.checkout.decide import Settling
from walkout.checkout.storage import StorageError
from walkout.inference.learnt import model_of, shop_of
from walkout.inference.model import Model
from walkout.learning.register import FOLDER, Register, RegisterError
from walkout.store.shop import Store


@dataclass(frozen=True, slots=True)
class Taught:
    """What the engine works with. `record` "": nothing was ever promoted here."""

    store: Store
    """With the places that are believed in; the operator's own planogram is another one, and stays."""
    model: Model
    settling: Settling
    record: str = ""
    """The hash of the record that brought it."""


def taught(folder: Path, store: Store, base: Settling) -> Taught:
    """What is in use in a shop's folder. A certificate was learnt on other beliefs: it does not hold for these.

    Raises:
        StorageError: a record was changed, or is missing.
    """
    try:
        records = [one for one in Register(folder / FOLDER).records() if one.action != "kept back"]
    except RegisterError as error:
        raise StorageError(str(error)) from error
    if not records:
        return Taught(store, Model(), base)
    use = records[-1].use
    settling = replace(base, card=use.card or base.card, settle_at=None, certificate=None)
    return Taught(shop_of(store, use.learnt), model_of(Model(), use.learnt), settling, records[-1].id)


def as_models(folder: Path) -> tuple[dict[str, Any], ...]:
    """What a shop learnt and has in use, as the disclosure lists models; none where it learnt nothing.

    Raises:
        RegisterError: a record was changed, or is missing.
    """
    found = []
    for one in Register(folder / FOLDER).records():
        if one.action != "promoted" or one.source is None:
            continue
        asked = one.source.answered + one.source.audited + one.source.disputed
        found.append(
            {
                "name": f"what this shop learnt, record {one.number}",
                "what": one.what,
                "sha256": one.id,
                "origin": one.origin,
                "visits": f"{one.source.visits} visits here, {asked} of them looked at by people; {one.consent}",
                "hours": f"none of its own: the answers of {one.source.people} people were given, and paid, as reviews",
                "pay": None,
                "identifies_people": False,
            }
        )
    return tuple(found)
