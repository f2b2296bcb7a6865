"""The command line: one module a group of commands, the work itself elsewhere."""

from walkout.cli.app import main

__all__ = ["main"]
