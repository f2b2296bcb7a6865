from pathlib import Path

import jsonschema
import pytest
import yaml

from walkout.store.folder import FILES
from walkout.store.schema import NAMES, published, rendered, schemas

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"


def test_the_published_schemas_are_those_of_the_code() -> None:
    assert published() == rendered()


@pytest.mark.parametrize("file", FILES)
def test_each_file_has_a_schema_that_is_one(file: str) -> None:
    assert file in NAMES
    jsonschema.Draft202012Validator.check_schema(schemas()[file])


def test_the_sample_shop_fits_the_schema() -> None:
    layout = yaml.safe_load((SAMPLE / "store.yaml").read_text())
    jsonschema.validate(layout, schemas()["store.yaml"])
    layout["fixtures"][0]["width_m"] = -1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(layout, schemas()["store.yaml"])
