"""The webhook: Telegram posts updates here, and shows the secret that it was given. Stored first, then answered."""

import asyncio
import hmac
import json
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.telegram.backoff import Backoff
from bot.telegram.intake import Intake
from bot.telegram.presses import Acknowledger
from bot.telegram.raw_updates import ALLOWED_UPDATES
from core.clock import Clock

log = structlog.get_logger(__name__)

PATH = "/telegram/webhook"
_SECRET_HEADER = b"x-telegram-bot-api-secret-token"
_STORE_SECONDS = 10.0
_RETRY_SECONDS = 2
_CONNECTIONS = 40
_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """Takes the posts of one bot account."""

    secret: str
    intake: Intake
    presses: Acknowledger

    def route(self) -> Route:
        return Route(PATH, self.receive, methods=["POST"], include_in_schema=False)

    async def receive(self, request: Request) -> Response:
        """200 once the update is committed; 401 without the secret; 503 while it cannot be stored."""
        if not self._is_from_telegram(request):
            return Response(status_code=401)
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        return await self._store(read_update(body))

    def _is_from_telegram(self, request: Request) -> bool:
        """Bytes are compared, since a header may hold anything."""
        shown = dict(request.headers.raw).get(_SECRET_HEADER, b"")
        return hmac.compare_digest(shown, self.secret.encode())

    async def _store(self, update: Any) -> Response:
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                presses = await self.intake.take([update])
        except Exception as error:  # not stored, so not taken: Telegram keeps it and posts it again
            log.warning("telegram.not_stored", error=repr(error))
            return _not_now()
        self.presses.acknowledge(presses)
        return Response(status_code=200)


def _not_now() -> Response:
    return Response(status_code=503, headers={"Retry-After": str(_RETRY_SECONDS)})


def read_update(body: bytes) -> Any:
    """The update, or what came instead of one: to be kept and parked, since Telegram would post it for ever."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {"unreadable": body[:10_000].decode("utf-8", "replace")}


async def register(bot: Bot, clock: Clock, public_url: str, secret: str) -> None:
    """Tells Telegram where to post, at every start and with what is set here; tries until it has listened."""
    backoff = Backoff(clock, longest=30.0)
    while True:
        try:
            await bot.set_webhook(
                f"{public_url}{PATH}",
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=_CONNECTIONS,
                drop_pending_updates=False,
            )
            return
        except AiogramError as error:
            log.error("telegram.webhook_not_set", error=f"{type(error).__name__}: {error}"[:300])
            await backoff.wait()


async def keep_registered(bot: Bot, clock: Clock, public_url: str, secret: str) -> None:
    """Registers at the start, and again each day, until cancelled."""
    while True:
        await register(bot, clock, public_url, secret)
        await clock.sleep(_A_DAY)
