"""Stripe behind the port: PaymentIntents with manual capture, asked through Stripe's own library (the extra `stripe`).

A hold is a PaymentIntent with `capture_method=manual`; `adjust` is incremental authorization; a charge is one with
`off_session`; refunds are Refunds. `payer` is `customer:payment_method` as Stripe names them; no card number comes near
this program. What was done under a key can be looked up from the metadata that each operation leaves at its object,
also after Stripe forgot the key itself (24 hours). The library retries nothing: the outbox does, under the same key.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import cast

import stripe
from stripe.params import PaymentIntentCreateParams

from walkout.checkout.provider import (
    Answer,
    Event,
    Kind,
    Movement,
    NoAnswerError,
    Request,
    RequestRefusedError,
    WebhookError,
)
from walkout.store.currency import from_minor, to_minor

stripe.enable_telemetry = False  # else it says this machine's system and an id of its own with every request

SECOND_NS = 1_000_000_000
HOLD_NS = 48 * 3600 * SECOND_NS
"""How long a card-present hold lives where Stripe does not say (`capture_before`); docs.stripe.com, terminal."""
PAGE = 100
KEY, KIND, VISIT = "walkout_key", "walkout_kind", "walkout_visit"
HELD = f"{KEY}_hold"
NOTE = "walkout_op_"
KINDS: tuple[Kind, ...] = ("hold", "adjust", "capture", "cancel", "charge", "refund")
HOLDS = ("hold", "adjust")
UNPAID = ("requires_payment_method", "requires_action")
ENDED = ("automatic", "expired")


class StripeProvider:
    """The adapter. `base` lets tests point it at a fake."""

    def __init__(self, secret: str, *, base: str = "", timeout_s: float = 20.0) -> None:
        if not secret.startswith(("sk_", "rk_")):
            raise ValueError("found a key that is none of Stripe's secret keys, right: sk_... or rk_...")
        self._http = stripe.RequestsClient(timeout=timeout_s)
        self._client = stripe.StripeClient(
            secret,
            base_addresses={"api": base.rstrip("/") or stripe.DEFAULT_API_BASE},
            max_network_retries=0,
            http_client=self._http,
        )

    def perform(self, request: Request) -> Answer:
        """As PaymentProvider says: one request under the key."""
        try:
            return _answer(request.kind, self._do(request))
        except stripe.CardError as error:
            return Answer("declined", reason=error.user_message or error.code or "the card was declined")
        except stripe.InvalidRequestError as error:
            return _refused(request, error)
        except (stripe.IdempotencyError, stripe.AuthenticationError, stripe.PermissionError) as error:
            raise RequestRefusedError(f"Stripe refused {request.kind}: {error.user_message}") from error
        except stripe.StripeError as error:  # no connection, under way (409), too fast, or their fault: not known
            raise NoAnswerError(f"no answer ({error.http_status or error.user_message})") from error

    def look_up(self, key: str) -> Answer | None:
        """What was done under a key, from the objects themselves."""
        for one, until_ns in self._done():
            if one.key == key:
                return Answer("done", one.id, until_ns)
        return None

    def movements(self) -> Iterator[Movement]:
        """All that took effect, the oldest first."""
        return (one for one, _ in self._done())

    def events(self, payload: bytes, signature: str, secret: str) -> tuple[Event, ...]:
        """As WebhookProvider says: the answer that a webhook repeats, or that a hold ended by itself."""
        try:
            event = self._client.construct_event(payload, signature, secret)
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise WebhookError(f"found no webhook of Stripe's for this endpoint ({error})") from error
        found = event.data.object
        if not isinstance(found, stripe.PaymentIntent | stripe.Refund):
            return ()
        meta = _metadata(found)
        kind, key = cast("Kind", meta.get(KIND, "")), meta.get(KEY, "")
        if event.type == "payment_intent.canceled" and getattr(found, "cancellation_reason", None) in ENDED:
            return (Event(event.id, "lapsed", meta.get(HELD, key)),)
        if key and event.type in _TELLS.get(kind, ()):
            return (Event(event.id, "answer", key, _answer(kind, found)),)
        return ()

    def close(self) -> None:
        """Close what is open."""
        self._http.close()  # type: ignore[no-untyped-call]

    def _do(self, request: Request) -> stripe.PaymentIntent | stripe.Refund:
        """Ask for one operation; each leaves a line of its own in the object's metadata."""
        intents, of = self._client.v1.payment_intents, request.of or ""
        amount = to_minor(request.amount, request.currency)
        note = {_note(request.key): f"{request.kind} {amount} {request.key}"}
        meta = {KEY: request.key, KIND: request.kind, VISIT: request.visit, **note}
        once: stripe.RequestOptions = {"idempotency_key": request.key}
        if request.kind == "refund":
            return self._client.v1.refunds.create({"payment_intent": of, "amount": amount, "metadata": meta}, once)
        if request.kind == "adjust":
            return intents.increment_authorization(
                of, {"amount": amount, "expand": ["latest_charge"], "metadata": meta}, once
            )
        if request.kind == "capture":
            return intents.capture(of, {"amount_to_capture": amount, "metadata": meta}, once)
        if request.kind == "cancel":  # it takes no metadata: the key is noted first
            intents.update(of, {"metadata": note}, {"idempotency_key": f"{request.key}/note"})
            return intents.cancel(of, {"cancellation_reason": "abandoned"}, once)
        customer, _, method = request.payer.partition(":")
        new: PaymentIntentCreateParams = {
            "amount": amount,
            "currency": request.currency.lower(),
            "customer": customer,
            "confirm": True,
            "expand": ["latest_charge"],
            "metadata": meta,
        }
        if method:
            new["payment_method"] = method
        if request.kind == "charge":
            return intents.create({**new, "off_session": True}, once)
        new["metadata"] = {**meta, HELD: request.key}
        new["payment_method_options"] = {"card_present": {"request_incremental_authorization_support": True}}
        return intents.create({**new, "capture_method": "manual"}, once)

    def _done(self) -> Iterator[tuple[Movement, int | None]]:
        """Every operation of ours that took effect, and until when it holds."""
        found: list[tuple[int, Movement, int | None]] = []
        try:
            intents = self._client.v1.payment_intents.list({"limit": PAGE, "expand": ["data.latest_charge"]})
            for intent in reversed(list(intents.auto_paging_iter())):
                until_ns = _until_ns(intent)
                found += [(intent.created, m, until_ns if m.kind in HOLDS else None) for m in _history(intent)]
            for refund in reversed(list(self._client.v1.refunds.list({"limit": PAGE}).auto_paging_iter())):
                meta = _metadata(refund)
                if KEY in meta and refund.status not in ("failed", "canceled"):
                    currency = refund.currency.upper()
                    amount = from_minor(refund.amount, currency)
                    made = Movement(meta[KEY], "refund", meta[VISIT], amount, currency, refund.id)
                    found.append((refund.created, made, None))
        except stripe.StripeError as error:
            raise NoAnswerError(f"no list of what was done ({error.user_message})") from error
        for _, movement, until in sorted(found, key=lambda one: one[0]):
            yield movement, until


