"""Two accounts as two people: what a shop can hold of it, and what it says where it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.privacy.apart import PAIRS, Account, ApartError, apart

ASKED = 1000


def test_who_made_an_account_is_not_another_person_at_any_remove() -> None:
    root, ada = Account("root", 1), Account("ada", 2, ("root",))
    ben, cy = Account("ben", 3, ("ada", "root")), Account("cy", 4, ("root",))
    for one, other in ((root, ada), (ada, root), (ada, ben), (ben, ada), (root, ben), (ben, root)):
        with pytest.raises(ApartError, match="may know its password"):
            apart(one, other, ASKED)
    assert apart(ada, cy, ASKED) == "siblings"
    assert apart(ben, cy, ASKED) == "siblings"
    assert apart(ada, Account("dan", 5, ("eve",)), ASKED) == "apart"


def test_what_is_not_known_is_said() -> None:
    old, new = Account("old", 1, known=False), Account("new", 2, ("admin",))
    assert apart(old, new, ASKED) == apart(new, old, ASKED) == "unknown"


def test_an_account_for_the_occasion_and_the_same_one_are_refused() -> None:
    with pytest.raises(ApartError, match="made after the request"):
        apart(Account("a", 1), Account("b", ASKED), ASKED)
    with pytest.raises(ApartError, match="another person"):
        apart(Account("a", 1), Account("a", 1), ASKED)


def test_one_of_each_kind_may_be_one_person() -> None:
    here, there = Account("a", 1), Account("sso:a:x", 1, vouched=True)
    for one, other in ((here, there), (there, here)):
        with pytest.raises(ApartError, match="one person's"):
            apart(one, other, ASKED)
    assert apart(there, Account("sso:b:y", ASKED + 1, vouched=True), ASKED) == "vouched"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(0, 9), st.integers(0, 9))
def test_in_any_family_of_accounts_no_line_gets_through(parents: list[int], one: int, other: int) -> None:
    """Account k + 1 is made by one of those before it; whoever gets through has no descent from the other one."""
    made: list[Account] = [Account("0", 1)]
    for k, parent in enumerate(parents):
        maker = made[parent % len(made)]
        made.append(Account(str(k + 1), k + 2, (maker.name, *maker.makers)))
    a, b = made[one % len(made)], made[other % len(made)]
    try:
        pair = apart(a, b, ASKED)
    except ApartError:
        assert a.name == b.name or a.name in b.makers or b.name in a.makers
    else:
        assert pair == "siblings", "all of one family"
        assert PAIRS[pair]
