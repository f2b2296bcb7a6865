"""The exit statuses that docs and programs rely on."""

from walkout.cli.console import Exit


def test_exit_statuses_are_stable() -> None:
    assert {status.name: status.value for status in Exit} == {"OK": 0, "FAILED": 1, "REFUSED": 2, "DEGRADED": 3}
