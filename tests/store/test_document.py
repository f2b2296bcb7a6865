import pytest
from hypothesis import given, settings

from walkout.store import document
from walkout.store.folder import FILES, pack
from walkout.store.shop import Store

from .strategies import small_store, stores

TEXT = pack(small_store())[FILES[0]].decode()


def problems_of(text: str) -> list[str]:
    return [str(problem) for problem in document.read(text)[2]]


@given(stores())
@settings(deadline=None)
def test_a_layout_is_read_back_as_it_was_written(store: Store) -> None:
    layout, _, problems = document.read(pack(store)[FILES[0]].decode())
    assert layout is not None
    assert (layout.fixtures, layout.gates, layout.cameras) == (store.fixtures, store.gates, store.cameras)
    assert all(problem.level == "warning" for problem in problems)


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            changed("x_m: 0.1, width_m: 0.1", "x_m: 0.1, width_m: -0.1"),
            "20:34: error in fixtures[0].shelves[0].plates[1].width_m: found -0.1; right: greater than 0",
            id="negative width",
        ),
        pytest.param(
            changed("x_m: 0.1, width_m", "x_m: 0.1, widht_m"),
            "20:25: error in fixtures[0].shelves[0].plates[1].widht_m: found the key 'widht_m'; right: `width_m`?",
            id="misspelled key",
        ),
        pytest.param(
            changed("x_m: 0.1, width_m", "x_m: 0.05, width_m"),
            "20:20: error in fixtures[0].shelves[0].plates[1].x_m: "
            "found plate 2 begins at 0.05 m, inside plate 1; right: at least 0.1 m",
            id="overlapping plates",
        ),
        pytest.param(
            changed("x_m: 0.2, width_m: 0.1", "x_m: 0.2, width_m: 0.5"),
            "21:7: error in fixtures[0].shelves[0].plates[2]: "
            "found plate 3 from 0.2 m to 0.7 m; right: inside the fixture, 0 m to 0.3 m",
            id="plate outside",
        ),
        pytest.param(
            changed("id: 2, x_m", "id: 1, x_m"),
            "20:12: error in fixtures[0].shelves[0].plates[1].id: "
            "found the id 1 again (first fixtures[0].shelves[0].plates[0]); right: each id once",
            id="plate twice",
        ),
        pytest.param(
            changed('id: "1"', "id: 1"),
            "7:7: error in fixtures[0].id: found 1; right: a name of letters, digits, - _ . "
            "(in quotes where it is all digits)",
            id="name without quotes",
        ),
        pytest.param(
            changed("Europe/Berlin", "Europe/Berlim"),
            "5:11: error in timezone: found 'Europe/Berlim'; right: an IANA time zone, such as Europe/Berlin",
            id="time zone",
        ),
        pytest.param(
            changed("simulated", "pretended"),
            "3:9: error in origin: found 'pretended'; right: real or simulated",
            id="origin",
        ),
        pytest.param(
            changed("[1.0, 1.0, 0.0]", "[0, 0, 2.5]"),
            "38:14: error in cameras[0].look_at_m: found the camera's own place; right: the point it looks at",
            id="camera that looks at itself",
        ),
        pytest.param(
            changed("- [4.0, 3.0]\n- [0.0, 3.0]\n", ""),
            "40:1: error in floor_m: found 2 corners; right: at least 3, or [] where the floor is not known",
            id="floor of two corners",
        ),
        pytest.param(
            changed("height_m: 0.3", "height_m: 0.5"),
            "17:15: warning in fixtures[0].shelves[0].height_m: "
            "found 0.5 m; right: at most 0.4 m, where shelf 2 begins",
            id="shelf into the next",
        ),
        pytest.param(
            changed("    depth_m: 0.4\n", "    depth_m: 0.9\n"),
            "16:14: warning in fixtures[0].shelves[0].depth_m: found 0.9 m; right: at most the fixture's 0.4 m",
            id="shelf deeper than its fixture",
        ),
        pytest.param(
            changed("version: 1", "version: 2"),
            "1:10: error in version: found 2; right: 1, the version of this format",
            id="version of the future",
        ),
        pytest.param(
            changed("name: Corner\n", ""),
            "1:1: error in name: found nothing; right: the shop's name, in quotes where it is a number",
            id="no name",
        ),
        pytest.param("- a\n- b\n", "1:1: error: found a list of 2; right: an object", id="a list"),
    ],
)
def test_each_fault_says_where_what_and_what_would_be_right(text: str, says: str) -> None:
    assert problems_of(text) == [f"store.yaml:{says}"]


def test_shelves_stand_in_the_order_of_their_ids() -> None:
    text = TEXT.replace("  - id: 1\n    z_m", "  - id: 5\n    z_m")
    assert any("shelves in another order" in problem for problem in problems_of(text))


def test_a_layout_with_faults_still_tells_its_ids() -> None:
    layout, skeleton, problems = document.read(changed("depth_m: 0.4", "depth_m: deep"))
    assert layout is None
    assert len(problems) == 1
    assert skeleton is not None
    shelves = skeleton["1"]
    assert shelves is not None
    assert {number: sorted(plates or {}) for number, plates in shelves.items()} == {1: [1, 2, 3], 2: [1, 2, 3]}
