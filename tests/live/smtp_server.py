"""A small SMTP server (RFC 5321) for tests: takes letters, or goes wrong at a chosen point of the conversation."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

Fault = Literal["", "busy", "no such mailbox", "no after the letter", "gone after the letter", "gone at the address"]


@dataclass
class Box:
    """What a server has taken, and what it does wrong next; each fault is done once."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    conversations: int = 0

    def next(self) -> Fault:
        return self.faults.pop(0) if self.faults else ""


class _Handler(socketserver.StreamRequestHandler):
    box: Box

    def handle(self) -> None:
        fault = self.box.next()
        self.box.conversations += 1
        to = ""
        if fault == "busy":
            self._say("421 come again later")
            return
        self._say("220 test server")
        while line := self.rfile.readline():
            text = line.decode().strip()
            word = text.partition(" ")[0].upper()
            if word == "EHLO":
                self._say("250-test server\r\n250 8BITMIME")
            elif word == "RCPT":
                if fault == "gone at the address":
                    return
                if fault == "no such mailbox":
                    self._say("550 no such mailbox")
                    continue
                to = text.partition("<")[2].rpartition(">")[0]
                self._say("250 fine")
            elif word == "DATA":
                self._say("354 end with a dot")
                data = self._data()
                if fault == "no after the letter":
                    self._say("451 the disk is full")
                    continue
                self.box.letters.append(message_from_bytes(data, policy=policy.default))
                self.box.recipients.append(to)
                if fault == "gone after the letter":
                    return
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine" if word in ("MAIL", "RSET", "NOOP") else "502 not here")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def smtp() -> Iterator[Box]:
    """A server on a free port of this machine."""
    box = Box()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"box": box}))
    server.daemon_threads = True
    box.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
