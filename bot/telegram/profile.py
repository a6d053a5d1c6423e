"""What Telegram shows of the bot before anybody writes: name, descriptions, the menu of commands; in both languages."""

import hashlib
from collections.abc import Mapping

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import SetMyCommands, SetMyDescription, SetMyName, SetMyShortDescription
from aiogram.methods.base import TelegramMethod
from aiogram.types import BotCommand

from conversations import repository
from conversations.models import Account
from conversations.texts import LANGUAGES, Texts, Voice
from core import signals
from core.clock import Clock
from core.database import Database
from core.settings import Settings
from core.shop import read_shop
from core.shop_facts import ShopFacts

log = structlog.get_logger(__name__)

_COMMANDS = ("start", "help", "orders", "cases", "me", "person", "stop", "link", "language", "privacy")
_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_SHORT = 64, 512, 120
#: After a refusal; Telegram lets a bot change its name only a few times a day.
_AGAIN_SECONDS = 3600.0
_KEY = "profile"

Call = TelegramMethod[bool]


def wanted_profile(shop: ShopFacts, default_language: str) -> dict[str, Call]:
    """The calls that set the profile, by what they set: `description/zh`. Without a language: for everybody else."""
    calls: dict[str, Call] = {}
    for code, language in (("", default_language), *((language, language) for language in LANGUAGES)):
        voice = Texts.shipped().voice(language, shop)
        calls |= {f"{name}/{code}": call for name, call in _calls(shop, voice, code or None).items()}
    return calls


def _calls(shop: ShopFacts, voice: Voice, code: str | None) -> dict[str, Call]:
    privacy = "\n\n" + voice.say("telegram.description_privacy") if shop.privacy_url else ""
    description = voice.say("telegram.description", privacy=privacy)[:_LONGEST_DESCRIPTION]
    commands = [BotCommand(command=name, description=voice.say(f"telegram.command_{name}")[:256]) for name in _COMMANDS]
    calls: dict[str, Call] = {
        "description": SetMyDescription(description=description, language_code=code),
        "short_description": SetMyShortDescription(
            short_description=voice.say("telegram.short_description")[:_LONGEST_SHORT], language_code=code
        ),
        "commands": SetMyCommands(commands=commands, language_code=code),
    }
    name = shop.name.pick(voice.language)[:_LONGEST_NAME]
    return calls | ({"name": SetMyName(name=name, language_code=code)} if name else {})


def print_of(call: Call) -> str:
    """Tells whether a call says something else than the last one did."""
    return hashlib.sha256(call.model_dump_json(exclude_none=True).encode()).hexdigest()[:16]


class ProfileKeeper:
    """Sets what has changed since it was last set: at the start, and when the shop's facts change."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, settings: Settings, account: str) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._language = settings.language.value
        self._account = account

    async def run(self) -> None:
        """Until cancelled. What Telegram refuses is tried again later."""
        with self._database.signals.subscribe(signals.SHOP) as news:
            while True:
                try:
                    await self.bring_up_to_date()
                except Exception as error:
                    log.warning("telegram.profile_not_set", error=repr(error)[:300])
                await news.wait(_AGAIN_SECONDS)

    async def bring_up_to_date(self) -> None:
        """Makes the calls whose content differs from what was set last."""
        async with self._database.read() as session:
            shop, _is_sample = await read_shop(session)
            account = await repository.get_account(session, self._account)
            known: Mapping[str, str] = account.data.get(_KEY, {})
        for name, call in wanted_profile(shop, self._language).items():
            if known.get(name) != print_of(call) and await self._is_set(name, call):
                await self._remember(name, print_of(call))

    async def _is_set(self, name: str, call: Call) -> bool:
        try:
            await self._bot(call)
        except AiogramError as error:
            log.warning("telegram.profile_not_set", what=name, error=f"{type(error).__name__}: {error}"[:300])
            return False
        return True

    async def _remember(self, name: str, shown: str) -> None:
        async with self._database.write() as session:
            account = await session.get_one(Account, self._account, with_for_update=True)
            account.data = account.data | {_KEY: account.data.get(_KEY, {}) | {name: shown}}
