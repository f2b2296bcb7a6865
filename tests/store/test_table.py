from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.store import table

COLUMNS = ("id", "name", "note")


def read(text: str) -> table.Table:
    return table.read(text, "t.csv", COLUMNS, ("id", "name"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id,name,note\n1,a,x\n2,b,\n", id="plain"),
        pytest.param("id,name,note\r\n1,a,x\r\n2,b,\r\n", id="CRLF"),
        pytest.param("id;name;note\n1;a;x\n2;b;\n", id="semicolons"),
        pytest.param("id\tname\tnote\n1\ta\tx\n2\tb\t\n", id="tabs"),
        pytest.param('"id","name","note"\n"1","a","x"\n"2","b",""\n', id="quotes"),
        pytest.param("ID, Name ,note\n1,a,x\n,,\n2,b,\n\n,,\n", id="blank rows, capitals"),
        pytest.param("id,name,note\n1,a,x\n2,b,", id="no line end"),
        pytest.param("note,name,id\nx,a,1\n,b,2\n", id="other order"),
    ],
)
def test_what_spreadsheets_make_of_a_table(text: str) -> None:
    got = read(text)
    assert got.problems == []
    assert got.complete
    assert [row.values() for row in got.rows] == [{"id": "1", "name": "a", "note": "x"}, {"id": "2", "name": "b"}]


def test_cells_know_their_place() -> None:
    got = read('id,name,note\n1,"two\nlines, ""said""",x\n2,b,\n')
    first, second = got.rows
    assert first.cells["name"].text == 'two\nlines, "said"'
    assert (first.place("name"), first.place("note"), second.place("note")) == ((2, 3), (3, 18), (4, 5))


@pytest.mark.parametrize(
    ("text", "says", "complete"),
    [
        ("", "t.csv:1:1: error: found no header; right: a first line with id, name, note", False),
        ("id,note\n1,2\n", "t.csv:1:1: error in name: found no such column; right: a column name in the header", False),
        ("id,name,id\n", "t.csv:1:9: error in id: found the column twice; right: once", False),
        ("id,nmae,name\n1,2,3\n", "t.csv:1:4: warning: found the column 'nmae'; right: name?", True),
        ("id,name\n1,a,b\n", "t.csv:2:1: error: found 3 cells; right: 2 cells, as many as the header has", True),
        ('id,name\n1,"a\n2,b\n', "t.csv:2:3: error: found a quote that never closes; right: a closing quote", False),
    ],
    ids=["empty", "column missing", "column twice", "unknown column", "too many cells", "open quote"],
)
def test_bad_form(text: str, says: str, complete: Any) -> None:
    got = read(text)
    assert [str(problem) for problem in got.problems] == [says]
    assert got.complete is complete


def test_text_after_a_closing_quote() -> None:
    got = read('id,name\n1,"a"b\n')
    assert [str(problem) for problem in got.problems] == [
        "t.csv:2:6: error: found 'b' after the closing quote; right: a separator there, or \"\" for a quote inside"
    ]


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(cells, cells, cells), max_size=8))
@settings(deadline=None)
def test_what_is_written_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    got = read(table.write(COLUMNS, rows))
    assert got.problems == []
    kept = [row for row in rows if any(cell and not cell.isspace() for cell in row)]
    assert [tuple(cell.text for cell in row.cells.values()) for row in got.rows] == kept


def test_a_very_large_table_is_refused_and_not_suffered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_CELLS", 10)
    got = read("id,name,note\n" + "1,2,3\n" * 10)
    assert not got.complete
    assert "more than" in str(got.problems[-1])
