"""What a reader at the gate heard of one product as a party left, and how a receipt says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeardTags:
    """Tags of one product at the exit of one visit."""

    gtin: str
    heard: int
    """Items that are theirs more likely than not."""
    strange: int = 0
    """Items that no scale told of and that they may have: they are on no receipt."""


def words(quantity: int, heard: int, *, every: bool) -> str:
    """What a line's reason adds, lower case, without a full stop; `every`: each item of the product carries a tag."""
    heard = min(heard, quantity)
    if heard == quantity:
        return "its tag was read at the exit" if quantity == 1 else f"the tags of all {quantity} were read at the exit"
    if heard:
        return f"the tags of {heard} of the {quantity} were read at the exit"
    if every:
        return f"no tag of {'it' if quantity == 1 else 'them'} was read at the exit, though each carries one"
    return f"no tag of {'it' if quantity == 1 else 'them'} was read at the exit; not every item carries one"
