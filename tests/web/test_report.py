"""The page of a replay: everything is on it, nothing on it can do harm, and it stays small."""

import re
from base64 import b64encode
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web import builders
from walkout.checkout.receipt import HumanWork
from walkout.inference.explanation import Candidate, Explanation
from walkout.live.outcome import Curve, Replay
from walkout.live.replay import replay as replay_recording
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.loss import Loss
from walkout.recording.reader import open_recording
from walkout.web.labels import MAX_VISITS
from walkout.web.reaches import wrists
from walkout.web.report import report_html

HOSTILE = "</style></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x00\ud800\u202e"


def page(replay: Replay) -> str:
    return report_html(replay, replay.store)


def words_of(html: str) -> str:
    return " ".join("".join(builders.parse(html).find("body").itertext()).split())  # type: ignore[union-attr]


def test_headline_facts_receipt_and_reasons_are_there() -> None:
    said = words_of(page(builders.replay()))
    for wanted in (
        "Simulated: nobody was there",
        "Shopper A took 1 × Spring water 0.6 l",
        "1.25 USD",
        "95.0 %",
        "01:06:40 to 01:06:58, 18 s",
        "22 April 2020, America/New_York (UTC-04:00)",
        "Decided by software alone; nobody looked",
        "The hand was there.",
        "Shown by event 1.",
        "2 × Oat bar",
        "something that is not in the catalogue",
        "Nothing was lost.",
    ):
        assert wanted in said, wanted


def test_every_event_with_its_candidates_and_curves_is_there() -> None:
    replay = builders.replay(3, loose=True)
    html = page(replay)
    root = builders.parse(html)
    articles = {a.get("id", ""): a for a in root.iter("article")}
    assert sorted(articles) == ["event-1", "event-2", "event-3", "event-4"]
    assert [len(list(a.iterfind(".//ol/li"))) for a in articles.values()] == [3, 3, 3, 1]
    assert all(a.find(".//figure/{http://www.w3.org/2000/svg}svg") is not None for a in articles.values())
    assert "Events that belong to no visit" in words_of(html)
    for visit in ("visit-1", "visit-2", "visit-3"):
        section = next(s for s in root.iter("section") if s.get("id") == visit)
        assert len(list(section.iterfind(".//table[@class='receipt']/tbody/tr"))) == 1


def test_plan_receipt_and_article_share_the_number_of_an_event() -> None:
    root = builders.parse(page(builders.replay(2)))
    marked = [(node.tag.split("}")[-1], node.get("data-event")) for node in root.iter() if node.get("data-event")]
    for number in ("1", "2"):
        assert {tag for tag, n in marked if n == number} == {"a", "article", "tr"}
    targets = {node.get("id") for node in root.iter() if node.get("id")}
    links = {node.get("href", "").removeprefix("#") for node in root.iter() if node.get("href")}
    assert links <= targets


def test_each_svg_is_a_drawing_of_its_own() -> None:
    drawings = re.findall(r"<svg.*?</svg>", page(builders.replay(2, loose=True)), re.DOTALL)
    assert len(drawings) > 10
    for drawing in drawings:
        root = builders.parse(drawing)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        for node in root.iter():
            for name, value in node.items():
                assert "nan" not in value, (name, value)


def test_nothing_of_the_network_is_named() -> None:
    html = page(builders.replay(2)).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http:" not in html
    assert "https:" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert "src=" not in html


