"""Every failure as one envelope: `{"error": code, "detail": text, "data"?: {...}}`."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from core.errors import Conflict, InvalidInput, KefuError, LimitExceeded, NotAllowed, NotFound
from core.outages import LOST, is_outage

log = structlog.get_logger(__name__)

_STATUS: Mapping[type[KefuError], int] = {
    NotFound: 404,
    Conflict: 409,
    NotAllowed: 403,
    InvalidInput: 422,
    LimitExceeded: 429,
}
_HTTP_CODES: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "the request cannot be read"),
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address does not take this method"),
    413: ("too_large", "the request is too large: 1 MB at most"),
    415: ("unsupported_media_type", "send the body as application/json"),
}
_RETRY_SECONDS = 5


class Unauthorised(Exception):
    """Nobody, or nobody known, is asking."""


class Unavailable(Exception):
    """It cannot be said now; the same question a little later can."""


class ErrorShape(BaseModel):
    """Every failure has this shape. `error` is a stable code, `detail` a sentence for people."""

    error: str = Field(examples=["not_found"])
    detail: str = Field(examples=["there is no conversation 7"])
    data: dict[str, Any] = Field(default={}, description="Machine-readable detail, such as `fields`; may be absent.")


def envelope(
    status: int,
    code: str,
    detail: str,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {"error": code, "detail": detail}
    if data:
        body["data"] = dict(data)
    # A request may name half a character; what it did not get in must not break the answer.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers=dict(headers or {}), media_type="application/json")


def install_error_handlers(app: FastAPI) -> None:
    """Teaches the application every error of the contract; what nobody expected is logged and answered with 503."""
    app.add_exception_handler(Unauthorised, _unauthorised)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(KefuError, _expected)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for lost in LOST:
        app.add_exception_handler(lost, _database_away)
    app.add_exception_handler(Exception, _unexpected)


async def _unauthorised(_request: Request, error: Exception) -> Response:
    return envelope(401, "unauthorised", str(error), headers={"WWW-Authenticate": "Bearer"})


async def _unavailable(_request: Request, error: Exception) -> Response:
    return envelope(503, "unavailable", str(error), headers={"Retry-After": str(_RETRY_SECONDS)})


def status_of(error: KefuError) -> int:
    """The HTTP status of a domain error."""
    return next((code for base, code in _STATUS.items() if isinstance(error, base)), 409)


async def _expected(_request: Request, error: Exception) -> Response:
    assert isinstance(error, KefuError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, LimitExceeded) else None
    return envelope(status_of(error), error.code, error.detail, error.data, headers)


async def _stale(_request: Request, _error: Exception) -> Response:
    return envelope(409, "conflict", "somebody else changed this at the same moment; read it again")


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(problem["type"] == "json_invalid" for problem in error.errors()):
        return envelope(400, "bad_request", "the body is not valid JSON")
    fields = faults_of(error)
    return envelope(422, "invalid_input", f"{fields[0]['path']}: {fields[0]['reason']}", {"fields": fields})


def faults_of(error: RequestValidationError) -> list[dict[str, str]]:
    """Each field that is wrong, by its path, and why."""
    return [{"path": _path(problem["loc"]), "reason": _reason(problem)} for problem in error.errors()]


def _path(location: tuple[int | str, ...]) -> str:
    """`("body", "items", 0, "name")` -> `items.0.name`."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts[0] in ("body", "query", "path", "header") and len(parts) > 1 else parts)


def _reason(problem: Mapping[str, Any]) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, detail = _HTTP_CODES.get(error.status_code, ("bad_request", str(error.detail)))
    status = error.status_code if error.status_code in _HTTP_CODES else 400
    return envelope(status, code, detail, headers=error.headers)


async def _database_away(request: Request, error: Exception) -> Response:
    if not is_outage(error):
        return await _unexpected(request, error)
    log.error("database_away", path=request.url.path, error=type(error).__name__)
    return await _unavailable(request, Unavailable("the database does not answer just now; try again"))


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, method=request.method, exc_info=error)
    return await _unavailable(request, Unavailable("something went wrong here; it is in the log"))
