"""Letters: what stands in them, where they may go, and what a server's word means."""

import pytest

from tests.checkout import money
from tests.live.smtp_server import smtp
from walkout.checkout.contest import withhold
from walkout.live.mail import Mail, MailError, UnsureError, checked, letter_of, mail_at

LINK = "http://shop/s/token"
RECEIPT = money.receipt("v1", 0, money.line("1.10"), money.line("2.20"))
LETTER = letter_of("ann@example.org", "shop@example.org", RECEIPT, "Corner shop", LINK, 1_700_000_000 * 10**9)


def test_a_letter_holds_the_lines_the_sum_the_link_and_its_code() -> None:
    with smtp() as box:
        Mail("127.0.0.1", box.port, "shop@example.org").send(LETTER)
    (letter,) = box.letters
    assert box.recipients == ["ann@example.org"]
    body, picture = list(letter.iter_parts())
    text = body.get_content()
    assert LINK in text
    assert "To pay: 3.30 EUR" in text
    assert "(simulated)" in text
    assert "(simulated)" in letter["Subject"]
    assert picture.get_content_type() == "image/png"
    assert picture.get_content().startswith(b"\x89PNG")


def test_the_same_letter_has_the_same_bytes_and_another_revision_another_name() -> None:
    same = letter_of("ann@example.org", "shop@example.org", RECEIPT, "Corner shop", LINK, 1_700_000_000 * 10**9)
    assert same.as_bytes() == LETTER.as_bytes()
    later = money.receipt("v1", 1, money.line("1.10"))
    other = letter_of("ann@example.org", "shop@example.org", later, "Corner shop", LINK, 1_700_000_000 * 10**9)
    assert other["Message-ID"] != LETTER["Message-ID"]
    assert "revision 1" in other.get_body().get_content()  # type: ignore[union-attr]


def test_what_a_server_says_is_surely_not_sent_never_sent_or_not_known() -> None:
    with smtp() as box:
        mail = Mail("127.0.0.1", box.port, "shop@example.org")
        box.faults += ["busy", "gone at the address", "no after the letter", "no such mailbox", "gone after the letter"]
        for _ in range(3):
            with pytest.raises(MailError) as soft:
                mail.send(LETTER)
            assert not soft.value.final
        with pytest.raises(MailError, match="550 no such mailbox") as hard:
            mail.send(LETTER)
        assert hard.value.final
        assert box.letters == []
        with pytest.raises(UnsureError):
            mail.send(LETTER)
    with pytest.raises(MailError, match="did not go"):
        mail.send(LETTER)


def test_handing_is_told_only_when_the_letter_itself_is_next() -> None:
    told: list[str] = []
    with smtp() as box:
        mail = Mail("127.0.0.1", box.port, "shop@example.org")
        box.faults += ["no such mailbox"]
        with pytest.raises(MailError):
            mail.send(LETTER, lambda: told.append("handing"))
        assert told == []
        mail.send(LETTER, lambda: told.append("handing"))
    assert told == ["handing"]


@pytest.mark.parametrize(
    "address", ["nobody", "a@b@c", "a b@c", "@c", "a@b\nBcc: x", "a..b@c", "a@b.", "é@c", "a" * 300]
)
def test_where_no_letter_can_go(address: str) -> None:
    with pytest.raises(MailError, match="right: name@host"):
        checked(address)


def test_servers_have_urls_and_only_this_machine_is_spoken_to_in_the_clear() -> None:
    assert mail_at("smtp://localhost", "a@b") == Mail("localhost", 25, "a@b", tls="no")
    assert mail_at("smtp://mail.example", "a@b", "p") == Mail("mail.example", 587, "a@b", "", "p", "starttls")
    assert mail_at("smtps://ann%40b:x@mail.example", "a@b") == Mail("mail.example", 465, "a@b", "ann@b", "x", "always")
    with pytest.raises(ValueError, match="right: smtp://host"):
        mail_at("http://x", "a@b")
    with smtp() as box, pytest.raises(MailError):  # the server cannot speak TLS: nothing is said in the clear
        Mail("127.0.0.1", box.port, "shop@example.org", tls="starttls").send(LETTER)


def test_what_is_contested_stands_in_the_letter_as_not_charged() -> None:
    waits = withhold(RECEIPT, {money.GTIN})
    letter = letter_of("ann@example.org", "shop@example.org", waits, "Corner shop", LINK, 1_700_000_000 * 10**9)
    text = letter.get_body().get_content()  # type: ignore[union-attr]
    assert "Contested before paying, not charged: 1 x water" in text
    assert "To pay: 0 EUR" in text
    assert "You took nothing" not in text
