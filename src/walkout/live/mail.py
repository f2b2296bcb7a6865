"""Receipts by e-mail: plain text and a signed link, over SMTP."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

from walkout.checkout.receipt import Receipt

TIMEOUT_S = 10.0


class MailError(Exception):
    """A letter that did not go; its words say why."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A server that takes letters, and whom they are from."""

    host: str
    port: int = 25
    sender: str = "receipts@localhost"
    name: str = ""
    password: str = ""
    starttls: bool = False

    def send(self, to: str, receipt: Receipt, shop: str, link: str, *, final: bool) -> None:
        """Send one receipt.

        Raises:
            MailError: the address is none, or the server did not take it.
        """
        letter = letter_of(to, self.sender, receipt, shop, link, final=final)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S) as server:
                if self.starttls:
                    server.starttls()
                if self.name:
                    server.login(self.name, self.password)
                server.send_message(letter)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"the letter to {to} did not go: {error}") from error


def letter_of(to: str, sender: str, receipt: Receipt, shop: str, link: str, *, final: bool) -> EmailMessage:
    """The letter.

    Raises:
        MailError: the address is none.
    """
    if to.count("@") != 1 or any(c.isspace() or not c.isprintable() for c in to) or to.startswith("@"):
        raise MailError(f"found the address {to!r}, right: name@host")
    mark = "" if receipt.origin == "real" else " (simulated)"
    state = "receipt" if final else "provisional receipt"
    lines = [f"{line.quantity} x {line.name}: {line.cost} {receipt.currency}" for line in receipt.lines]
    text = [
        f"Your {state} from {shop}{mark}",
        "",
        *(lines or ["You took nothing."]),
        "",
        f"To pay: {receipt.payable} {receipt.currency}",
        f"Decided by: {receipt.decided_by}",
        "",
        "Why each line is there, what is stored about you, and one tap if something is wrong:",
        link,
    ]
    letter = EmailMessage()
    letter["Subject"] = f"{shop}: your {state}, {receipt.payable} {receipt.currency}{mark}".replace("\n", " ")
    letter["From"], letter["To"] = sender, to
    letter.set_content("\n".join(text) + "\n")
    return letter
