"""Stripe behind the port: PaymentIntents with manual capture, spoken over its documented REST API.

Own thin client (urllib): the `stripe` package is not among this project's locked libraries. Form-encoded requests,
`Idempotency-Key` on every POST, amounts in minor units, the API version pinned. What was done under a key can be
looked up by `metadata[walkout_key]`, also after Stripe forgot the key itself (24 hours).

A hold is a PaymentIntent with `capture_method=manual`; `adjust` is incremental authorization; a charge is one with
`off_session`; refunds are Refunds. `payer` is `customer:payment_method` as Stripe names them; no card number comes near
this program.
"""

import base64
import hashlib
import hmac
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from walkout.checkout.provider import Answer, Event, Kind, Movement, NoAnswerError, Request, RequestRefusedError
from walkout.store.currency import from_minor, to_minor

API = "https://api.stripe.com"
VERSION = "2026-10-28.endive"
SECOND_NS = 1_000_000_000
HOLD_NS = 48 * 3600 * SECOND_NS
"""How long a card-present hold lives where Stripe does not say (`capture_before`); docs.stripe.com, terminal."""
TOLERANCE_S = 300
"""How old a webhook's signature may be, as Stripe's own libraries have it."""
PAGE = 100
KEY, KIND, VISIT, AMOUNT = "walkout_key", "walkout_kind", "walkout_visit", "walkout_amount"
NOTE = "walkout_op_"
KINDS: tuple[Kind, ...] = ("hold", "adjust", "capture", "cancel", "charge", "refund")


class WebhookError(ValueError):
    """A webhook that is not Stripe's, or too old; nothing of it is taken in."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered."""

    status: int
    body: Mapping[str, Any]


