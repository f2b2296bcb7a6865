"""Whether two accounts can count as two people, by what a shop knows of accounts: who made them, when, and who vouches.

Software sees accounts and no people. What it can hold: whoever made an account chose its first password, so the two of
a pair must not be each other's makers, at any remove; an account made for the occasion does not count; a person has
one account at a single sign-on, and may have another one with a password, so one of each kind is no pair. What it
cannot: a third person who made both may hold both. That is said in public beside each opening.
"""

from dataclasses import dataclass
from typing import Final, Literal

Pair = Literal["vouched", "apart", "siblings", "unknown"]
PAIRS: Final[dict[Pair, str]] = {
    "vouched": "both accounts vouched for by the single sign-on",
    "apart": "accounts made by two people",
    "siblings": "both accounts made by one person",
    "unknown": "who made the accounts is not known",
}
"""How far apart two accounts are, in the words of the public report."""


class ApartError(ValueError):
    """Two accounts that cannot count as two people; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account: who made it, who made that one, and so on up to the first; and since when it is there."""

    name: str
    made_ns: int
    makers: tuple[str, ...] = ()
    """The nearest first; nobody: made by the first-run link, or elsewhere."""
    known: bool = True
    """Whether that is all of them: accounts of older releases do not say who made them."""
    vouched: bool = False
    """Made by a single sign-on, whose issuer says that this is one person."""


def apart(asker: Account, other: Account, asked_ns: int) -> Pair:
    """How far apart two accounts are. ApartError where the other one may not count as another person."""
    if asker.name == other.name:
        raise ApartError("found the one who asks, right: another person")
    if asker.vouched != other.vouched:
        raise ApartError(
            "found one account of the single sign-on and one with a password here, which may be one person's, "
            "right: two of a kind"
        )
    if asker.vouched:
        return "vouched"
    for maker, made in ((asker, other), (other, asker)):
        if maker.name in made.makers:
            raise ApartError(
                f"found {maker.name}, who made the account of {made.name} or let in who did, and may know its "
                "password, right: two people of whom neither made the other's account"
            )
    if other.made_ns >= asked_ns:
        raise ApartError("found an account that was made after the request, right: one that was there before")
    if not (asker.known and other.known):
        return "unknown"
    return "siblings" if set(asker.makers) & set(other.makers) else "apart"
