"""Receipts by e-mail over SMTP: the letter, and handing it to a server so that one knows whether it went."""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from walkout.checkout.receipt import Receipt
from walkout.live.qr import qr_png

TIMEOUT_S = 20.0
LONGEST = 254
"""Of an address, characters (RFC 5321 section 4.5.3.1.3)."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class MailError(Exception):
    """A letter that surely did not go; its words say why. `final`: the same letter would never go."""

    def __init__(self, words: str, *, final: bool = False) -> None:
        super().__init__(words)
        self.final = final


class UnsureError(Exception):
    """The connection ended after the whole letter was handed over and before the server said what became of it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A server that takes letters, and whom they are from."""

    host: str
    port: int = 25
    sender: str = "receipts@localhost"
    name: str = ""
    password: str = ""
    tls: Literal["no", "starttls", "always"] = "no"
    """no: in the clear, for a server on this machine; starttls: refuse one that cannot; always: from the first byte."""

    def send(self, letter: EmailMessage, handing: Callable[[], None] = lambda: None) -> None:
        """Hand over a letter; `handing` is called when everything but the letter itself went well.

        Raises:
            MailError: it did not go.
            UnsureError: nobody can say whether it went.
        """
        data = letter.as_bytes()
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"the letter did not go: {error}") from error
        try:
            self._open(server)
            _expect(server.mail(self.sender), "the sender", final=False)
            _expect(server.rcpt(str(letter["To"])), "the address", final=True)
            handing()
            _hand(server, data)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"the letter did not go: {error}") from error
        finally:
            with suppress(OSError, smtplib.SMTPException):  # the letter's fate is known: how they part changes nothing
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        if self.tls == "always":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)

    def _open(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self.name:
            server.login(self.name, self.password)


def mail_at(url: str, sender: str, password: str = "") -> Mail:
    """A server from a URL: smtp://host, smtps://name@host, smtp://name@host:587 (STARTTLS); the password apart.

    Without TLS it speaks only to this machine.

    Raises:
        ValueError: no such URL, or no address to send from.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError(f"found the mail server {parts.scheme}://..., right: smtp://host:port or smtps://name@host")
    checked(sender)
    asked = parse_qs(parts.query).get("tls", [""])[0]
    here = parts.hostname in LOOPBACK
    tls: Literal["no", "starttls", "always"] = "no" if here else "starttls"
    if parts.scheme == "smtps":
        tls = "always"
    elif asked == "starttls":
        tls = "starttls"
    port = parts.port or {"always": 465, "starttls": 587, "no": 25}[tls]
    name, own = unquote(parts.username or ""), unquote(parts.password or "")
    return Mail(parts.hostname, port, sender, name, own or password, tls)


def checked(address: str) -> str:
    """The address, if letters can go to it.

    Raises:
        MailError: they cannot.
    """
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address) or ".." in address:
        raise MailError(f"found the address {address[:80]!r}, right: name@host", final=True)
    return address


def letter_of(to: str, sender: str, receipt: Receipt, shop: str, link: str, issued_ns: int) -> EmailMessage:
    """The letter of one final revision: always the same for the same input, its name in the header too.

    Raises:
        MailError: the address is none.
    """
    checked(to)
    mark = "" if receipt.origin == "real" else " (simulated)"
    lines = [f"{line.quantity} x {line.name}: {line.cost} {receipt.currency}" for line in receipt.lines]
    waits = [f"Contested before paying, not charged: {line.quantity} x {line.name}" for line in receipt.withheld]
    again = [f"This is revision {receipt.revision}; it takes the place of those before it."] if receipt.revision else []
    seen = "no person looked" if not receipt.human.viewers else f"looked at by {receipt.human.viewers}"
    text = [
        f"Your receipt from {shop}{mark}",
        *again,
        "",
        *(lines or ([] if waits else ["You took nothing."])),
        *waits,
        "",
        f"To pay: {receipt.payable} {receipt.currency}",
        f"Decided by: {receipt.decided_by}; {seen}",
        "",
        "Why each line is there, what is stored about you, and one tap if something is wrong:",
        link,
        "",
        "The same link is in the picture, as a QR code. Whoever has the link sees this receipt.",
    ]
    letter = EmailMessage()
    letter["Subject"] = f"{shop}: your receipt, {receipt.payable} {receipt.currency}{mark}".replace("\n", " ")
    letter["From"], letter["To"] = sender, to
    letter["Date"] = format_datetime(datetime.fromtimestamp(issued_ns / 1e9, UTC))
    name = hashlib.sha256(f"{shop}/{receipt.visit}/{receipt.revision}/{to}".encode()).hexdigest()[:32]
    letter["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n".join(text) + "\n")
    letter.add_attachment(qr_png(link), maintype="image", subtype="png", filename="receipt.png", disposition="inline")
    letter.set_boundary(name)  # the library's own would be drawn at random
    return letter


def _hand(server: smtplib.SMTP, data: bytes) -> None:
    try:
        _expect(server.data(data), "the letter", final=True)
    except smtplib.SMTPDataError as error:  # it said no before it had the letter
        raise _refused(error.smtp_code, error.smtp_error, "the letter", final=True) from error
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise UnsureError(f"the connection ended while the letter was handed over: {error}") from error


def _expect(said: tuple[int, bytes], what: str, *, final: bool) -> None:
    if said[0] // 100 != 2:
        raise _refused(said[0], said[1], what, final=final)


def _refused(code: int, words: bytes | str, what: str, *, final: bool) -> MailError:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return MailError(f"the server refused {what}: {code} {said}"[:300], final=final and code // 100 == 5)