def test_the_policy_allows_its_own_style_and_script_and_no_other() -> None:
    root = builders.parse(page(builders.replay()))
    policy = next(m.get("content", "") for m in root.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (own,) = root.iter(tag)
        digest = b64encode(sha256((own.text or "").encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [node for node in root.iter() for name in node.attrib if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("where", ["product", "shop", "person", "why", "loss", "visit", "purpose"])
def test_hostile_text_stays_text(where: str) -> None:
    replay = builders.replay(
        2,
        shop=builders.store(
            water=HOSTILE if where == "product" else "Water", name=HOSTILE if where == "shop" else "Shop"
        ),
        person=HOSTILE if where == "person" else "p",
        why=HOSTILE if where == "why" else "so it was",
        degraded=[Loss(HOSTILE, HOSTILE, 1, HOSTILE)] if where == "loss" else [],
    )
    if where == "visit":
        receipt = replace(replay.receipts[0], visit=HOSTILE)
        replay = replace(replay, receipts=(receipt, *replay.receipts[1:]))
    if where == "purpose":
        human = HumanWork(1, 1, 2.0, (HOSTILE,))
        replay = replace(replay, receipts=(replace(replay.receipts[0], human=human), *replay.receipts[1:]))
    html = page(replay)
    root = builders.parse(html)
    assert len(list(root.iter("script"))) == 1
    assert not list(root.iter("img"))
    html.encode("utf-8")
    if where != "visit":
        assert "alert(1)" in words_of(html)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_name_gives_a_page_that_parses(name: str) -> None:
    shop = builders.store(water=name, name=name)
    html = page(builders.replay(1, shop=shop, person=name, why=name, degraded=[Loss(name, name, 1, name)]))
    builders.parse(html)
    html.encode("utf-8")


def test_equal_replays_give_equal_bytes() -> None:
    assert page(builders.replay(3, loose=True)) == page(builders.replay(3, loose=True))


def test_real_and_simulated_say_so_in_title_and_strip() -> None:
    for origin, said in (("real", "Real recording"), ("simulated", "Simulated: nobody was there")):
        root = builders.parse(page(builders.replay(origin=origin)))  # type: ignore[arg-type]
        assert said in (root.findtext("head/title") or "")
        assert root.findtext("body/header/b") == said


def test_nobody_and_nothing() -> None:
    empty = replace(builders.replay(0), counts={})
    said = words_of(page(empty))
    assert "No visit was seen" in said
    assert "no people and no gate messages" in said
    bare = replace(empty, store=replace(builders.store(), floor_m=(), fixtures=(), gates=(), planogram=()))
    assert "No visit was seen" in words_of(page(bare))


def test_a_visit_without_goods() -> None:
    replay = builders.replay()
    receipt = builders.without_lines(replay.receipts[0])
    said = words_of(page(replace(replay, receipts=(receipt,), events=(), explanations=(), curves=(), paths=())))
    assert "Shopper A left without goods" in said
    assert "Nothing was taken, nothing is to be paid." in said
    assert "0.00 USD" in said


def test_an_unsure_receipt_says_so_in_a_word() -> None:
    said = words_of(page(builders.replay(probability=0.61)))
    assert "Shopper A took 1 × Spring water 0.6 l, but that is unsure" in said
    assert "61.0 % unsure" in said
    assert "Unsure receipts2 of 2" in words_of(page(builders.replay(2, probability=0.61)))


def test_a_person_who_looked_is_named_with_how_much() -> None:
    replay = builders.replay()
    receipt = replace(replay.receipts[0], human=HumanWork(2, 3, 71.0, ("audit",)), decided_by="person", revision=1)
    said = words_of(page(replace(replay, receipts=(receipt,))))
    assert "Decided by a person; 2 people looked at 3 clips for 1 min 11 s (audit)" in said


def test_losses_are_told_in_plain_words() -> None:
    lost = [
        Loss("gap", "/plates/a", 2, "no samples for 3.2 s", builders.START_NS, builders.START_NS + 3 * 10**9),
        Loss("truncated", "", 1, "the last chunk is missing"),
        Loss("weird", "/people", 1, ""),
    ]
    said = words_of(page(builders.replay(degraded=lost)))
    assert "Nothing came for a while: 2 times on /plates/a, 01:06:40.0 to 01:06:43.0" in said
    assert "The file is cut off: 1 time on the whole file" in said
    assert "weird: 1 time on /people" in said
    assert "Lost in the recording3 kinds of trouble" in said


def test_forty_visits_stay_small_and_all_are_listed() -> None:
    replay = builders.replay(40)
    replay = replace(replay, receipts=tuple(replace(r, p_exact=0.5 + k / 100) for k, r in enumerate(replay.receipts)))
    html = page(replay)
    root = builders.parse(html)
    (table,) = (t for t in root.iter("table") if t.get("class") == "visits")
    assert len(list(table.iterfind("tbody/tr"))) == 40
    full = [s.get("id") for s in root.iter("section") if (s.get("id") or "").startswith("visit-")]
    assert full == [f"visit-{n}" for n in range(1, MAX_VISITS + 1)]
    assert f"shows {MAX_VISITS} of 40 visits in full" in words_of(html)
    assert len(html) < 500_000


def test_visits_can_be_asked_for_by_name() -> None:
    replay = builders.replay(40)
    root = builders.parse(report_html(replay, replay.store, visits=["visit-30", "visit-3"]))
    full = [s.get("id") for s in root.iter("section") if (s.get("id") or "").startswith("visit-")]
    assert full == ["visit-4", "visit-31"]
    with pytest.raises(KeyError, match="no visit 'x'"):
        report_html(replay, replay.store, visits=["x"])


def test_many_events_of_one_visit_are_cut_and_said_to_be() -> None:
    replay = builders.replay()
    events = [builders.event(k, 10 + k) for k in range(200)]
    many = replace(
        replay,
        events=tuple(events),
        explanations=tuple(builders.explanation(e, "p0") for e in events),
        curves=tuple(builders.curve(e) for e in events),
    )
    html = page(many)
    assert len(list(builders.parse(html).iter("article"))) == 60
    assert "140 events of these visits are left out here" in words_of(html)
    assert len(html) < 2_000_000


def test_an_event_without_readings_candidates_or_a_known_shelf() -> None:
    replay = builders.replay()
    strange = builders.event(7, 12, fixture="gone")
    blank = Curve(strange.id, "gone", 1, (), np.zeros(0, np.int64), np.zeros((0, 0), np.float32))
    with_it = replace(
        replay,
        events=(*replay.events, strange),
        explanations=(*replay.explanations, Explanation(strange, ())),
        curves=(*replay.curves, blank),
    )
    said = words_of(page(with_it))
    assert "nothing explains this" in said
    assert "The recording has no readings around this event." in said


def test_unlikely_candidates_are_summed() -> None:
    replay = builders.replay()
    found = replay.events[0]
    many = [Candidate("p0", builders.BAR, n, 0.0009, 1.0, None, "") for n in range(1, 101)]
    first = Candidate("p0", builders.WATER, 1, 0.91, 0.0, 0.02, "")
    said = words_of(page(replace(replay, explanations=(Explanation(found, (first, *many)),))))
    assert "99 other explanations together" in said
    assert "8.9 %" in said


def test_dear_goods_and_a_currency_without_decimals() -> None:
    replay = builders.replay()
    line = replace(replay.receipts[0].lines[0], unit_price=Decimal(1200), quantity=3)
    receipt = replace(replay.receipts[0], lines=(line,), total=Decimal(3600), currency="JPY")
    assert "3,600 JPY" in words_of(page(replace(replay, receipts=(receipt,))))


@pytest.mark.data
def test_the_real_visit(shared_data: Path, tmp_path: Path) -> None:
    import_aifi(shared_data / "aifi-benchmark-1", tmp_path / "visit.mcap")
    recording = open_recording(tmp_path / "visit.mcap")
    result = replay_recording(recording)
    hands = wrists(recording.observations(), result)
    html = report_html(result, result.store, wrists=hands)
    said = words_of(html)
    assert "Real recording" in said
    assert "Shopper A took 1 × ARRWHD SPRNG WTR" in said
    assert "hand of A" in said
    assert len(html) < 200_000
    assert min(float(np.nanmin(wrist.distance_m)) for wrist in hands) < 0.06
