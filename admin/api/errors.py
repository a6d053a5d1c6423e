"""Every failure as one envelope: `{"error": code, "detail": text, "data"?: {...}}`."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from core.errors import Conflict, InvalidInput, KefuError, LimitExceeded, NotAllowed, NotFound

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
    413: ("too_large", "the request is too large"),
    415: ("unsupported_media_type", "send application/json"),
}
_RETRY_SECONDS = 5


class Unauthorised(Exception):
    """Nobody, or nobody known, is asking."""


def envelope(
    status: int,
    code: str,
    detail: str,
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {"error": code, "detail": detail}
    if data:
        body["data"] = dict(data)
    return JSONResponse(body, status, headers=dict(headers or {}))


def install_error_handlers(app: FastAPI) -> None:
    """Teaches the application every error of the contract; what nobody expected is logged and answered with 503."""
    app.add_exception_handler(Unauthorised, _unauthorised)
    app.add_exception_handler(KefuError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for lost in (OperationalError, InterfaceError, DBAPIError, OSError, TimeoutError):
        app.add_exception_handler(lost, _database_away)
    app.add_exception_handler(Exception, _unexpected)


async def _unauthorised(_request: Request, error: Exception) -> JSONResponse:
    return envelope(401, "unauthorised", str(error), headers={"WWW-Authenticate": "Bearer"})


async def _expected(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KefuError)
    status = next((code for base, code in _STATUS.items() if isinstance(error, base)), 409)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, LimitExceeded) else None
    return envelope(status, error.code, error.detail, error.data, headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return envelope(400, "bad_request", "the body is not valid JSON")
    fields = [{"path": _path(problem["loc"]), "reason": problem["msg"]} for problem in problems]
    return envelope(422, "invalid_input", f"{fields[0]['path']}: {fields[0]['reason']}", {"fields": fields})


def _path(location: tuple[int | str, ...]) -> str:
    """`("body", "items", 0, "name")` -> `items.0.name`."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts[0] in ("body", "query", "path", "header") and len(parts) > 1 else parts)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, detail = _HTTP_CODES.get(error.status_code, ("bad_request", str(error.detail)))
    status = error.status_code if error.status_code in _HTTP_CODES else 400
    return envelope(status, code, detail, headers=error.headers)


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    log.error("database_away", path=request.url.path, error=type(error).__name__)
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    return envelope(503, "unavailable", "the database does not answer just now; try again", headers=headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", path=request.url.path, method=request.method, exc_info=error)
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    return envelope(503, "unavailable", "something went wrong here; it is in the log", headers=headers)
