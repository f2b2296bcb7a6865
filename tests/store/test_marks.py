import re

import pytest

from walkout.store.marks import MAX_DEPTH, read, scalar


def problem_of(text: str) -> str:
    _, problems = read(text, "store.yaml")
    assert len(problems) == 1
    return str(problems[0])


def test_values_and_their_places() -> None:
    marked, problems = read('a: 1\nb:\n  - x: "2"\n    y: [0.5, true, null]\n', "f")
    assert problems == []
    assert marked is not None
    assert marked.value == {"a": 1, "b": [{"x": "2", "y": [0.5, True, None]}]}
    assert marked.place(("b", 0, "y", 1)) == (4, 14)
    assert marked.place(("b", 0, "y"), key=True) == (4, 5)
    assert marked.place(("b", 0, "gone", 7)) == (3, 5)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("007", 7),
        ("-3", -3),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("9" * 40, "9" * 40),
        ("9" * 20, 1e20),
        ("", None),
        ("~", None),
        ("true", True),
    ],
)
def test_plain_words(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_an_alias_repeats_a_part() -> None:
    marked, _ = read("a: &x [1, 2]\nb: *x\n", "f")
    assert marked is not None
    assert marked.value == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "an empty file", id="empty"),
        pytest.param("# only words\n", "an empty file", id="only a comment"),
        pytest.param("a: 1\n---\nb: 2\n", "f?.*:2:1.*second document", id="two documents"),
        pytest.param("a: !!python/object:os.system x\n", ":1:4: .*the tag", id="tag"),
        pytest.param("a: 1\na: 2\n", ":2:1: .*first on line 1", id="key twice"),
        pytest.param("3: 1\n", ":1:1: .*a word as the key", id="number as a key"),
        pytest.param("? [1]\n: 2\n", ":1:3: .*a list or mapping as a key", id="list as a key"),
        pytest.param("a: [1, 2\nb: 3\n", "broken YAML", id="bracket left open"),
        pytest.param("a: *gone\n", "alias", id="alias of nothing"),
        pytest.param("a: \x01\n", "broken YAML", id="control character"),
        pytest.param("&a [*a]\n", "unfold without end", id="alias inside itself"),
        pytest.param("[" * 100_000, f"more than {MAX_DEPTH} levels", id="deep"),
        pytest.param("[" + "1," * 300_000 + "]", "values", id="many"),
    ],
)
def test_bad_form(text: str, says: str) -> None:
    assert re.search(says, problem_of(text))


def test_a_bomb_of_aliases_is_defused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "unfold without end" in problem_of("\n".join(lines))
