"""A fixed sample of `walkout bench omissions`: each is found by its holder, and those of the log fit all else."""

from benchmarks.omissions import run


def test_what_is_left_out_or_changed_is_found_by_the_one_concerned() -> None:
    figures = run(json=True, seeds=range(40))
    assert figures["passed"]
    assert figures["omissions"] == 40
    assert {name.split()[0] for name in figures["tried"]} == {"look", "hour", "person", "statement"}
    of_the_log = [name for name in figures["tried"] if name.startswith("statement") and name.endswith("log")]
    assert len(of_the_log) == 2
    assert [figures["found_by_anybody"][name] for name in of_the_log] == [0, 0], "the operator made all of it fit"
    of_the_report = [name for name in figures["tried"] if name.startswith("statement") and name.endswith("report")]
    assert all(figures["found_by_anybody"][name] == figures["tried"][name] for name in of_the_report)
