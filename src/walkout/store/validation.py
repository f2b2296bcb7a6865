"""What pydantic finds wrong, as paths with plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from walkout.store.problem import quoted

Schema = Mapping[str, Any]
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Fault:
    """One part of a value that does not fit; `at_key` says that its name, not its value, is wrong."""

    path: tuple[str | int, ...]
    found: str
    right: str
    at_key: bool = False


def faults(error: ValidationError, schema: Schema) -> list[Fault]:
    """Everything that is wrong; `right` is the schema's own description where it has one."""
    found = [_fault(detail, schema) for detail in error.errors(include_url=False, include_context=False)]
    # a misspelled key is one fault, not the right one missing and a wrong one there
    meant = {(*fault.path[:-1], fault.right.strip("`?")) for fault in found if fault.at_key}
    return [fault for fault in found if fault.found != _NOTHING or fault.path not in meant]


def _fault(detail: Any, schema: Schema) -> Fault:
    path, kind = tuple(detail["loc"]), detail["type"]
    about = _describe(schema, path)
    if kind == "missing":
        return Fault(path, _NOTHING, about or f"`{path[-1]}`: it must be there")
    if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
        known = sorted(_at(schema, path[:-1]).get("properties", {}))
        close = get_close_matches(str(path[-1]), known, 1)
        right = f"`{close[0]}`?" if close else f"one of {', '.join(known)}" if known else "nothing there"
        return Fault(path, f"the key {quoted(path[-1])}", right, at_key=True)
    found = quoted(detail["input"]) if not isinstance(detail["input"], (dict, list)) else _form(detail["input"])
    said = detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return Fault(path, found, about or said)


def _form(value: object) -> str:
    if isinstance(value, dict):
        return f"a mapping with {', '.join(quoted(key, 20) for key in list(value)[:4]) or 'nothing'}"
    return f"a list of {len(value)}" if isinstance(value, list) else quoted(value)


def _describe(schema: Schema, path: tuple[str | int, ...]) -> str:
    return str(_at(schema, path).get("description", "")) if path else ""  # the whole has a docstring, no advice


def _at(schema: Schema, path: tuple[str | int, ...]) -> Schema:
    """The part of a JSON Schema that speaks of a path; empty where none does."""
    part: Any = _resolve(schema, schema)
    for step in path:
        if isinstance(step, str):
            part = part.get("properties", {}).get(step, {})
        else:
            fixed = part.get("prefixItems", [])
            part = fixed[step] if step < len(fixed) else part.get("items", {})
        part = _resolve(part, schema)
    return part if isinstance(part, Mapping) else {}


def _resolve(part: Any, schema: Schema) -> Any:
    while isinstance(part, Mapping) and "$ref" in part:
        named = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
        # a class's docstring is no advice; a description beside the reference is
        part = {
            **{k: v for k, v in named.items() if k != "description"},
            **{k: v for k, v in part.items() if k != "$ref"},
        }
    return part
