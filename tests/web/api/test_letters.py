"""E-mail from the shopper's page and from the card, and credentials that other programs register."""

import time

from tests.live.smtp_server import smtp
from tests.web.api.conftest import Open
from walkout.live.mail import Mail
from walkout.live.post import Post

API = "/api/v1"


def test_a_shopper_gives_an_address_gets_the_receipt_and_takes_it_back(here: Open) -> None:
    context = here.context
    ledger = context.till.ledger
    visit = next(v for v in ledger.visits() if ledger.receipts(v) and ledger.receipts(v)[-1].final)
    path = f"{API}/s/{context.identity.link(visit)}"
    assert here.ask("GET", path).json()["store"] == {"name": "Sample corner shop", "timezone": "Europe/Berlin"}
    assert here.ask("GET", path).json()["mail"] == {"offered": False, "address": None, "letters": []}
    assert here.ask("POST", f"{path}/mail", json={"address": "ann@example.org"}).status_code == 409
    with smtp() as box:
        mail = Mail("127.0.0.1", box.port, "shop@example.org")
        context.post = post = Post(context.till.database, context.till.addresses, mail, lambda: "Sample", context.link)
        try:
            assert here.ask("POST", f"{path}/mail", json={"address": "an n@example.org"}).status_code == 422
            said = here.ask("POST", f"{path}/mail", json={"address": "ann@example.org"})
            assert said.status_code == 201
            assert said.json()["address"] == "a...@example.org"
            post.queue(time.time_ns())
            assert post.deliver(time.time_ns()) == 1
            found = here.ask("GET", path).json()
            assert [one["state"] for one in found["mail"]["letters"]] == ["sent"]
            assert "your e-mail address" in {one["what"] for one in found["stored"]}
            assert "ann@" not in str(found), "whoever the link is passed on to does not learn the address"
            assert here.ask("GET", f"{API}/health", "operator").json()["letters"] == {"sent": 1}
            assert here.ask("DELETE", f"{path}/mail").json()["address"] is None
            body = next(iter(box.letters[0].iter_parts())).get_content()
        finally:
            context.post = None
    link = next(word for word in body.split() if word.startswith("http://shop/s/"))
    assert here.ask("GET", f"{API}/s/{link.rpartition('/')[2]}").json()["visit"] == visit


def test_another_program_registers_a_card_and_blocks_it(here: Open) -> None:
    given = {"token": "qr-of-the-app", "payer": "card-77", "mail": "ann@example.org"}
    said = here.ask("POST", f"{API}/credentials", "integrator", json=given)
    assert said.status_code == 201
    till = here.context.till
    digest = said.json()["credential"]
    assert "qr-of-the-app" not in said.text
    holder = till.credentials.holder("qr-of-the-app")
    assert holder is not None
    assert (holder.digest, holder.payer, holder.blocked) == (digest, "card-77", "")
    till.addresses.entered("v-of-the-app", digest, 1)
    assert till.addresses.of("v-of-the-app") == "ann@example.org"
    here.ask("POST", f"{API}/credentials", "operator", json={**given, "blocked": "reported lost", "mail": None})
    blocked = till.credentials.holder("qr-of-the-app")
    assert blocked is not None
    assert blocked.blocked == "reported lost"
    till.addresses.entered("v-later", digest, 1)
    assert till.addresses.of("v-later") is None
    for wrong in ({"payer": ""}, {"mail": "no"}, {"role": "admin"}, {"token": ""}):
        assert here.ask("POST", f"{API}/credentials", "operator", json={**given, **wrong}).status_code == 422
    staff = {"token": "badge", "payer": "", "role": "staff", "mail": "meg@example.org"}
    assert here.ask("POST", f"{API}/credentials", "operator", json=staff).json()["mail"] is False
