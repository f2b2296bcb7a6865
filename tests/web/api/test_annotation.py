"""Annotation over HTTP: consent by the shopper, a clip in one's own hands, marks, and nothing without consent."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.live.desk_shop import sure
from tests.web.api.desk_api import API, Api, desk_api
from walkout.cli.app import app
from walkout.learning.annotation import Annotated
from walkout.learning.dataset import offer

CLIP = Annotated("1-00", "1", 320, 240, (1, 2), origin="simulated")
BOX = {"picture": 0, "what": "hand", "x_px": 1, "y_px": 2, "width_px": 30, "height_px": 40}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        found.shop.visit(sure("v1"))
        yield found


def test_from_consent_to_a_data_set_and_back(api: Api, tmp_path: Path) -> None:
    link = f"/s/{api.context.identity.link('v1')}/consent"
    assert api.get(link, None)["agreed"] is False  # type: ignore[arg-type]
    api.post("/review/visits/v1/annotate", "operator", 409)
    assert api.post(link, None, agree=True) == {"agreed": True, "deleted": 0}
    assert api.post("/review/visits/v1/annotate", "operator", 201) == {"clips": []}, "this shop has no cameras"
    offer(api.shop.till.queues, "v1", CLIP, shows="e1.door", deadline_ns=9 * 10**18)
    api.post("/desk/annotations/lease", "ada", 204)  # not a purpose that she accepted
    api.post("/desk/purposes/annotate/accept", "ada")
    assert api.post("/desk/lease", "ada", 204) is None
    found = api.post("/desk/annotations/lease", "ada")
    assert (found["draft"]["width_px"], found["draft"]["marks"], "consent" in found["draft"]) == (320, [], False)
    token = found["token"]
    assert api.get(f"/desk/annotations/{token}", "ada") == found
    assert api.ask("GET", f"{API}/desk/annotations/{token}", "ben").status_code == 404
    bad = {"marks": [BOX | {"width_px": 999}], "spans": []}
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=bad).status_code == 422
    good = {"marks": [BOX], "spans": [{"first": 0, "last": 1, "happens": "take"}]}
    done = api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=good)
    assert (done.status_code, done.json()["revision"]) == (200, 2)
    assert api.ask("PUT", f"{API}/desk/annotations/{token}", "ada", json=good).status_code == 409
    says = api.get("/review/annotations", "auditor")
    assert (says["clips"], says["marks"], says["people"]) == (1, 1, "fewer than 5")

    data, out = str(api.shop.folder), tmp_path / "coco.json"

    def walkout(*words: str) -> str:
        done = CliRunner().invoke(app, ["review", "dataset", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert "1 clips, 2 pictures, 1 marks" in walkout("show", data)
    walkout("export", data, "--out", str(out))
    assert '"kept":["1-00"]' in walkout("import", data, str(out), "--json").replace(" ", "").replace("\n", "")

    assert api.post(link, None, agree=False) == {"agreed": False, "deleted": 3}
    assert api.get("/review/annotations", "operator")["clips"] == 0
    assert "0 clips taken in, 1 left out" in walkout("import", data, str(out))
