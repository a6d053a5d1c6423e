"""A shop's own site, on another origin than the chat, as careful as a site can be."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import escape

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

#: Of the chat it allows the script and the frame, and nothing inline at all.
_POLICY = "default-src 'self'; script-src {chat}; frame-src {chat}; require-trusted-types-for 'script'; base-uri 'none'"
_PAGE = """<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="color-scheme" content="light dark">
    <title>{title}</title>
    <link rel="stylesheet" href="/shop.css">
    <script src="{chat}/widget.js" {attributes} async></script>
  </head>
  <body>
    <main>
      <h1>{title}</h1>
      <p>{text}</p>
      <a href="/{other}">{link}</a>
      <button id="buy" type="button">{buy}</button>
    </main>
  </body>
</html>
"""
_WORDS = {
    "zh-CN": {"title": "西湖龙井 50克", "text": "明前采摘，罐装。", "link": "购物车", "buy": "加入购物车"},
    "en": {"title": "Longjing tea, 50 g", "text": "Picked in early spring.", "link": "Cart", "buy": "Add to cart"},
}  # fmt: skip
_STYLE = """
body { margin: 0; background: #fff; color: #111; font-family: system-ui, "Noto Sans CJK SC", sans-serif; }
main { min-height: 150vh; padding: 24px; }
a { color: #0645ad; }
div, iframe, button { letter-spacing: 2px; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } a { color: #9cf; } }
"""


@dataclass
class ShopSite:
    """`chat` is the chat's address; `attributes` stand on the script's element."""

    port: int
    chat: str = ""
    attributes: str = ""
    language: str = "zh-CN"

    @property
    def origin(self) -> str:
        """Another one than the chat's, of the same site, as `shop.example` and `chat.shop.example` are."""
        return f"http://localhost:{self.port}"

    @property
    def foreign_origin(self) -> str:
        """The same pages under a name that the chat does not know."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def far_origin(self) -> str:
        """The same pages on another site than the chat's, as those of a shop builder."""
        return f"http://127.0.0.2:{self.port}"

    def set_attributes(self, **attributes: str) -> None:
        given = {name.replace("_", "-"): escape(value) for name, value in attributes.items()}
        self.attributes = " ".join(f'data-{name}="{value}"' for name, value in given.items())

    async def page(self, request: Request) -> Response:
        other = "" if request.url.path == "/cart" else "cart"
        words = _WORDS[self.language]
        html = _PAGE.format(chat=self.chat, attributes=self.attributes, language=self.language, other=other, **words)
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY.format(chat=self.chat)})

    async def icon(self, _request: Request) -> Response:
        return Response(status_code=204)

    async def style(self, _request: Request) -> Response:
        return PlainTextResponse(_STYLE, media_type="text/css")


@asynccontextmanager
async def shop_site(port: int = 0) -> AsyncIterator[ShopSite]:
    """Serves the site during the block; port 0: any that is free."""
    near = socket.create_server(("127.0.0.1", port))
    site = ShopSite(near.getsockname()[1])
    far = socket.create_server(("127.0.0.2", site.port))
    paths = {"/": site.page, "/cart": site.page, "/shop.css": site.style, "/favicon.ico": site.icon}
    app = Starlette(routes=[Route(path, endpoint) for path, endpoint in paths.items()])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[near, far]))
    try:
        yield site
    finally:
        server.should_exit = server.force_exit = True
        await serving
