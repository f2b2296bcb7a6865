from pathlib import Path

import orjson
import pytest

from tests.inference.scene import MINT
from walkout.inference.calibrate import NO_CARD
from walkout.inference.learnt import NOTHING, Learnt, Place
from walkout.learning.register import Record, Register, RegisterError, Source, Use, published
from walkout.learning.trial import Trial

LEARNT = Learnt((Place("g", 2, (9, 10), MINT),), (), (("put_back", 0.3),))
SOURCE = Source(100, 20, 5, 1, "fewer than 5", 1, 9)
TRIAL = Trial(40, "7", 0.2, 0.1, 0.3, 30, 35, 2, 1, promoted=True, why="better")


def record(action: str, use: Use, t_ns: int = 1_700_000_000_000_000_000) -> Record:
    return Record(0, t_ns, action, use, "simulated", "1 place", "olga", SOURCE, TRIAL)  # type: ignore[arg-type]


def test_what_is_in_use_is_the_last_that_was_promoted(tmp_path: Path) -> None:
    register = Register(tmp_path / "learnt")
    assert register.use() == Use(NOTHING, None)
    first = register.add(record("promoted", Use(LEARNT)))
    register.add(record("kept back", Use(Learnt(), NO_CARD)))
    assert register.use() == Use(LEARNT)
    assert [one.number for one in register.records()] == [1, 2]
    assert register.records()[1].before == first.id
    assert register.records()[0] == first  # as it was written
    read = published(first)
    assert (read["date"], read["source"]["people"], read["trial"]["gain"]) == ("2023-11-14", "fewer than 5", 0.2)
    assert "no video" in read["consent"]
    assert "95 %" in read["rule"]


def test_a_step_back_is_a_record_of_its_own_and_can_be_stepped_back_from(tmp_path: Path) -> None:
    register = Register(tmp_path)
    register.add(record("promoted", Use(LEARNT)))
    back = register.roll_back(0, by="olga", origin="simulated", t_ns=5)
    assert (back.action, back.to, register.use()) == ("rolled back", 0, Use(NOTHING, None))
    register.roll_back(1, by="olga", origin="simulated", t_ns=6)
    assert register.use() == Use(LEARNT)
    with pytest.raises(RegisterError, match="the same is in use"):
        register.roll_back(1, by="olga", origin="simulated", t_ns=7)
    with pytest.raises(RegisterError, match="found 3 records"):
        register.roll_back(3, by="olga", origin="simulated", t_ns=7)
    with pytest.raises(RegisterError, match="found nobody"):
        register.roll_back(0, by="", origin="simulated", t_ns=7)


def test_a_card_survives_its_record(tmp_path: Path) -> None:
    register = Register(tmp_path)
    register.add(record("promoted", Use(LEARNT, NO_CARD)))
    assert register.use().card == NO_CARD


def test_a_record_that_was_changed_or_taken_out_is_seen(tmp_path: Path) -> None:
    register = Register(tmp_path)
    register.add(record("promoted", Use(LEARNT)))
    register.add(record("kept back", Use(NOTHING)))
    first, second = sorted(tmp_path.glob("*.json"))
    whole = first.read_bytes()
    read = orjson.loads(whole)
    read["source"]["answered"] = 2000
    first.write_bytes(orjson.dumps(read))
    with pytest.raises(RegisterError, match="was changed"):
        register.records()
    first.unlink()
    with pytest.raises(RegisterError, match="after record 0"):
        register.records()
    first.write_bytes(b"{}")
    with pytest.raises(RegisterError, match="found no record"):
        register.records()
    first.write_bytes(whole)
    assert len(register.records()) == 2
    second.unlink()
    assert len(register.records()) == 1
