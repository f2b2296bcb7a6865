from walkout.privacy.entry import Entry
from walkout.privacy.keys import DataKey, Purpose
from walkout.privacy.retention import DAY_NS, HOUR_NS, KEEP_NS, Policy, due, ran, unproven

NOW = 1000 * DAY_NS
POLICY = Policy()


def key(purpose: Purpose, age_ns: int, owner: str = "o") -> DataKey:
    return DataKey(purpose, owner, NOW - age_ns, f"{purpose}-{owner}-{age_ns}", b"")


def test_each_purpose_has_its_time() -> None:
    young = [key(purpose, keep - 1) for purpose, keep in KEEP_NS.items()]
    old = [key(purpose, keep) for purpose, keep in KEEP_NS.items()]
    assert due([*young, *old], POLICY, NOW) == tuple(old)


def test_a_disputed_visit_waits_and_its_raw_video_does_not() -> None:
    clip, raw = key("clip", 100 * DAY_NS, "v"), key("raw", 100 * DAY_NS, "v")
    assert due([clip, raw], POLICY, NOW, held={"v"}) == (raw,)


def test_a_run_says_what_it_ended_and_what_is_left() -> None:
    said = ran([key("raw", 5 * HOUR_NS)], [key("raw", HOUR_NS), key("raw", 2 * HOUR_NS)], 3, NOW)
    assert said.facts == {"files_removed": 3, "raw_ended": 1, "raw_living": 2, "raw_oldest_s": 7200}


def test_a_job_that_ran_proves_it() -> None:
    log = [Entry("retention", NOW - HOUR_NS, {}), Entry("deletion", NOW - HOUR_NS, {"key": "gone"})]
    living = [key("raw", 3 * HOUR_NS)]
    assert unproven(log, living, [living[0].id], POLICY, NOW) == ()


def test_whatever_is_missing_is_named() -> None:
    old = key("raw", 7 * HOUR_NS)
    log = [Entry("retention", NOW - 5 * HOUR_NS, {}), Entry("deletion", NOW, {"key": old.id})]
    said = unproven(log, [old], ["nobody's"], POLICY, NOW)
    for line, words in zip(said, ("last ran 5.0 hours ago", "7.0 hours old", "still there", "nobody's"), strict=True):
        assert words in line
    assert "never ran" in unproven([], [], [], POLICY, NOW)[0]
