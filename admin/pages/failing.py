"""What goes wrong outside of a page's own route: no such address, no database, what nobody expected. Read as a page."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from admin.pages.faults import of_code
from admin.pages.rendering import render
from admin.pages.visitor import PATH, find_viewer, language_of

_OURS = 500


def say_failures_as_pages(app: FastAPI) -> None:
    """After `install_error_handlers`, which goes on to log them and to choose status and code."""
    for kind, handle in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _for_people(handle))


def _for_people(handle: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        said: Response = await handle(request, error)
        if request.url.path != PATH and not request.url.path.startswith(f"{PATH}/"):
            return said
        context = request.app.state.context
        # Who asks is in the database, which may be what is away.
        viewer = await find_viewer(request, context) if said.status_code < _OURS else None
        language = language_of(request, context)
        fault = of_code(str(json.loads(bytes(said.body))["error"]), language)
        shown = render(request, "error.html", viewer, language, said.status_code, fault=fault, back=PATH)
        for name in ("allow", "retry-after"):
            if name in said.headers:
                shown.headers[name] = said.headers[name]
        return shown

    return answer
