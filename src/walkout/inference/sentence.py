"""One plain sentence for one explanation of one event, for shoppers, reviewers and reports."""

from walkout.inference.choice import Choice, Move, Options, nearest_hand
from walkout.inference.goods import UNKNOWN, Goods, name


def sentence(found: Options, choice: Choice, shop: Goods, about: str = "") -> str:
    """Why an explanation is thought of, in plain words; `about` picks the move of one GTIN."""
    move = next((m for m in choice.moves if m.gtin == about), choice.moves[0])
    event = found.evidence.event
    grams = f"{abs(found.seen.total_g):,.0f} g"
    where = f"shelf {event.shelf} {_plates(found.seen.main)}"
    if move.kind == "shift":
        return f"goods were pushed about on {where} and nothing left it"
    if move.kind == "noise":
        return f"nothing was moved on {where}: it shook or drifted by {grams}"
    if move.kind == "press" or (move.kind == "stray" and move.gtin.startswith(UNKNOWN)):
        return f"a hand {'rested on' if found.seen.total_g > 0 else 'left'} {where} ({grams}) and nothing was moved"
    happened = f"{grams} {'left' if found.seen.total_g < 0 else 'came to'} {where}"
    if move.kind == "unknown":
        return f"{happened}, which fits nothing in the catalogue{_by(found, move, 'those plates')}"
    fits = _fits(choice, shop)
    return f"{happened}{fits}{_by(found, move, f'the {name(shop, move.gtin)}')}{_aside(choice, move)}"


def _fits(choice: Choice, shop: Goods) -> str:
    if len(choice.moves) == 1 and abs(choice.moves[0].quantity) == 1:
        return ""
    parts = [f"{abs(m.quantity)} x {name(shop, m.gtin)}{' put back' if m.quantity < 0 else ''}" for m in choice.moves]
    return f", which fits {' and '.join(parts)},"


def _by(found: Options, move: Move, goods: str) -> str:
    if move.shopper is None:
        return f" while nobody who is tracked was shown at {goods}"
    distance_m, hand = nearest_hand(found, move)
    if distance_m is None:
        return f" while this shopper was in the shop, at {goods} by weight alone: no hand was seen"
    if distance_m < 0.005:
        return f" while this shopper's {hand} was at {goods}"
    return f" while this shopper's {hand} was {distance_m * 100:.0f} cm from {goods}"


def _aside(choice: Choice, move: Move) -> str:
    notes = {
        "stray": ", put there earlier though it is not its place",
        "lost": ", though that is not its place",
        "away": ", which is not its place",
    }
    note = notes.get(move.kind, "")
    if move.giver is not None:
        note += ", handed over by another shopper"
    if len({m.shopper for m in choice.moves}) > 1:
        note += ", at the same instant as another shopper's"
    return note


def _plates(plates: tuple[int, ...]) -> str:
    if len(plates) == 1:
        return f"plate {plates[0]}"
    if plates == tuple(range(plates[0], plates[-1] + 1)):
        return f"plates {plates[0]}-{plates[-1]}"
    return f"plates {', '.join(map(str, plates))}"