_TELLS: Mapping[str, tuple[str, ...]] = {
    "hold": ("payment_intent.amount_capturable_updated", "payment_intent.payment_failed"),
    "adjust": ("payment_intent.amount_capturable_updated",),
    "capture": ("payment_intent.succeeded",),
    "cancel": ("payment_intent.canceled",),
    "charge": ("payment_intent.succeeded", "payment_intent.payment_failed"),
    "refund": ("refund.created", "refund.updated"),
}


def _answer(kind: Kind, found: stripe.PaymentIntent | stripe.Refund) -> Answer:
    if isinstance(found, stripe.Refund):
        if found.status in ("failed", "canceled"):
            return Answer("declined", found.id, reason=getattr(found, "failure_reason", None) or found.status)
        return Answer("done", found.id)
    if found.status in UNPAID:
        return Answer("declined", found.id, reason="the card was declined")
    return Answer("done", found.id, _until_ns(found) if kind in HOLDS else None)


def _until_ns(intent: stripe.PaymentIntent) -> int:
    charge = intent.latest_charge
    details = getattr(charge, "payment_method_details", None)
    for way in ("card_present", "card"):
        if before := getattr(getattr(details, way, None), "capture_before", None):
            return int(before) * SECOND_NS
    return intent.created * SECOND_NS + HOLD_NS


def _refused(request: Request, error: stripe.InvalidRequestError) -> Answer:
    """An answer from an error, or RequestRefusedError where it is this program's own fault."""
    intent = error.error.payment_intent if error.error is not None else None
    ended = intent is not None and intent.status == "canceled" and intent.cancellation_reason in ENDED
    if request.kind in ("adjust", "capture", "cancel") and (
        ended or error.code in ("charge_expired_for_capture", "capture_charge_authorization_expired")
    ):
        return Answer("expired", reason="the hold has run out")
    if request.kind == "adjust" and error.code == "incremental_authorization_unsupported":
        return Answer("declined", reason="the hold cannot grow")
    raise RequestRefusedError(f"Stripe refused {request.kind}: {error.user_message or error.code}") from error


def _metadata(found: stripe.PaymentIntent | stripe.Refund) -> dict[str, str]:
    return found.metadata.to_dict() if found.metadata is not None else {}


def _note(key: str) -> str:
    """The metadata field of one operation: an intent holds several."""
    return f"{NOTE}{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _history(intent: stripe.PaymentIntent) -> Iterator[Movement]:
    """The operations that took effect on an intent, in the order in which they can."""
    meta, currency = _metadata(intent), intent.currency.upper()
    notes = [value.split(" ", 2) for name, value in meta.items() if name.startswith(NOTE)]
    notes = [one for one in notes if len(one) == 3 and one[0] in KINDS]
    for name, amount, key in sorted(notes, key=lambda one: (KINDS.index(cast("Kind", one[0])), int(one[1]))):
        kind = cast("Kind", name)
        took = {
            "capture": intent.status == "succeeded",
            "charge": intent.status == "succeeded",
            "cancel": intent.status == "canceled" and intent.cancellation_reason == "abandoned",
        }.get(kind, intent.status not in UNPAID)
        if took:
            yield Movement(key, kind, meta.get(VISIT, ""), from_minor(int(amount), currency), currency, intent.id)
