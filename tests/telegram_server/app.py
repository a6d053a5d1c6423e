"""The HTTP side: the Bot API, file downloads, and answers that break on the way."""

import asyncio
import json
import socket
import struct

from aiohttp import web

from tests.telegram_server.calls import read_call
from tests.telegram_server.exchange import Exchange, answer
from tests.telegram_server.faults import FaultKind
from tests.telegram_server.files import MEGABYTE
from tests.telegram_server.values import ApiError
from tests.telegram_server.world import World

_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


def build_app(world: World) -> web.Application:
    app = web.Application(client_max_size=64 * MEGABYTE)
    app[WORLD] = world
    app.router.add_route("*", "/bot{token}/{method}", call_method)
    app.router.add_get("/file/bot{token}/{path:.+}", download)
    return app


WORLD = web.AppKey("world", World)


async def call_method(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    exchange = await answer(world, request.match_info["token"], await read_call(request))
    return await break_line(request, exchange) if exchange.fault else whole(exchange)


async def download(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    try:
        if request.match_info["token"] != world.token:
            raise ApiError(401, "Unauthorized")
        stored = world.files.get_by_path(request.match_info["path"])
    except ApiError as refusal:
        return web.json_response(refusal.body(), status=refusal.code)
    return web.Response(body=stored.content, content_type=stored.mime_type)


def whole(exchange: Exchange) -> web.Response:
    response = web.json_response(exchange.body, status=exchange.status)
    if wait := exchange.body.get("parameters", {}).get("retry_after"):
        response.headers["Retry-After"] = str(wait)
    return response


async def break_line(request: web.Request, exchange: Exchange) -> web.StreamResponse:
    """The answer as its fault spoils it; status 0 in the record when the bot gets none."""
    assert exchange.fault
    text = json.dumps(exchange.body)
    if exchange.fault.kind is FaultKind.BAD_GATEWAY:
        exchange.record.status = 502
        return web.Response(text=_GATEWAY_PAGE, status=502, content_type="text/html")
    if exchange.fault.kind is FaultKind.CUT_JSON:
        return web.Response(text=text[: len(text) // 2], status=exchange.status, content_type="application/json")
    exchange.record.status = 0
    if exchange.fault.kind is FaultKind.CUT_BODY:
        return await cut_body(request, text, exchange.status)
    if exchange.fault.kind is FaultKind.TIME_OUT:
        await asyncio.Event().wait()  # ends when the bot hangs up: the runner cancels its handlers then
    reset(request)
    return web.Response()


async def cut_body(request: web.Request, text: str, status: int) -> web.StreamResponse:
    """Half of the body that the headers announce."""
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
    response.content_length = len(text)
    await response.prepare(request)
    await response.write(text[: len(text) // 2].encode())
    if request.transport:
        request.transport.close()
    return response


def reset(request: web.Request) -> None:
    """Hang up with a TCP reset, not with an orderly end."""
    transport = request.transport
    if transport is None:
        return
    line = transport.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
