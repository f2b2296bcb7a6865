import pytest

from walkout.store import facings
from walkout.store.document import Skeleton
from walkout.store.gtin import restricted
from walkout.store.layout import Plate
from walkout.store.planogram import Facing

A, B = restricted("101"), restricted("102")
HEADER = "fixture,shelf,plates,gtin,facings,stock,x_m,width_m,height_m\n"
PLATES = {number: Plate(number, number / 10, 0.1, cell=number != 4) for number in (1, 2, 3, 4)}
SKELETON: Skeleton = {"snacks": {1: PLATES, 2: None}, "broken": None}


def read(rows: str) -> tuple[list[Facing], list[str]]:
    found, problems = facings.read(HEADER + rows, SKELETON, {A, B})
    return found, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("plates", "expected"),
    [("2", (2,)), ("1 2 3", (1, 2, 3)), ("1-3", (1, 2, 3)), ("1–3", (1, 2, 3)), ('"1, 2"', (1, 2)), ("1;2", (1, 2))],
)
def test_plates_in_every_form(plates: str, expected: tuple[int, ...]) -> None:
    assert read(f"snacks,1,{plates},{A},,,,,\n") == ([Facing("snacks", 1, expected, A)], [])


def test_every_column() -> None:
    rows = f"snacks,1,1,{A},2,10,0.1,0.2,0.15\n"
    assert read(rows) == ([Facing("snacks", 1, (1,), A, 2, 10, 0.1, 0.2, 0.15)], [])


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"snaks,1,1,{A},,,,,", "2:1: error in fixture: found 'snaks'; right: a fixture of store.yaml (snacks)"),
        (f"snacks,7,1,{A},,,,,", "2:8: error in shelf: found 7; right: a shelf of fixture snacks (1, 2)"),
        (f"snacks,x,1,{A},,,,,", "2:8: error in shelf: found 'x'; right: the number of a shelf of that fixture"),
        (f"snacks,1,9,{A},,,,,", "2:10: error in plates: found plate 9; right: plates of that shelf (1, 2, 3, 4)"),
        (f"snacks,1,3-May,{A},,,,,", "2:10: error in plates: found '3-May'; right: plates such as 3"),
        (f"snacks,1,3-1,{A},,,,,", "error in plates: found '3-1'"),
        (f"snacks,1,1 1,{A},,,,,", "error in plates: found '1 1'"),
        (f"snacks,1,1-1001,{A},,,,,", "error in plates: found '1-1001'"),
        (f"snacks,1,,{A},,,,,", "2:10: error in plates: found nothing; right: plates such as 3"),
        (
            f"snacks,1,1,{restricted('103')},,,,,",
            "2:12: error in gtin: found '00430000001033'; right: a GTIN of catalog.csv",
        ),
        ("snacks,1,1,12,,,,,", "2:12: error in gtin: found 2 digits"),
        (f"snacks,1,1,{A},0,,,,", "error in facings: found '0'; right: how many stand side by side"),
        (f"snacks,1,1,{A},,-1,,,", "error in stock: found '-1'"),
        (f"snacks,1,1,{A},,,,0,", "error in width_m: found '0'; right: metres above 0, or nothing"),
        (f"snacks,1,4,{A},,,,,", "warning in plates: found plate 4, which has no load cell"),
        (f"snacks,1,1 3,{A},,,,,", "warning in plates: found plates 1, 3 with others between"),
    ],
)
def test_each_fault_says_where_what_and_what_would_be_right(row: str, says: str) -> None:
    _, problems = read(f"{row}\n")
    assert len(problems) == 1
    assert says in problems[0]


def test_a_shared_plate_is_a_warning() -> None:
    found, problems = read(f"snacks,1,1 2,{A},,,,,\nsnacks,1,2,{B},,,,,\n")
    assert len(found) == 2
    assert len(problems) == 1
    assert problems[0].startswith("planogram.csv:3:10: warning in plates: found plate 2 shared with line 2")


def test_what_the_layout_hides_is_not_called_wrong() -> None:
    assert read(f"broken,9,9,{A},,,,,\nsnacks,2,9,{A},,,,,\n")[1] == []
    assert facings.read(f"{HEADER}x,1,1,{restricted('9')},,,,,\n", None, None)[1] == []


def test_a_short_gtin_is_the_same_product() -> None:
    found, problems = facings.read(f"{HEADER}snacks,1,1,71142008582,,,,,\n", SKELETON, {"00071142008582"})
    assert found[0].gtin == "00071142008582"
    assert len(problems) == 1
    assert "without its leading zeros" in str(problems[0])
