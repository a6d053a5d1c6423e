"""What every request passes: a bound on its body, and headers that keep browsers careful."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin.api.errors import envelope
from conversations.uploads import MOST_BYTES

MAX_BODY = 1_000_000
#: Where files are posted: a file of `uploads.MOST_BYTES` and what multipart puts around it.
_UPLOADS = ("/api/v1/files", "/chat/files")
#: Pages say themselves, as a page, that something is too large; these take files along.
_PAGES = "/admin/"
_FILE_FORM = re.compile(r"/admin/cases/\d+/(?:reply|draft)")
MAX_UPLOAD = MOST_BYTES + 100_000
#: What is no page shows nothing and runs nothing.
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

#: Answers hold what is of today; static files are asked for again after an upgrade.
_CACHING = {"/api/": "no-store", "/chat/": "no-store", "/static/": "no-cache"}


class BoundedBody:
    """Refuses bodies above `most` bytes, announced or streamed; files may be larger where they are posted."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path = scope["path"]
        most = MAX_UPLOAD if path in _UPLOADS or _FILE_FORM.fullmatch(path) else self._most
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced[:20]) > most and not path.startswith(_PAGES):
            detail = f"the request is too large: {most // 1_000_000} MB at most"
            return await envelope(413, "too_large", detail)(scope, receive, send)
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413)
            return message

        return await self._app(scope, counted, send)


class CarefulHeaders:
    """Adds the security headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_carefully(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _NO_PAGE)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                for prefix, caching in _CACHING.items():
                    if scope["path"].startswith(prefix):
                        headers.setdefault("Cache-Control", caching)
            await send(message)

        await self._app(scope, receive, send_carefully)
