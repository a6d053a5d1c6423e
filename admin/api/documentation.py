"""OpenAPI, and a page to read it: plain HTML of our own, so that it works without the internet and without scripts."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, StrictUndefined

from admin.api.errors import ErrorShape

OPENAPI_URL = "/api/openapi.json"
DESCRIPTION = """\
Send your key as `Authorization: Bearer KEY`; `kefu staff add NAME --role ROLE` makes one.

Every failure has the shape `{"error": code, "detail": text, "data"?: {...}}`. Lists are read page by page with `limit`
and `cursor`. Writes accept `Idempotency-Key`. Times are RFC 3339 in UTC."""

_MEANINGS: Mapping[int, str] = {
    400: "The request cannot be read, as with invalid JSON.",
    401: "No key, or one that opens nothing.",
    403: "Your role, or whose object it is, does not allow it.",
    404: "There is no such thing.",
    409: "It has changed, or its state does not allow it.",
    413: "More than 1 MB.",
    415: "The body is not `application/json`.",
    422: "Something in the request is wrong; `data.fields` names what.",
    429: "Too much at once; `Retry-After` tells when to ask again.",
    503: "Not just now, as when the database is away; `Retry-After` tells when to ask again.",
}
#: What every route can answer beside its own result.
FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorShape, "description": meaning} for status, meaning in _MEANINGS.items()
}
_PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
async def read_docs(request: Request) -> HTMLResponse:
    """Every route with its parameters, bodies and answers."""
    html = _PAGE.render(api=request.app.openapi(), operations=list(_operations(request.app.openapi())))
    return HTMLResponse(html, headers={"Content-Security-Policy": _PAGE_POLICY})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path, with its body's and its result's schema. `example`: a body as JSON."""

    method: str
    path: str
    data: Mapping[str, Any]
    body: str | None
    result: str | None
    example: str | None

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "")


def _operations(api: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in api["paths"].items():
        for method, data in methods.items():
            result = data["responses"].get("200", {})
            body = data.get("requestBody")
            yield Operation(method.upper(), path, data, _schema_name(body), _schema_name(result), _example(body))


def _example(body: Mapping[str, Any] | None) -> str | None:
    example = (body or {}).get("content", {}).get("application/json", {}).get("example")
    return None if example is None else json.dumps(example, ensure_ascii=False, indent=2)


def _schema_name(holder: Mapping[str, Any] | None) -> str | None:
    schema = (holder or {}).get("content", {}).get("application/json", {}).get("schema", {})
    reference: str = schema.get("$ref", "")
    return reference.rpartition("/")[2] or None


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: `text`, `list of Message`, `number or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(kind_of(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    names = {"string": "text", "integer": "number", "boolean": "yes or no"}
    return str(schema.get("format") or names.get(schema.get("type", ""), schema.get("type", "anything")))


_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters["kind"] = kind_of
_PAGE = _ENVIRONMENT.from_string((resources.files("admin.api") / "docs.html").read_text("utf-8"))
_STYLE = (resources.files("admin.api") / "docs.css").read_text("utf-8")


@router.get("/api/docs.css")
async def read_style() -> HTMLResponse:
    return HTMLResponse(_STYLE, media_type="text/css")
