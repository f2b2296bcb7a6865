"""The editor's routes over a copy of the sample shop: the shop's own routes and code, without who may do it."""

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.web.mock.knobs import SAMPLE
from walkout.web.api import edit_routes


def edit_into(app: FastAPI) -> None:
    """Mount the real routes; the folder is made anew for each app and lies in its state."""
    folder = Path(tempfile.mkdtemp(prefix="walkout-mock-"))
    shutil.copytree(SAMPLE, folder / "shop")
    app.state.context = SimpleNamespace(folder=folder / "shop")
    for route in edit_routes.router.routes:
        if isinstance(route, APIRoute):
            app.add_api_route(
                f"/api/v1{route.path}", route.endpoint, methods=list(route.methods or ()), response_model=None
            )