class StripeProvider:
    """The adapter. `now_ns` is the wall clock; `base` lets tests point it at a fake."""

    def __init__(self, secret: str, now_ns: Callable[[], int], *, base: str = API, timeout_s: float = 20.0) -> None:
        if not secret.startswith(("sk_", "rk_")):
            raise ValueError("found a key that is none of Stripe's secret keys, right: sk_... or rk_...")
        self._secret, self._now_ns, self._base, self._timeout_s = secret, now_ns, base.rstrip("/"), timeout_s

    def perform(self, request: Request) -> Answer:
        """As PaymentProvider says: one POST under the request's key."""
        path, form = _call(request)
        if request.kind == "cancel":  # Stripe's cancel takes no metadata: the key is noted first
            note = {_note(request.key): f"cancel {to_minor(request.amount, request.currency)} {request.key}"}
            noted = self._ask("POST", path.removesuffix("/cancel"), note, f"{request.key}/note")
            if noted.status >= 300:
                return _refused(request, noted)
        reply = self._ask("POST", path, form, request.key)
        if reply.status < 300:
            return self._answer(request.kind, reply.body)
        return _refused(request, reply)

    def look_up(self, key: str) -> Answer | None:
        """What was done under a key, from the objects themselves."""
        for kind, id_, body in self._done():
            if body[KEY] == key:
                return self._looked_up(kind, id_, body)
        return None

    def movements(self) -> Iterator[Movement]:
        """All that took effect, the oldest first."""
        for kind, id_, body in self._done():
            amount = from_minor(int(body[AMOUNT]), body["currency"])
            yield Movement(body[KEY], kind, body[VISIT], amount, body["currency"], id_)

    def events(self, payload: bytes, signature: str, secret: str) -> tuple[Event, ...]:
        """A webhook's events: the answer that it repeats, or that a hold ended by itself; none of no interest.

        Raises WebhookError where the signature is wrong or old.
        """
        verify(payload, signature, secret, self._now_ns() // SECOND_NS)
        event = orjson.loads(payload)
        found = event["data"]["object"]
        metadata = found.get("metadata") or {}
        kind = metadata.get(KIND)
        if event["type"] == "payment_intent.canceled" and found.get("cancellation_reason") in ("automatic", "expired"):
            return (Event(event["id"], "lapsed", metadata.get(f"{KEY}_hold", metadata.get(KEY, ""))),)
        if metadata.get(KEY) and kind in KINDS and event["type"] in _TELLS[kind]:
            return (Event(event["id"], "answer", metadata[KEY], self._answer(kind, found)),)
        return ()

    def close(self) -> None:
        """Nothing is kept open."""

    def _answer(self, kind: Kind, found: Mapping[str, Any]) -> Answer:
        if kind == "refund":
            if found["status"] in ("failed", "canceled"):
                return Answer("declined", found["id"], reason=str(found.get("failure_reason") or found["status"]))
            return Answer("done", found["id"])
        if found["status"] in ("requires_payment_method", "requires_action"):
            return Answer("declined", found["id"], reason="the card was declined")
        if kind in ("hold", "adjust"):
            return Answer("done", found["id"], self._until(found))
        return Answer("done", found["id"])

    def _until(self, found: Mapping[str, Any]) -> int:
        charge = found.get("latest_charge")
        details = charge.get("payment_method_details", {}) if isinstance(charge, dict) else {}
        for way in ("card_present", "card"):
            if before := details.get(way, {}).get("capture_before"):
                return int(before) * SECOND_NS
        return int(found["created"]) * SECOND_NS + HOLD_NS

    def _looked_up(self, kind: Kind, id_: str, body: Mapping[str, str]) -> Answer:
        until = body.get("until", "")
        return Answer("done", id_, int(until) if kind in ("hold", "adjust") and until else None)

    def _done(self) -> Iterator[tuple[Kind, str, dict[str, str]]]:
        """Every operation of ours that took effect, from the metadata that each leaves at its object."""
        found: list[tuple[int, int, Kind, str, dict[str, str]]] = []
        for intent in self._all("/v1/payment_intents"):
            currency = intent["currency"].upper()
            for number, done in enumerate(_history(intent)):
                at = int(intent["created"])
                kind = cast("Kind", done.pop("kind"))
                until = str(self._until(intent)) if kind in ("hold", "adjust") else ""
                found.append((at, number, kind, intent["id"], {**done, "currency": currency, "until": until}))
        for refund in self._all("/v1/refunds"):
            meta = refund.get("metadata") or {}
            if KEY in meta and refund["status"] not in ("failed", "canceled"):
                body = {KEY: meta[KEY], VISIT: meta[VISIT], AMOUNT: str(refund["amount"])}
                body["currency"] = refund["currency"].upper()
                found.append((int(refund["created"]), 0, "refund", refund["id"], body))
        for _, _, kind, id_, body in sorted(found, key=lambda one: one[:2]):
            yield kind, id_, body

    def _all(self, path: str) -> Iterator[Mapping[str, Any]]:
        after = ""
        while True:
            form = {"limit": str(PAGE)} | ({"starting_after": after} if after else {})
            reply = self._ask("GET", f"{path}?{urllib.parse.urlencode(form)}", None, None)
            if reply.status >= 300:
                raise NoAnswerError(f"no list of {path} ({reply.status})")
            yield from reply.body["data"]
            if not reply.body.get("has_more") or not reply.body["data"]:
                return
            after = reply.body["data"][-1]["id"]

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None, key: str | None) -> Reply:
        data = None if form is None else urllib.parse.urlencode(form).encode()
        token = base64.b64encode(f"{self._secret}:".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Stripe-Version": VERSION}
        if key is not None:
            headers["Idempotency-Key"] = key
        asked = urllib.request.Request(f"{self._base}{path}", data, headers, method=method)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(asked, timeout=self._timeout_s) as answer:  # noqa: S310 - ours
                return Reply(answer.status, orjson.loads(answer.read()))
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            if error.code in (409, 429) or error.code >= 500:  # under way, too fast, or their fault: not known
                raise NoAnswerError(f"no answer (Stripe said {error.code})") from error
            return Reply(error.code, orjson.loads(text))
        except (OSError, orjson.JSONDecodeError) as error:
            raise NoAnswerError(f"no answer ({error})") from error


def verify(payload: bytes, header: str, secret: str, now_s: int) -> None:
    """Hold a webhook against its `Stripe-Signature`: HMAC-SHA256 of `<t>.<payload>`; WebhookError where it is wrong."""
    parts = [part.split("=", 1) for part in header.split(",") if "=" in part]
    times = [value for name, value in parts if name == "t" and value.isdecimal()]
    if len(times) != 1 or abs(now_s - int(times[0])) > TOLERANCE_S:
        raise WebhookError(f"found a signature without a time, or of another one, right: within {TOLERANCE_S} s")
    wanted = hmac.new(secret.encode(), f"{times[0]}.".encode() + payload, hashlib.sha256).hexdigest()
    if not any(name == "v1" and hmac.compare_digest(value.encode(), wanted.encode()) for name, value in parts):
        raise WebhookError("found a signature that is not of this body, right: the endpoint's own secret")


_ORDER: dict[str, int] = {kind: number for number, kind in enumerate(KINDS)}
_TELLS: Mapping[str, tuple[str, ...]] = {
    "hold": ("payment_intent.amount_capturable_updated", "payment_intent.payment_failed"),
    "adjust": ("payment_intent.amount_capturable_updated",),
    "capture": ("payment_intent.succeeded",),
    "cancel": ("payment_intent.canceled",),
    "charge": ("payment_intent.succeeded", "payment_intent.payment_failed"),
    "refund": ("refund.created", "refund.updated"),
}


def _call(request: Request) -> tuple[str, dict[str, str]]:
    """Path and form of a request. Every operation leaves a line of its own in the object's metadata."""
    amount = str(to_minor(request.amount, request.currency))
    kind, intents, of = request.kind, "/v1/payment_intents", urllib.parse.quote(request.of or "", safe="")
    form = {
        f"metadata[{KEY}]": request.key,
        f"metadata[{KIND}]": kind,
        f"metadata[{VISIT}]": request.visit,
        _note(request.key): f"{kind} {amount} {request.key}",
    }
    if kind in ("hold", "charge"):
        customer, _, method = request.payer.partition(":")
        form |= {"amount": amount, "currency": request.currency.lower(), "customer": customer, "confirm": "true"}
        form |= {"payment_method": method} if method else {}
        if kind == "hold":
            form |= {"capture_method": "manual", f"metadata[{KEY}_hold]": request.key}
            form["payment_method_options[card_present][request_incremental_authorization_support]"] = "true"
        else:
            form["off_session"] = "true"
        form["expand[]"] = "latest_charge"
        return intents, form
    if kind == "refund":
        return "/v1/refunds", form | {"payment_intent": request.of or "", "amount": amount}
    if kind == "adjust":
        return f"{intents}/{of}/increment_authorization", form | {"amount": amount, "expand[]": "latest_charge"}
    if kind == "capture":
        return f"{intents}/{of}/capture", form | {"amount_to_capture": amount}
    return f"{intents}/{of}/cancel", {"cancellation_reason": "abandoned"}


def _refused(request: Request, reply: Reply) -> Answer:
    """An answer from an error, or RequestRefusedError where it is this program's own fault."""
    error: Mapping[str, Any] = reply.body.get("error", {})
    code, kind = str(error.get("code", "")), str(error.get("type", ""))
    if kind == "card_error" or reply.status == 402:
        return Answer("declined", reason=str(error.get("message") or code or "the card was declined"))
    intent = error.get("payment_intent") or {}
    ended = intent.get("status") == "canceled" and intent.get("cancellation_reason") in ("automatic", "expired")
    if request.kind in ("adjust", "capture", "cancel") and (
        ended or code in ("charge_expired_for_capture", "capture_charge_authorization_expired")
    ):
        return Answer("expired", reason="the hold has run out")
    if request.kind == "adjust" and code == "incremental_authorization_unsupported":
        return Answer("declined", reason="the hold cannot grow")
    raise RequestRefusedError(f"Stripe refused {request.kind}: {error.get('message') or code or reply.status}")


def _note(key: str) -> str:
    """The metadata field of one operation: an intent holds several."""
    return f"metadata[{NOTE}{hashlib.sha256(key.encode()).hexdigest()[:12]}]"


def _history(intent: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """The operations that took effect on an intent, in the order in which they can."""
    meta: Mapping[str, str] = intent.get("metadata") or {}
    status = intent["status"]
    notes = [value.split(" ", 2) for name, value in meta.items() if name.startswith(NOTE)]
    notes = sorted((one for one in notes if len(one) == 3 and one[0] in KINDS), key=lambda o: (_ORDER[o[0]], int(o[1])))
    for kind, amount, key in notes:
        took = {
            "capture": status == "succeeded",
            "charge": status == "succeeded",
            "cancel": status == "canceled" and intent.get("cancellation_reason") == "abandoned",
        }.get(kind, status not in ("requires_payment_method", "requires_action"))
        if took:
            yield {"kind": kind, KEY: key, VISIT: meta.get(VISIT, ""), AMOUNT: amount}
