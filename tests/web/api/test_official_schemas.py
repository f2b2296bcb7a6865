"""The published descriptions of what Walkout speaks, by the schemas of others (tests/schemas/README.md)."""

from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import jsonschema_rs
import orjson
import yaml
from jsonschema import Draft7Validator

from walkout.web.api.app import make_app

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = ROOT / "tests" / "schemas"


def schema(name: str) -> Any:
    return orjson.loads((SCHEMAS / name).read_bytes())


def test_the_asyncapi_document_is_valid_by_asyncapis_own_schema() -> None:
    # Through JSON: YAML has more types.
    text = (ROOT / "docs" / "reference" / "asyncapi.yaml").read_text("utf-8")
    document = orjson.loads(orjson.dumps(yaml.safe_load(text)))
    check = Draft7Validator(schema("asyncapi-3.0.0.json"))
    assert [error.message for error in check.iter_errors(document)] == []
    assert not check.is_valid(document | {"asyncapi": "2.6.0"})
    wrong = deepcopy(document)
    next(iter(wrong["operations"].values()))["action"] = "shout"
    assert not check.is_valid(wrong)


def test_the_openapi_document_is_valid_by_openapis_own_schema() -> None:
    document = orjson.loads(orjson.dumps(make_app(cast("Any", SimpleNamespace())).openapi()))
    # In Rust: the other one needs half a minute for it.
    check = jsonschema_rs.Draft202012Validator(schema("openapi-3.1.json"))
    assert document["openapi"].startswith("3.1.")
    assert [f"{error.instance_path}: {error.message}" for error in check.iter_errors(document)] == []
    assert not check.is_valid({key: value for key, value in document.items() if key != "info"})
    wrong = deepcopy(document)
    next(iter(wrong["paths"].values()))["get"]["responses"] = []
    assert not check.is_valid(wrong)
