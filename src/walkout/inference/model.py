"""The numbers that inference rests on, each with its reason; one value holds them all, to be fitted or ablated.

"Labels" are the 237 labelled events (56 of them returns) that the winning team of AiFi's competition published for 46
real visits, and the 88 of them in the development scripts; "the real visit" is BENCHMARK-1 of the same competition.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """Rates, spreads and limits. Probabilities are of one event unless said otherwise."""

    # What people do.
    put_back: float = 0.24
    """An event is a return: 56 of 237 labels."""
    more_of_it: float = 0.055
    """One take is of two or more of a product: 4 of 73 in the scripts."""
    yet_more: float = 0.35
    """And of one more still: 1 of those 4."""
    two_products: float = 0.03
    """Two products in one event: two hands, or two quick takes on one shelf; assumed, seldom in the scripts."""
    two_shoppers: float = 0.01
    """Two shoppers in one event: two labelled cases of 46 hold one; assumed."""
    swap: float = 0.003
    """One product taken and another put down in one event; assumed, no label shows it."""
    stray_share: float = 0.2
    """What was left at a wrong place is one item among several there; assumed."""
    beside_stray: float = 0.5
    """Who takes goods of a place where something stands astray takes them from where that was put: hands go where they
    went. Else they lay anywhere in their place; assumed."""
    put_back_elsewhere: float = 0.25
    """A return is not to the product's own place: 4 of 17 returns in the scripts."""
    away_beside: float = 0.3
    """A wrong place is that of something else which the shopper took: who changes their mind between two like things,
    or wants to be charged for the other; assumed."""
    hand_over: float = 0.02
    """A return is of something that another shopper took; 3 labelled cases of 46 hold a hand-over."""
    stray: float = 0.03
    """A take is of something that stands at a wrong place unseen: left there before anybody watched, or a facing that
    moved; assumed. (In the scripts 19 of 57 takes are not where the published planogram says, which is of a later
    day.)"""
    stray_shelf: float = 0.45
    stray_fixture: float = 0.2
    """It is then on the shelf of its own place, or another shelf of that fixture: 9 and 4 of those 19."""
    over: float = 0.1
    """Goods reach, or stand, at least a plate beyond their facing: 4 of 38 takes in the scripts."""
    over_more: float = 0.25
    """And one plate more: 1 of those 4."""
    over_most: int = 3
    """Plates beyond a facing at most."""
    unknown_item: float = 0.002
    """A take is of something that the catalogue does not hold or weighs wrongly; assumed: rows without a mass (10 of
    711) are explanations of their own."""
    shift: float = 0.02
    """Goods are pushed about on the shelf and nothing leaves it; assumed."""

    # Who does it.
    untracked: float = 0.02
    """Somebody whom nobody tracks: staff, or a person that the cameras lost; assumed."""
    untracked_blind: float = 0.3
    """The same while no frame of people is there at all: nearly nothing is known then; assumed."""
    noise: float = 0.03
    """An event with nothing behind it: 37 of about 1,750 in two simulated hours (tuning seeds); no real count."""
    press: float = 0.03
    """An event is a hand's own weight or push, and nothing moves: it rests on the goods before or while it lifts; in
    two simulated hours (tuning seeds) about 1 of 25 actions is a long hold or a slow lift."""
    press_g: float = 20.0
    """Such a push, rms a plate: 10 to 55 g on the real visit, for a third of a second; what lasts is less."""
    press_over: float = 0.3
    """The next event there is the end of it, alone or with what the hand took; assumed."""
    press_unseen: float = 0.2
    """It is told only when it goes; assumed."""
    in_parts: float = 0.02
    """A take is told in parts: slow lifts, 1 of 60 actions in the simulated hours."""
    part_ends: float = 0.5
    part_goes_on: float = 0.1
    """What follows a part, at the same place by the same shopper, is its end, or one part more; assumed."""
    nobody: float = 0.002
    """No hand at all: a sensor's fault; assumed."""

    # What a hand does.
    hand_sd_m: float = 0.06
    """Wrist to box at a take: 2 to 5 cm on the real visit, and 15 frames a second miss the nearest point."""
    two_hands: float = 0.5
    """Who moves two things at once uses both hands; assumed."""
    hand_room_m: float = 5.0
    """A hand that is not at work is spread as thinly as over this length of distances: of 1,205 people within arm's
    reach of goods that somebody else took or put back, 27 had a wrist within 12 cm of them (0.19 a metre), and of 587
    who did it themselves 586 had (simulated, tuning seeds; docs/design/people.md)."""
    hand_lost: float = 0.01
    """A joint is given where the hand is not: occlusion, a swapped side; assumed, above what the simulated 587 allow
    (0.5 % at 95 %); scores on the real visit are 0.91-0.97."""
    arm_m: float = 1.1
    """Body to goods along the floor at most: an arm is 0.6-0.8 m, and people lean."""
    body_near: float = 5.0
    """How much likelier the body is within an arm's length when its hand is at work than when not: a facing is within
    an arm's length of about a fifth of a shop of 12 square metres."""
    body_lost: float = 0.003
    """The body is given elsewhere than it is: a mix-up of two people; assumed."""
    window_before_s: float = 0.7
    window_after_s: float = 0.3
    """On the real visit the wrist is at the right facing from 0.7 s before the edge to 0.1 s after it; clocks may
    differ by 0.3 s."""
    edge_sd_s: float = 0.25
    """The instants of plates and people agree this well: onsets may be off by 0.1 to 0.3 s."""

    # What a picture shows.
    look_astray: float = 0.02
    """A picture of a hand is of something else than what moved; assumed, as no real classifier has been measured."""

    # What a reader at the gate hears of tags on goods.
    tag_read: float = 0.95
    """A tag that is carried out is heard; assumed. Bodies, metal and liquids keep some from being heard."""
    tag_blind: float = 0.03
    """All that one party carries is unheard together: a bag with foil, a reader that was covered; assumed."""
    tag_stray: float = 0.1
    """Items of one product that are heard at one exit without being in anybody's basket; assumed, on purpose above
    what readers do: it keeps one read from counting more than about 26 to 1, so that a line that the other sensors
    hold for less than 1 in 26 cannot come of a single stray."""
    tag_unseen: float = 0.002
    """Items of one product that a party carries out though no scale told of them; assumed."""
    tag_staff: float = 0.5
    """Items of one product that somebody who works there carries out; assumed: nothing is known of it."""
    tag_sd_s: float = 0.8
    """The mean time of an item's reads against the exit message: who walks 1 m/s is within 1.5 m of a gate for 3 s;
    assumed."""
    tag_before_s: float = 3.0
    tag_after_s: float = 2.5
    """Reads so long before and after an exit may be of it; what is heard later still has not left."""

    # What a scale shows.
    gain_sd: float = 0.02
    """A plate's gain: +0.2 % and +3.8 % were measured at two real takes."""
    item_sd: float = 0.005
    """An item's mass spreads at least this much, as a share, where the catalogue says less."""
    plate_sd_g: float = 1.5
    """A plate that does not take part moves this much in half a minute: 1-3 g of wander on the real visit."""
    level_sd_g: float = 0.5
    """A change is told so exactly from two levels of a second: 0.2-0.5 g with steps put into the real visit's noise."""
    wander_g2_s: float = 4.0 / 30.0
    """And less so the longer it took: half a minute's wander is 1-3 g, and a random walk's variance grows with time."""
    leak: float = 0.01
    """A plate next to a loaded one moves by this share, give or take as much: 2.1 % and 0.9 % on one side of the real
    take, 0 % on the other; the one after it by half."""
    bend: float = 1.0
    """Concentration of the share of an item on each plate of its facing (Dirichlet): 1 lets it lie on one or across
    all."""
    unknown_mass_g: float = 500.0
    """Spread of a change that nothing explains; the catalogue's masses are 5 g to 2 kg, most under 600 g."""
    part_g: float = 60.0
    """Spread of a part of something lifted slowly; assumed."""
    shift_g: float = 300.0
    """Spread of what is pushed from plate to plate: a few items."""
    noise_g: float = 9.0
    loud_noise_g: float = 25.0
    loud_noise: float = 0.2
    """Such an event shows this on each plate, rms; loud ones, and their share: 5 to 15 g, seldom up to 27 g, in the
    same hours."""
    main_share: float = 0.05
    """A plate takes part when it moves by this share of the one that moves most; leak is below, an item across plates
    above."""
    chief_share: float = 0.3
    """And it does most of it when it moves by this share."""
    max_of_one: int = 8
    """Items of one product in one event at most: what two hands hold."""

    # How much is searched.
    beam: int = 64
    """Hypotheses kept through a visit; what is let go is counted and lowers p_exact."""
    gate: float = 14.0
    """An explanation e^14 times (a million) less likely than 'unknown' is not followed."""
    independent_nats: float = 0.003
    """Shoppers whose pasts share less information than this are inferred apart: a doubt of about 3 in 10,000 of who it
    was."""
    planogram_belief: bool = True
    """Whether what was left at wrong places, and each plate's own gain, is remembered."""
    joint_windows: bool = True
    """Whether events that adjoin in time and place are explained together too."""
    one_happening: float = 0.2
    """Events that adjoin so are parts of one happening: a slide, one lift told twice; assumed."""
    charge_at: float = 0.5
    """A line is shown from this probability up: nobody pays for what is as likely not so."""
