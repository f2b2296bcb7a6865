"""What a shopper may do alone, on the mock: mail, help, looks, the proof (a real log's, signed), erasure."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from tests.web.mock.knobs import Mock
from walkout.privacy.checkpoint import Checkpoint, public_bytes, sign
from walkout.privacy.entry import Entry, encode, seal
from walkout.privacy.merkle import Tree, leaf_hash
from walkout.review.consent import WORDS

API = "/api/v1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = public_bytes(KEY).hex()
SALT = bytes(range(32, 64))
OTHERS = 37
"""Entries of other visits, among which a shopper's own stand."""


class Rights:
    """One log, in which every visit has its receipt, and as many looks as its receipt says."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self.addresses: dict[str, str] = {}
        self.called: list[str] = []
        self.erased: set[str] = set()
        self.reviews: list[str] = []
        self.agreed: set[str] = set()
        self.clips: dict[str, int] = {}
        """How many clips of a visit people saw; its receipt says so too."""
        self.lie = False
        """The paper leaves out that somebody looked."""

    def entries(self, visit: str) -> tuple[list[Entry], list[int]]:
        """The log, and where in it the visit stands."""
        now, clips = self._mock.now_ns(), self.clips.get(visit, 0)
        mine = [Entry("decision", now, {"what": "receipt"}, {"visit": seal(SALT, "visit", visit)})]
        look = {"what": "clip", "purpose": "settle"}
        mine += [Entry("view", now, look, {"visit": seal(SALT, "visit", visit)})] * (0 if self.lie else clips)
        others = [Entry("decision", now - k, {"what": "receipt"}, {}) for k in range(OTHERS)]
        at = OTHERS // 2
        return others[:at] + mine + others[at:], list(range(at, at + len(mine)))

    def paper(self, visit: str) -> dict[str, Any]:
        """As `walkout.disclosure.proof` writes it."""
        entries, mine = self.entries(visit)
        tree = Tree()
        for one in entries:
            tree.add(leaf_hash(encode(one)))
        head: Checkpoint = sign(KEY, len(tree), tree.root(), self._mock.now_ns())
        return {
            "kind": "visit-paper",
            "visit": visit,
            "salt": SALT.hex(),
            "rows": [{"row": f"receipt/{visit}", "number": mine[0]}],
            "head": {"size": head.size, "root": head.root.hex(), "hash": head.hash(), "t_ns": head.t_ns},
            "signed": head.text().decode(),
            "key": head.key.hex(),
            "signature": head.signature.hex(),
            "entries": [
                {
                    "number": n,
                    "line": encode(entries[n]).decode(),
                    "path": [one.hex() for one in tree.inclusion(n)],
                }
                for n in mine
            ],
        }

    def looks(self, visit: str) -> list[dict[str, Any]]:
        entries, mine = self.entries(visit)
        return [
            {"t_ns": e.t_ns, "kind": e.kind, "what": e.facts["what"], "why": e.facts["purpose"]}
            for e in (entries[n] for n in mine)
            if e.kind == "view"
        ]

    def mail(self, visit: str) -> dict[str, Any]:
        address = self.addresses.get(visit)
        hidden = None if address is None else f"{address[0]}...@{address.rpartition('@')[2]}"
        return {"offered": True, "address": hidden, "letters": []}


def add_rights(app: FastAPI, rights: Rights) -> None:
    """The routes."""

    @app.post(f"{API}/s/{{token}}/mail")
    async def give(token: str, body: dict[str, Any]) -> Any:
        rights.addresses[token] = body["address"]
        return JSONResponse(rights.mail(token), 201)

    @app.delete(f"{API}/s/{{token}}/mail")
    async def take_back(token: str) -> Any:
        rights.addresses.pop(token, None)
        return rights.mail(token)

    @app.post(f"{API}/s/{{token}}/help")
    async def call(token: str) -> Any:
        rights.called.append(token)
        return JSONResponse({"visit": token, "called": True}, 201)

    @app.get(f"{API}/s/{{token}}/looks")
    async def looks(token: str) -> Any:
        return {"items": rights.looks(token), "proven": True}

    @app.get(f"{API}/s/{{token}}/proof")
    async def proof(token: str) -> Any:
        return rights.paper(token)

    @app.get(f"{API}/shift/proof")
    async def month() -> Any:
        return rights.paper("a month") | {"kind": "month-paper"}

    @app.get(f"{API}/s/{{token}}/consent")
    async def consent(token: str) -> Any:
        on = token in rights.agreed
        more = {"agreed": on, "agreed_ns": None, "clips": rights.clips.get(token, 0), "possible": True}
        more |= {"copies": more["clips"] if on else 0}
        return {"words": WORDS, "sentences": WORDS.splitlines()} | more

    @app.post(f"{API}/s/{{token}}/consent")
    async def agreeing(token: str, body: dict[str, Any]) -> Any:
        (rights.agreed.add if body["agree"] else rights.agreed.discard)(token)
        return {"agreed": body["agree"], "deleted": 0}

    @app.get(f"{API}/s/{{token}}/export")
    async def export(token: str) -> Response:
        return Response(token.encode(), media_type="application/zip")

    @app.post(f"{API}/s/{{token}}/erase")
    async def erase(token: str) -> Any:
        rights.erased.add(token)
        return {"keys": 2, "files": 3, "rows": 4, "stays": ["receipts and payments, without a name"]}

    @app.post(f"{API}/s/{{token}}/review")
    async def review(token: str) -> Any:
        rights.reviews.append(token)
        return JSONResponse({"id": "c1"}, 201)
