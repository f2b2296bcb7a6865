"""Copies of clips for learning: made while a shopper's consent stands, ended with it, whatever becomes of the clips.

What stands in the database decides. A death between its word and the vault's deed is mended by `settled`, which runs
every hour: it makes what is missing, and ends what nobody agrees to any more.
"""

from sqlalchemy import Engine

from walkout.checkout.storage import scrub
from walkout.disclosure.entries import Said, month_of, nonce, sealed
from walkout.disclosure.storage import tables_in
from walkout.privacy.entry import Fact
from walkout.privacy.retention import Policy
from walkout.privacy.vault import Vault
from walkout.review import tables
from walkout.review.consent import Consent, agree, all_standing, consent_of, withdraw

TAKEN_BACK = "consent taken back"


def agreed_to(engine: Engine, vault: Vault, visit: str, now_ns: int, words: str) -> Consent:
    """A shopper agrees: their clips are copied at once, under a key of their own; said again it does nothing."""
    found = agree(engine, visit, now_ns, words)
    copied(engine, vault, visit, now_ns)
    return found


def taken_back(engine: Engine, vault: Vault, visit: str, now_ns: int) -> int:
    """A shopper takes it back: marks are deleted, then the copy's key, and no other; gives how many marks' versions."""
    deleted = withdraw(engine, visit, now_ns)
    vault.end_training(visit, now_ns, TAKEN_BACK)
    if deleted:
        scrub(engine)
    return deleted


def copied(engine: Engine, vault: Vault, visit: str, now_ns: int) -> int:
    """Copy the clips of a visit that have no copy yet, if its consent stands and speaks of one; gives how many."""
    found = _consent(engine, visit)
    if found is None or not found.copies:
        return 0
    made = vault.keep_training(visit, now_ns)
    if made:
        facts: dict[str, Fact] = {"what": "copied for learning", "purpose": "training", "clips": made}
        said = Said("", "clip", now_ns, month_of(now_ns), facts, visit)
        vault.log.append(sealed(vault.keys, said, nonce(), now_ns))
    return made


def settled(engine: Engine, vault: Vault, policy: Policy, now_ns: int) -> tuple[int, int]:
    """Make the copies that are missing, and end those whose consent does not stand; gives how many of each.

    A consent that is older than copies may get makes none: its copy had its time.
    """
    standing = all_standing(engine) if tables.consents.name in tables_in(engine) else {}
    keys = [key for key in vault.keys.all() if key.purpose in ("training", "clip")]
    made = ended = 0
    for key in keys:
        found = standing.get(key.owner)
        if key.purpose == "training" and (found is None or not found.copies):
            ended += vault.end_training(key.owner, now_ns, TAKEN_BACK).keys
        elif key.purpose == "clip" and found is not None and now_ns - found.t_ns < policy.keep_ns["training"]:
            made += copied(engine, vault, key.owner, now_ns)
    return made, ended


def _consent(engine: Engine, visit: str) -> Consent | None:
    return consent_of(engine, visit) if tables.consents.name in tables_in(engine) else None
