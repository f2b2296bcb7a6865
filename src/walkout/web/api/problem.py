"""Errors as problem details (RFC 9457): what was found, what would be right, in the body of every refusal."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

KIND: Final = "application/problem+json"
TITLES: Final = {
    400: "This cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not there",
    405: "Not this way",
    409: "Not now",
    412: "Changed since",
    413: "Too large",
    422: "This is not right",
    428: "Say what you changed",
    429: "Too fast",
    503: "The shop is not ready",
}


class Problem(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


class ProblemError(Exception):
    """Refuse a request."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": TITLES[status], "content": {KIND: {}}}
    for status in (400, 401, 403, 404, 405, 409, 412, 422, 428, 429, 503)
}
"""For routes' `responses`."""


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    body = Problem(title=TITLES.get(status, "Refused"), status=status, detail=detail)
    return JSONResponse(body.model_dump(), status, headers, KIND)


def install(app: FastAPI) -> None:
    """Let every error of this app be a problem."""

    @app.exception_handler(ProblemError)
    async def refused(_request: Request, error: ProblemError) -> JSONResponse:
        return answer(error.status, error.detail, error.headers)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        return answer(error.status_code, str(error.detail), headers)

    @app.exception_handler(DBAPIError)
    async def away(_request: Request, _error: DBAPIError) -> JSONResponse:
        return answer(503, "the database does not answer; try again in a moment", {"Retry-After": "2"})

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:10]]
        return answer(422, "; ".join(found))
