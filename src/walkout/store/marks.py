"""YAML to plain values that remember their line and column.

Only what a store needs: one document, mappings with text keys, lists, text, numbers, true, false, null. Aliases
may repeat a part; tags and merge keys are refused. Size, depth and number of values are bounded, so that no file
can eat the machine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite

import yaml

from walkout.store.problem import Problem, quoted

MAX_DEPTH = 20
MAX_VALUES = 200_000
"""A shop of 10,000 plates has about 60,000 values."""

Key = str | int
Path = tuple[Key, ...]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class _Node:
    line: int
    column: int
    value: object = None
    items: list["_Node"] | None = None
    pairs: list[tuple["_Node", "_Node"]] | None = None
    key: "_Node | None" = None
    """The key that waits for its value."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A parsed file: its value and where each part of it stands (line and column from 1)."""

    value: object
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Where a part stands, or else the smallest part around it that is there."""
        if key and path in self.keys:
            return self.keys[path]
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _RefusedError(Exception):
    def __init__(self, line: int, column: int, found: str, right: str) -> None:
        self.line, self.column, self.found, self.right = line, column, found, right


def read(text: str, file: str) -> tuple[Marked | None, list[Problem]]:
    """The values of a YAML text, or None, and what is wrong with its form."""
    problems: list[Problem] = []
    try:
        root = _compose(yaml.parse(text, Loader=_LOADER))
        if root is None:
            problems.append(Problem(file, 0, 0, "error", "", "an empty file", "`key: value` lines"))
            return None, problems
        marked = Marked(None)
        expansion = _Expansion(marked, problems, file)
        return Marked(expansion.expand(root, ()), marked.places, marked.keys), problems
    except _RefusedError as refused:
        found, right = refused.found, refused.right
        problems.append(Problem(file, refused.line, refused.column, "error", "", found, right))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        said = ", ".join(filter(None, [error.context, error.problem]))
        problems.append(Problem(file, line, column, "error", "", f"broken YAML: {said}", "YAML that can be read"))
    except yaml.YAMLError as error:
        found = f"broken YAML: {quoted(str(error).splitlines()[0])}"
        problems.append(Problem(file, 0, 0, "error", "", found, "printable UTF-8 text"))
    return None, problems


def _compose(events: Iterator[yaml.Event]) -> _Node | None:
    """Nodes from events, without recursion."""
    root: _Node | None = None
    open_nodes: list[_Node] = []
    anchors: dict[str, _Node] = {}
    count = 0
    for event in events:
        mark = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _RefusedError(line, column, "a second document (`---`)", "one document")
        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            open_nodes.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        count += 1
        if count > MAX_VALUES:
            raise _RefusedError(line, column, f"more than {MAX_VALUES} values", "fewer")
        node = _node(event, anchors, line, column)
        if not isinstance(event, yaml.AliasEvent) and event.anchor:
            anchors[event.anchor] = node
        if open_nodes:
            _attach(open_nodes[-1], node)
        else:
            root = node
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append(node)
            if len(open_nodes) > MAX_DEPTH:
                raise _RefusedError(line, column, f"more than {MAX_DEPTH} levels", "fewer")
    return root


def _node(event: yaml.NodeEvent, anchors: dict[str, _Node], line: int, column: int) -> _Node:
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise _RefusedError(line, column, f"the alias *{event.anchor}", f"an anchor &{event.anchor} before it")
        return anchors[event.anchor]
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
        raise _RefusedError(line, column, f"the tag {quoted(event.tag)}", "no tag")
    if isinstance(event, yaml.ScalarEvent):
        return _Node(line, column, value=scalar(event.value) if event.implicit[0] else event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return _Node(line, column, items=[])
    return _Node(line, column, pairs=[])


def _attach(parent: _Node, node: _Node) -> None:
    if parent.items is not None:
        parent.items.append(node)
    elif parent.pairs is not None and parent.key is None:
        parent.key = node
    elif parent.pairs is not None and parent.key is not None:
        parent.pairs.append((parent.key, node))
        parent.key = None


_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?(?:(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?)")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def scalar(text: str) -> object:
    """What plain text stands for: YAML 1.2's core words and decimal numbers, else the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return text


@dataclass(slots=True)
class _Expansion:
    marked: Marked
    problems: list[Problem]
    file: str
    count: int = 0

    def expand(self, node: _Node, path: Path) -> object:
        self.count += 1
        if self.count > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _RefusedError(node.line, node.column, "aliases that unfold without end", "fewer")
        self.marked.places[path] = (node.line, node.column)
        if node.items is not None:
            return [self.expand(item, (*path, number)) for number, item in enumerate(node.items)]
        if node.pairs is not None:
            return self._mapping(node.pairs, path)
        return node.value

    def _mapping(self, pairs: list[tuple[_Node, _Node]], path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, node in pairs:
            name = key.value
            if not isinstance(name, str):
                found = "a list or mapping as a key" if name is None else f"the key {quoted(name)}"
                self._error(key, path, found, "a word as the key")
            elif name in values:
                line, _ = self.marked.keys[*path, name]
                self._error(key, (*path, name), f"the key {name} again (first on line {line})", "each key once")
            else:
                self.marked.keys[*path, name] = (key.line, key.column)
                values[name] = self.expand(node, (*path, name))
        return values

    def _error(self, node: _Node, path: Path, found: str, right: str) -> None:
        where = dotted(path)
        self.problems.append(Problem(self.file, node.line, node.column, "error", where, found, right))


def dotted(path: Path) -> str:
    """A path in words: `fixtures[0].shelves[2].z_m`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
