"""The line to Telegram: one bot, with time-outs that tell "never connected" from "never answered"."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.methods.base import TelegramMethod
from aiohttp import ClientTimeout

from core.settings import Settings

#: Seconds for a call, and within them for the connecting. A call ends before the outbox gives up on it.
CALL_SECONDS = 8.0
CONNECT_SECONDS = 4.0


class PatientSession(AiohttpSession):
    """Limits the connecting by itself: what never connected was never written, and may safely be sent again."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: float | None = None) -> Any:
        limit = ClientTimeout(total=timeout or self.timeout, sock_connect=CONNECT_SECONDS)
        # aiogram passes the value on to aiohttp, which takes this type.
        return await super().make_request(bot, method, timeout=limit)  # type: ignore[arg-type]

    async def close(self) -> None:
        """Without the quarter of a second that aiogram leaves for TLS: at the end of a process nothing follows."""
        if self._session is not None:
            await self._session.close()


def make_bot(settings: Settings) -> Bot:
    """The bot of the settings' token. It connects with its first call; close its session at the end."""
    assert settings.telegram_token is not None
    url = settings.telegram_api_url
    server = TelegramAPIServer.from_base(url) if url else PRODUCTION
    session = PatientSession(api=server, timeout=CALL_SECONDS)
    return Bot(settings.telegram_token.get_secret_value(), session=session)
