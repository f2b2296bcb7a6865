"""A small RTSP server that plays H.264 over TCP (RFC 2326, RFC 6184), to be killed and started again at will."""

import base64
import socket
import struct
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

MTU = 1200


def units(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit."""
    return [
        part.rstrip(b"\x00") for part in data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")[1:]
    ]


def rtp(unit: bytes) -> list[bytes]:
    """The payloads of one NAL unit: itself, or fragments (FU-A)."""
    if len(unit) <= MTU:
        return [unit]
    head, rest = unit[0], unit[1:]
    pieces = [rest[k : k + MTU] for k in range(0, len(rest), MTU)]
    return [
        bytes([head & 0x60 | 28, head & 31 | (0x80 if k == 0 else 0) | (0x40 if k == len(pieces) - 1 else 0)]) + piece
        for k, piece in enumerate(pieces)
    ]


class RtspServer:
    """Plays access units over and over, `rate_hz` a second, to each client, and hangs after the first `most`.

    `sets_apart`: the parameter sets stand in the description alone, not in the stream.
    """

    def __init__(
        self, access: Sequence[bytes], rate_hz: float, port: int = 0, sets_apart: bool = True, most: int = 10**9
    ) -> None:
        self._access, self._rate_hz, self._apart, self._most, self._number = access, rate_hz, sets_apart, most, 0
        self._sets = [unit for unit in units(access[0]) if unit[0] & 31 in (7, 8)]
        self._stop = Event()
        self._clients: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self._server.settimeout(0.05)
        self.port: int = self._server.getsockname()[1]
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"rtsp://user:secret@127.0.0.1:{self.port}/stream"

    def kill(self) -> None:
        """Drop every client at once and close the port."""
        self._stop.set()
        for client in self._clients:
            client.close()
        for thread in self._threads:
            thread.join(5)
        self._server.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            client.settimeout(0.05)
            self._clients.append(client)
            self._threads.append(Thread(target=self._serve, args=(client,), daemon=True))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        buffer, playing, k = b"", False, 0
        try:
            while not self._stop.is_set():
                try:
                    got = client.recv(4096)
                    if not got:
                        return
                    buffer += got
                except TimeoutError:
                    pass
                while b"\r\n\r\n" in buffer:
                    request, _, buffer = buffer.partition(b"\r\n\r\n")
                    verb, reply = self._reply(request.decode())
                    client.sendall(reply)
                    if verb == "PLAY":
                        playing, due = True, self._player()
                while playing and k < self._most and (now := due(k)) is not None:
                    self._send(client, now)
                    k += 1
        except OSError:
            return
        finally:
            client.close()

    def _player(self) -> Callable[[int], int | None]:
        """For one client from now on: the number of its k-th access unit as soon as that is due, else None."""
        start = time.monotonic()
        return lambda k: k if time.monotonic() - start >= k / self._rate_hz else None

    def _unit(self, n: int) -> bytes:
        return self._access[n % len(self._access)]

    def _reply(self, request: str) -> tuple[str, bytes]:
        lines = request.split("\r\n")
        verb = lines[0].split()[0]
        number = next(line.split(":")[1].strip() for line in lines if line.lower().startswith("cseq"))
        head, body = [f"CSeq: {number}", "Session: 7"], ""
        if verb == "OPTIONS":
            head.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER")
        elif verb == "DESCRIBE":
            sets = ",".join(base64.b64encode(unit).decode() for unit in self._sets)
            body = (
                "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\n"
                f"a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}\r\n"
                "a=control:track1\r\n"
            )
            head += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif verb == "SETUP":
            head.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        return verb, ("RTSP/1.0 200 OK\r\n" + "\r\n".join(head) + "\r\n\r\n" + body).encode()

    def _send(self, client: socket.socket, k: int) -> None:
        access = self._unit(k)
        parts = [unit for unit in units(access) if not (self._apart and unit[0] & 31 in (7, 8))]
        payloads = [payload for unit in parts for payload in rtp(unit)]
        stamp = round(k * 90_000 / self._rate_hz) + 12_345
        for n, payload in enumerate(payloads):
            mark = 0x80 if n == len(payloads) - 1 else 0
            self._number += 1
            packet = struct.pack(">BBHII", 0x80, 96 | mark, self._number & 0xFFFF, stamp & 0xFFFFFFFF, 7) + payload
            client.settimeout(2.0)
            client.sendall(b"$\x00" + struct.pack(">H", len(packet)) + packet)
            client.settimeout(0.005)


class Camera(RtspServer):
    """A camera that films whether anybody looks or not: the first `group` units over and over until the film begins,
    then all of them once at their times, then the last `group` over and over. Whoever comes waits for a keyframe.

    `group`: units from one keyframe to the next; `access` holds whole groups. `born_s`: when its unit 0 was taken, by
    the monotonic clock, the same for cameras that play one film.
    """

    def __init__(self, access: Sequence[bytes], rate_hz: float, group: int, born_s: float, port: int = 0) -> None:
        assert len(access) % group == 0
        self._group, self._born_s = group, born_s
        self.begins: int | None = None
        """With which of its units the film begins; see `begin_at`."""
        super().__init__(access, rate_hz, port)

    def begin_at(self, from_s: float) -> tuple[int, float]:
        """The unit with which a film may begin from an instant on, and when that is taken, by the monotonic clock."""
        group_s = self._group / self._rate_hz
        groups = int((from_s - self._born_s) / group_s) + 1
        return groups * self._group, self._born_s + groups * group_s

    def _player(self) -> Callable[[int], int | None]:
        first, _ = self.begin_at(time.monotonic())
        return lambda k: first + k if (time.monotonic() - self._born_s) * self._rate_hz >= first + k else None

    def _unit(self, n: int) -> bytes:
        n = n % self._group - self._group if self.begins is None else n - self.begins
        if n < 0:
            return self._access[n % self._group]
        if n >= len(self._access):
            return self._access[len(self._access) - self._group + (n - len(self._access)) % self._group]
        return self._access[n]
