"""A stateful Stripe for tests: its REST API as documented, idempotency keys, holds that end, signed webhooks, faults.

It answers over HTTP on loopback and keeps everything in memory. It says what Stripe says: requests are forms, a key
repeats its answer (also a refusal), another body under it is refused, a capture above the hold is refused, a hold lives
48 hours, webhooks are signed and may come before the answer, twice or not at all.
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from walkout.checkout.faults import Fault

SECRET, WEBHOOK_SECRET = "sk_test_of_nobody", "whsec_of_nobody"
HOLD_S = 48 * 3600
KEY_LIFE_S = 24 * 3600
Json = dict[str, Any]


class Fake:
    """The server's state. `fault(kind, before)` says what goes wrong at a POST."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self.now_ns = now_ns
        self.fault: Callable[[str, int], Fault] = lambda _kind, _before: Fault.NONE
        self.intents: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.answers: dict[str, tuple[str, int, Json, int]] = {}
        self.tries: dict[str, int] = {}
        self.late: list[tuple[str, str, dict[str, str]]] = []
        self.deaf: dict[str, int] = {}
        self.webhooks: list[bytes] = []
        self.at_once: Callable[[bytes, str], object] | None = None
        self.posts = self.said = 0
        self.lock = threading.RLock()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake.serve(self, "POST")

            def do_GET(self) -> None:
                fake.serve(self, "GET")

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def now_s(self) -> int:
        return self.now_ns() // 10**9

    def serve(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        length = int(handler.headers.get("content-length") or 0)
        form = dict(parse_qsl(handler.rfile.read(length).decode(), keep_blank_values=True))
        assert handler.headers["Authorization"].startswith(("Basic ", "Bearer "))
        assert handler.headers["Stripe-Version"]
        with self.lock:
            if method == "GET":
                found: tuple[int, Json] | None = (200, self._list(handler.path))
            else:
                found = self.post(urlsplit(handler.path).path, handler.headers["Idempotency-Key"] or "", form)
        if found is None:  # the connection just ends
            handler.close_connection = True
            return
        body = orjson.dumps(found[1])
        handler.send_response(found[0])
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def post(self, path: str, key: str, form: dict[str, str]) -> tuple[int, Json] | None:
        self.posts += 1
        kind = _kind(path, form)
        before = self.tries.get(key, 0)
        self.tries[key] = before + 1
        if key in self.deaf:
            if self.now_s < self.deaf[key]:
                return None
            self.answers.pop(key, None)
            del self.deaf[key]
        fault = self.fault(kind, before) if kind else Fault.NONE
        if fault is Fault.TIMEOUT_BEFORE:
            return None
        if fault is Fault.LATE:
            self.late.append((path, key, form))
            return None
        answer = self.once(path, key, form, fault)
        if fault is Fault.DUPLICATE:
            self.once(path, key, form, Fault.NONE)
            self.webhooks += self.webhooks[-1:]
        if fault is Fault.FORGET:
            self.deaf[key] = self.now_s + KEY_LIFE_S
        if fault in (Fault.TIMEOUT_AFTER, Fault.FORGET):
            self.webhooks.clear()
            return None
        if fault is Fault.WEBHOOK_FIRST and self.at_once is not None and self.webhooks:
            self.at_once(self.webhooks[-1], self.sign(self.webhooks[-1]))
        return answer

    def once(self, path: str, key: str, form: dict[str, str], fault: Fault) -> tuple[int, Json]:
        text = orjson.dumps([path, sorted(form.items())]).decode()
        known = self.answers.get(key)
        if known is not None and self.now_s - known[3] < KEY_LIFE_S:
            if known[0] != text:
                return _error(400, "idempotency_error", "", "Keys for idempotent requests can only be used once")
            return known[1], known[2]
        status, body = self._do(path, form, fault)
        copy = orjson.loads(orjson.dumps(body))
        self.answers[key] = (text, status, copy, self.now_s)
        if status < 300:
            self._tell(path, form, copy)
        return status, copy

    def expire(self) -> None:
        """What Stripe does by itself: holds end, late requests take effect."""
        for path, key, form in self.late:
            self.once(path, key, form, Fault.NONE)
        self.late.clear()
        for intent in self.intents.values():
            if intent["status"] == "requires_capture" and self.now_s >= _until(intent):
                self._end(intent)

    def deliver(self) -> list[tuple[bytes, str]]:
        with self.lock:
            self.expire()
            said = [(one, self.sign(one)) for one in self.webhooks]
            self.webhooks = []
        return said

    def sign(self, payload: bytes, at_s: int | None = None) -> str:
        at_s = int(time.time()) if at_s is None else at_s  # Stripe's library goes by the machine's clock
        digest = hmac.new(WEBHOOK_SECRET.encode(), f"{at_s}.".encode() + payload, hashlib.sha256).hexdigest()
        return f"t={at_s},v1={digest},v0=old"

    def taken(self, visit: str) -> int:
        """Minor units that this shopper paid, less what went back."""
        paid: int = sum(
            i["amount_received"] for i in self.intents.values() if i["metadata"].get("walkout_visit") == visit
        )
        return paid - sum(
            int(r["amount"]) for r in self.refunds.values() if r["metadata"].get("walkout_visit") == visit
        )

    def _end(self, intent: Json) -> None:
        intent["status"], intent["cancellation_reason"], intent["amount_capturable"] = "canceled", "automatic", 0
        self._event("payment_intent.canceled", intent)

    def _do(self, path: str, form: dict[str, str], fault: Fault) -> tuple[int, Json]:
        kind = _kind(path, form)
        if fault is Fault.DECLINE:
            return _error(402, "card_error", "card_declined", "Your card was declined.")
        if path == "/v1/payment_intents":
            return self._create(form)
        if path == "/v1/refunds":
            return self._refund(form)
        intent = self.intents.get(path.split("/")[3])
        if intent is None:
            return _error(404, "invalid_request_error", "resource_missing", "No such payment_intent")
        over = fault is Fault.EXPIRE or self.now_s >= _until(intent)
        if over and intent["status"] == "requires_capture":
            self._end(intent)
        if kind and intent["status"] != "requires_capture":
            return _error(400, "invalid_request_error", "payment_intent_unexpected_state", intent["status"], intent)
        return self._change(intent, kind, form)

    def _change(self, intent: Json, kind: str, form: dict[str, str]) -> tuple[int, Json]:
        if kind == "adjust":
            if int(form["amount"]) <= intent["amount"]:
                return _error(400, "invalid_request_error", "amount_too_small", "must be greater")
            intent["amount"] = intent["amount_capturable"] = int(form["amount"])
        elif kind == "capture":
            if int(form["amount_to_capture"]) > intent["amount_capturable"]:
                return _error(400, "invalid_request_error", "amount_too_large", "more than is held")
            intent["status"], intent["amount_received"] = "succeeded", int(form["amount_to_capture"])
            intent["amount_capturable"] = 0
        elif kind == "cancel":
            intent["status"], intent["cancellation_reason"] = "canceled", form.get("cancellation_reason")
            intent["amount_capturable"] = 0
        intent["metadata"] |= _metadata(form)
        return 200, intent

    def _create(self, form: dict[str, str]) -> tuple[int, Json]:
        assert form["currency"].islower()
        assert form["confirm"] == "true"
        if form["customer"] == "declined":
            return _error(402, "card_error", "card_declined", "Your card was declined.")
        held = form.get("capture_method") == "manual"
        amount = int(form["amount"])
        intent: Json = {
            "id": f"pi_{len(self.intents) + 1}",
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": amount if held else 0,
            "amount_received": 0 if held else amount,
            "currency": form["currency"],
            "created": self.now_s,
            "status": "requires_capture" if held else "succeeded",
            "cancellation_reason": None,
            "metadata": _metadata(form),
            "latest_charge": {
                "payment_method_details": {"card_present": {"capture_before": self.now_s + HOLD_S}} if held else {}
            },
        }
        self.intents[intent["id"]] = intent
        return 200, intent

    def _refund(self, form: dict[str, str]) -> tuple[int, Json]:
        intent = self.intents.get(form["payment_intent"])
        if intent is None:
            return _error(404, "invalid_request_error", "resource_missing", "No such payment_intent")
        back = sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == intent["id"])
        if int(form["amount"]) > intent["amount_received"] - back:
            return _error(400, "invalid_request_error", "charge_already_refunded", "more than was paid")
        refund = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "amount": int(form["amount"]),
            "currency": intent["currency"],
            "created": self.now_s,
            "status": "succeeded",
            "payment_intent": intent["id"],
            "metadata": _metadata(form),
        }
        self.refunds[refund["id"]] = refund
        return 200, refund

    def _tell(self, path: str, form: dict[str, str], body: Json) -> None:
        kind = {
            "hold": "payment_intent.amount_capturable_updated",
            "adjust": "payment_intent.amount_capturable_updated",
            "capture": "payment_intent.succeeded",
            "charge": "payment_intent.succeeded",
            "cancel": "payment_intent.canceled",
            "refund": "refund.created",
        }.get(_kind(path, form))
        if kind is not None:
            self._event(kind, body)

    def _event(self, kind: str, found: Json) -> None:
        copy = orjson.loads(orjson.dumps(found))
        self.said += 1
        event = {"id": f"evt_{self.said}", "object": "event", "type": kind, "data": {"object": copy}}
        self.webhooks.append(orjson.dumps(event))

    def _list(self, path: str) -> Json:
        parts = urlsplit(path)
        asked = dict(parse_qsl(parts.query))
        held = self.intents if parts.path == "/v1/payment_intents" else self.refunds
        newest = list(held.values())[::-1]
        ids = [one["id"] for one in newest]
        start = ids.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        end = start + int(asked["limit"])
        return {"object": "list", "url": parts.path, "data": newest[start:end], "has_more": end < len(newest)}


def _kind(path: str, form: dict[str, str]) -> str:
    if path == "/v1/payment_intents":
        return "hold" if form.get("capture_method") == "manual" else "charge"
    if path == "/v1/refunds":
        return "refund"
    last = path.rsplit("/", maxsplit=1)[-1]
    return {"increment_authorization": "adjust", "capture": "capture", "cancel": "cancel"}.get(last, "")


def _metadata(form: dict[str, str]) -> dict[str, str]:
    found = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
    assert all(len(name) <= 40 and len(value) <= 500 for name, value in found.items())
    return found


def _until(intent: Json) -> int:
    details = intent["latest_charge"]["payment_method_details"]
    return int(details["card_present"]["capture_before"]) if details else 2**62


def _error(status: int, kind: str, code: str, words: str, intent: Json | None = None) -> tuple[int, Json]:
    body: Json = {"type": kind, "code": code, "message": words}
    if intent is not None:
        body["payment_intent"] = intent
    return status, {"error": body}
