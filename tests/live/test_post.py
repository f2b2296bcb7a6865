"""The post office: every final revision once, whatever the server or the shop does meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checkout import money
from tests.checkout.conftest import ready, small_shop
from tests.live.smtp_server import Box, Fault, smtp
from walkout.live.addresses import Addresses
from walkout.live.mail import Mail, MailError
from walkout.live.post import FIRST_WAIT_NS, GIVE_UP_NS, LEASE_NS, MOST_ADDRESSES, Post

__all__ = ["ready", "small_shop"]
NOW, DAY_NS = 1_700_000_000 * 10**9, 86_400 * 10**9


class Office:
    """A shop with one visit that is paid, its address book and post office."""

    def __init__(self, shop: money.Shop, box: Box) -> None:
        self.shop, self.box = shop, box
        self.addresses = Addresses(shop.engine, b"key", 30 * DAY_NS)
        self.mail = Mail("127.0.0.1", box.port, "shop@example.org")
        self.post = self.office()
        shop.ledger.enter("v1", "p", "card", NOW)

    def office(self) -> Post:
        return Post(
            self.shop.engine, self.addresses, self.mail, lambda: "Corner shop", lambda visit: f"http://shop/s/{visit}"
        )

    def issue(self, revision: int, *, final: bool = True) -> None:
        lines = [money.line("1.10")] * (2 - min(revision, 2))
        receipt = money.receipt("v1", revision, *lines)
        self.shop.ledger.issue(receipt, final=final, reason="test", now_ns=NOW)

    def work(self, now_ns: int = NOW) -> int:
        self.post.queue(now_ns)
        return self.post.deliver(now_ns)


@pytest.fixture
def office(small_shop: money.Shop) -> Callable[[Box], Office]:
    return lambda box: Office(small_shop, box)


def test_each_final_revision_goes_once_and_a_provisional_one_not_at_all(office: Callable[[Box], Office]) -> None:
    with smtp() as box:
        here = office(box)
        here.issue(0, final=False)
        here.addresses.give("v1", "ann@example.org", NOW)
        assert here.work() == 0
        here.issue(1)
        assert [here.work() for _ in range(3)] == [1, 0, 0]
        here.issue(2)
        assert [here.work() for _ in range(3)] == [1, 0, 0]
    assert len({letter["Message-ID"] for letter in box.letters}) == 2
    assert [one.state for one in here.post.of("v1")] == ["sent", "sent"]
    assert here.post.counts() == {"sent": 2}


@pytest.mark.parametrize("fault", ["busy", "gone at the address", "no after the letter"])
def test_what_surely_did_not_go_is_tried_again_until_it_goes(office: Callable[[Box], Office], fault: Fault) -> None:
    with smtp() as box:
        here = office(box)
        here.issue(0)
        here.addresses.give("v1", "ann@example.org", NOW)
        box.faults += [fault] * 3
        now_ns, sent = NOW, 0
        for _ in range(40):
            sent += here.work(now_ns)
            now_ns += FIRST_WAIT_NS
        assert sent == len(box.letters) == 1
        assert here.post.of("v1")[0].attempts == 4


def test_what_may_have_gone_is_not_sent_again_and_is_counted(office: Callable[[Box], Office]) -> None:
    with smtp() as box:
        here = office(box)
        here.issue(0)
        here.addresses.give("v1", "ann@example.org", NOW)
        box.faults.append("gone after the letter")
        for k in range(5):
            here.work(NOW + k * DAY_NS // 24)
        assert len(box.letters) == 1
        assert here.post.counts() == {"unknown": 1}


def test_a_shop_that_dies_while_it_hands_over_sends_nothing_twice(
    office: Callable[[Box], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each of the moments of one letter: the claim, the word before the letter, and after the server has it."""
    with smtp() as box:
        here = office(box)
        here.issue(0)
        here.addresses.give("v1", "ann@example.org", NOW)
        send = Mail.send

        def dies(point: str) -> None:
            def dying(self: Mail, letter: object, handing: Callable[[], None]) -> None:
                if point == "before":
                    raise KeyboardInterrupt
                send(self, letter, handing)  # type: ignore[arg-type]
                raise KeyboardInterrupt

            monkeypatch.setattr(Mail, "send", dying)
            with pytest.raises(KeyboardInterrupt):
                here.work()
            monkeypatch.setattr(Mail, "send", send)

        dies("before")
        here.post = here.office()
        assert here.work() == 0, "the dead one's lease is not over"
        later_ns = NOW + LEASE_NS + 1
        dies_at = here.post.of("v1")[0]
        assert dies_at.state == "claimed"
        assert here.work(later_ns) == 1
        assert len(box.letters) == 1
        here.issue(1)
        dies("after")
        here.post = here.office()
        assert here.work(later_ns + 2 * LEASE_NS) == 0
        assert len(box.letters) == 2, "the server had it, the shop did not write it down: it is not sent again"
        assert here.post.counts() == {"sent": 1, "unknown": 1}


def test_a_server_that_never_comes_back_is_given_up_in_the_end(office: Callable[[Box], Office]) -> None:
    with smtp() as box:
        here = office(box)
    here.issue(0)
    here.addresses.give("v1", "ann@example.org", NOW)
    now_ns = NOW
    while now_ns < NOW + GIVE_UP_NS + DAY_NS:
        assert here.work(now_ns) == 0
        now_ns += DAY_NS // 4
    assert here.post.counts() == {"refused": 1}


def test_an_address_can_be_put_right_or_taken_back_and_has_an_end(office: Callable[[Box], Office]) -> None:
    with smtp() as box:
        here = office(box)
        here.issue(0)
        here.addresses.give("v1", "an@example.org", NOW)
        assert here.work() == 1
        here.addresses.give("v1", "ann@example.org", NOW)
        assert here.work() == 1
        here.addresses.give("v1", "an@example.org", NOW)
        assert here.work() == 0, "that one has it"
        for k in range(MOST_ADDRESSES + 3):
            here.addresses.give("v1", f"bob{k}@example.org", NOW)
            here.work()
        assert len(box.letters) == MOST_ADDRESSES
        assert here.addresses.take_back("v1")
        here.issue(1)
        assert here.work() == 0
        here.addresses.give("v1", "ann@example.org", NOW)
        assert here.addresses.forget(NOW + 30 * DAY_NS) == 1
        assert here.addresses.of("v1") is None
        with pytest.raises(MailError):
            here.addresses.give("v1", "nobody", NOW)


def test_a_cards_address_comes_along_and_a_visits_own_stays(office: Callable[[Box], Office], tmp_path: Path) -> None:
    del tmp_path
    with smtp() as box:
        here = office(box)
        here.addresses.of_card("digest", "ann@example.org", NOW)
        here.addresses.give("v2", "own@example.org", NOW)
        for visit in ("v1", "v2", "v3"):
            here.addresses.entered(visit, "digest" if visit != "v3" else "", NOW)
        assert [here.addresses.of(v) for v in ("v1", "v2", "v3")] == ["ann@example.org", "own@example.org", None]
        here.addresses.of_card("digest", None, NOW)
        here.addresses.entered("v4", "digest", NOW)
        assert here.addresses.of("v4") is None
        here.issue(0)
        assert here.work() == 1
        assert box.recipients == ["ann@example.org"]
