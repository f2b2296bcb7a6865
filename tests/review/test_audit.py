"""Draws by a committed seed, blind audits, the month's certificate from its bundle, and the guard."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from tests.checkout.money import line, receipt
from tests.review.desk import Desk
from walkout.cli.app import app
from walkout.review.audit import WORST, Draw, Label, basket_key, commit, draw, draws, judge
from walkout.review.case import ReviewError
from walkout.review.guard import Certified, Changed, Labelled, Levels, guard, step
from walkout.review.month import Auditors, Bundle, certify, sentence, to_json, verify
from walkout.review.sampling import commitment, is_drawn, is_plain, uniform

SEED = b"0123456789abcdef"
OK, BAD = Label(wrong=False, over=False, under=False), Label(wrong=True, over=True, under=False)


def test_a_seed_draws_evenly_and_always_the_same() -> None:
    names = [f"v{n}" for n in range(20_000)]
    share = sum(is_drawn(SEED, name, 0.05) for name in names) / len(names)
    assert 0.044 < share < 0.056
    assert uniform(SEED, "v1") == uniform(SEED, "v1") != uniform(SEED + b"x", "v1")
    plain = {name for name in names if is_plain(SEED, name, 0.05)}
    assert plain <= {name for name in names if is_drawn(SEED, name, 0.2)}
    with pytest.raises(ReviewError, match=r"right: from 0\.01 to 1"):
        is_drawn(SEED, "v", 0.0)
    with pytest.raises(ReviewError, match="right: 16 random ones"):
        commitment(b"short")


@pytest.mark.parametrize(
    ("charged", "true", "label"),
    [
        ("a*1;b*2", "a*1;b*2", OK),
        ("a*1;b*2", "a*1;b*1", Label(wrong=True, over=True, under=False)),
        ("a*1", "a*1;b*1", Label(wrong=True, over=False, under=True)),
        ("a*1", "b*1", Label(wrong=True, over=True, under=True)),
        ("", "", OK),
        ("a*1", None, WORST),
    ],
)
def test_a_receipt_held_against_what_a_person_saw(charged: str, true: str | None, label: Label) -> None:
    assert judge(charged, true) == label


def audited(desk: Desk, visit: str, key: str | None, second: str | None) -> None:
    for worker, answer in (("ada", key), ("ben", second)):
        lease = desk.queues.lease(worker)
        assert lease is not None
        assert lease.visit == visit
        desk.queues.submit(lease.token, answer)


def test_an_audit_is_blind_drawn_before_it_is_looked_at_and_logged(desk: Desk) -> None:
    made = receipt("v1", 0, line("2.50"))
    with pytest.raises(ReviewError, match="right: commit first"):
        draw(desk.queues, made, "2026-11", SEED, stratum="all", probability=1.0, deadline_ns=desk.now_ns + 10**12)
    assert commit(desk.queues, "2026-11", SEED) == commitment(SEED)
    with pytest.raises(ReviewError, match="the one that was committed to"):
        commit(desk.queues, "2026-11", b"another seed, longer")
    for _ in range(2):
        assert draw(
            desk.queues, made, "2026-11", SEED, stratum="all", probability=1.0, deadline_ns=desk.now_ns + 10**12
        )
    lease = desk.queues.lease("ada")
    assert lease is not None
    assert (lease.body.candidates, lease.body.kind, lease.body.event) == ((), "basket", "")  # nothing of the receipt
    desk.queues.put_back(lease.token)
    audited(desk, "v1", basket_key(made.lines), basket_key(made.lines))
    found = draws(desk.queues, "2026-11")
    assert [(d.drawn, d.labelled, d.key) for d in found] == [(True, True, basket_key(made.lines))]
    with pytest.raises(ReviewError, match="right: one that software settled alone"):
        draw(
            desk.queues,
            replace(made, decided_by="person"),
            "2026-11",
            SEED,
            stratum="all",
            probability=1.0,
            deadline_ns=1,
        )


def bundle(count: int = 3000, wrong: int = 2, seeded: int = 40) -> Bundle:
    made = []
    left = wrong
    for n in range(count):
        visit, near = f"v{n}", n % 5 == 0
        probability = 0.3 if near else 0.1
        drawn = is_drawn(SEED, visit, probability)
        key = "a*1"
        if drawn and left:
            key, left = "b*1", left - 1
        made.append(
            Draw(visit, "near" if near else "far", probability, drawn, "sha", "a*1", drawn, key if drawn else None)
        )
    return Bundle(
        "shop", "2026-11", "simulated", commitment(SEED), SEED.hex(), tuple(made), Auditors(seeded, seeded - 1)
    )


def test_a_months_certificate_is_computed_again_from_its_bundle() -> None:
    made = bundle()
    found = certify(made)
    data = to_json(made, found)
    assert verify(data) == ()
    bound = found["bounds"]["wrong"]
    assert 2 < bound["most"] < 60
    assert bound["most_true"] > bound["most"]
    assert sentence(found).startswith("Of the 3,000 receipts that software settled alone in 2026-11 (simulated)")
    assert certify(replace(made, auditors=Auditors()))["bounds"]["wrong"]["most_true"] is None


def _undraw(read: dict[str, dict[str, list[dict[str, object]]]]) -> None:
    """Hide the wrong one: say that it was never drawn."""
    one = next(d for d in read["bundle"]["draws"] if d["key"] == "b*1")
    one.update(drawn=False, labelled=False, key=None)


def _unlabel(read: dict[str, dict[str, list[dict[str, object]]]]) -> None:
    next(d for d in read["bundle"]["draws"][::-1] if d["drawn"])["labelled"] = False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["certificate"]["bounds"]["wrong"].update(most=1), "bounds: found"),
        (lambda d: d["bundle"].update(seed=b"another seed of 16".hex()), "not the one committed to"),
        (lambda d: d["bundle"]["draws"].pop(7), "settled_alone: found 3000, computed 2999"),
        (_unlabel, "bounds: found"),
        (_undraw, "right by the seed: the opposite"),
        (lambda d: d["bundle"]["draws"][0].update(probability=0.5), "several probabilities"),
        (lambda d: d["bundle"]["draws"].append(d["bundle"]["draws"][0]), "found a visit twice"),
        (lambda d: d["bundle"]["auditors"].update(caught=99), "more known-wrong visits"),
    ],
)
def test_a_changed_bundle_or_certificate_is_found(change: object, words: str) -> None:
    made = bundle()
    read = orjson.loads(to_json(made, certify(made)))
    change(read)  # type: ignore[operator]
    assert any(words in one for one in verify(orjson.dumps(read)))


def test_what_nobody_judged_counts_as_wrong() -> None:
    made = bundle(wrong=0)
    first = next(n for n, d in enumerate(made.draws) if d.drawn)
    changed = list(made.draws)
    changed[first] = replace(changed[first], key=None)
    before, after = certify(made), certify(replace(made, draws=tuple(changed)))
    assert after["not_judged"] == 1
    assert after["bounds"]["wrong"]["most"] > before["bounds"]["wrong"]["most"]


def test_no_bundle_is_said() -> None:
    with pytest.raises(ReviewError, match="right: a file written by Walkout"):
        verify(b"{}")


def test_a_shop_starts_in_shadow_and_falls_back_by_itself() -> None:
    now, moved = step(guard(Levels()), Labelled(OK, 1))
    assert (now.state, moved, now.wrong.count) == ("shadow", None, 0)
    now, moved = step(now, Certified("c" * 64, 2, 0.001, 0.0005))
    assert moved is not None
    assert (moved.before, moved.after) == ("shadow", "alone")
    for t in range(900):
        now, moved = step(now, Labelled(OK, t))
        assert moved is None
    assert now.holds
    count = 0
    while now.state == "alone":
        count += 1
        now, moved = step(now, Labelled(BAD if count % 10 == 0 else OK, count))
    assert moved is not None
    assert (moved.after, now.certificate) == ("asks_all", None)
    assert "than before" in moved.why
    assert count <= 60
    assert not now.holds
    now, moved = step(now, Certified("d" * 64, 9, 0.008, 0.004))
    assert now.state == "alone"
    now, moved = step(now, Changed("the planogram", 10))
    assert moved is not None
    assert (now.state, moved.why) == ("shadow", "the planogram changed")


def test_certificate_verify_computes_a_month_again(tmp_path: Path) -> None:
    made = bundle()
    path = tmp_path / "2026-11.json"
    path.write_bytes(to_json(made, certify(made)))
    done = CliRunner().invoke(app, ["certificate", "verify", str(path)])
    assert done.exit_code == 0, done.output
    assert "give the same again" in done.output
    assert "at most" in done.output
    read = orjson.loads(path.read_bytes())
    read["certificate"]["bounds"]["wrong"]["most"] = 0
    path.write_bytes(orjson.dumps(read))
    done = CliRunner().invoke(app, ["certificate", "verify", str(path)])
    assert done.exit_code == 1
    assert "bounds: found" in done.output
