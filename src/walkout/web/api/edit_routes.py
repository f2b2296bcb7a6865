"""The catalogue and the planogram as tables to edit: rows or CSV, with a tag against lost changes, errors by row."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from walkout.store import edit
from walkout.store.problem import Problem
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import KIND, TITLES, ProblemError

router = APIRouter(tags=["shop"])
Name = Literal["catalog", "planogram"]
SHOWN = 200
"""So many problems are sent back at once."""
Cell = Annotated[str, Field(max_length=4000)]
IfMatch = Annotated[str | None, Header(max_length=100, description="the tag that GET gave")]
Check = Annotated[bool, Query(description="only check, save nothing")]


class Rows(BaseModel):
    """All rows of a file, each cell as text."""

    rows: list[dict[str, Cell]] = Field(max_length=20_000)


@router.get("/edit/{name}", dependencies=[Depends(allowed("shop.write"))])
def read_rows(request: Request, name: Name) -> JSONResponse:
    """The file's rows, and the tag to send back with a change."""
    text = edit.read(_folder(request), name)
    found = {"columns": edit.COLUMNS[name], "rows": edit.rows(text.data, name), "etag": text.etag}
    return JSONResponse(found, headers={"ETag": f'"{text.etag}"'})


@router.put("/edit/{name}", dependencies=[Depends(allowed("shop.write"))])
def put_rows(request: Request, name: Name, given: Rows, if_match: IfMatch = None, check: Check = False) -> JSONResponse:
    """Replace the file by these rows, where nothing in them is wrong."""
    return _put(request, name, edit.from_rows(name, given.rows), if_match, check=check)


@router.get(
    "/edit/{name}/csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
    dependencies=[Depends(allowed("shop.write"))],
)
def read_csv(request: Request, name: Name) -> Response:
    """The file as it is."""
    text = edit.read(_folder(request), name)
    disposition = f'attachment; filename="{edit.EDITABLE[name]}"'
    headers = {"ETag": f'"{text.etag}"', "Content-Disposition": disposition}
    return Response(text.data, media_type="text/csv; charset=utf-8", headers=headers)


@router.put("/edit/{name}/csv", dependencies=[Depends(allowed("shop.write"))])
async def put_csv(request: Request, name: Name, if_match: IfMatch = None, check: Check = False) -> JSONResponse:
    """Replace the file by this one (the body is the CSV), where nothing in it is wrong."""
    return _put(request, name, await request.body(), if_match, check=check)


def _put(request: Request, name: str, data: bytes, if_match: str | None, *, check: bool) -> JSONResponse:
    if not if_match:
        raise ProblemError(428, "found no If-Match, right: the tag that GET gave, so that nobody's change is lost")
    folder = _folder(request)
    try:
        found = edit.put(folder, name, data, if_match.removeprefix("W/").strip('"'), save=not check)
    except edit.ChangedError as error:
        raise ProblemError(
            412, "somebody else saved this file since: read it again and make the change there"
        ) from error
    problems = [_row(one, name) for one in found.problems[:SHOWN]]
    if found.etag is None:
        body = {"type": "about:blank", "title": TITLES[422], "status": 422, "problems": problems}
        errors = sum(one.level == "error" for one in found.problems)
        return JSONResponse(body | {"detail": f"{errors} errors; nothing was saved"}, 422, media_type=KIND)
    body = {"etag": found.etag, "saved": not check, "problems": problems, "applies": "at the next start"}
    return JSONResponse(body, headers={"ETag": f'"{found.etag}"'})


def _row(problem: Problem, name: str) -> dict[str, Any]:
    """A problem with the row (from 0) it is in, None where it is in no row of this file."""
    here = problem.file == edit.EDITABLE[name]
    return asdict(problem) | {"row": problem.line - 2 if here and problem.line > 1 else None}


def _folder(request: Request) -> Path:
    folder = of(request).folder
    if folder is None:
        raise ProblemError(409, "this shop was opened without a store folder: there is nothing to edit")
    return folder
