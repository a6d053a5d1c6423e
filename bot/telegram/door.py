"""The Telegram door of one bot, put together."""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiogram import Bot

from bot.telegram.account import BotAccount, open_account
from bot.telegram.connection import make_bot
from bot.telegram.desk.hearing import DeskEar
from bot.telegram.desk.office import Office
from bot.telegram.desk.wording import shared
from bot.telegram.desk.writer import DeskWriter
from bot.telegram.file_fetching import FileFetcher
from bot.telegram.groups import Groups
from bot.telegram.handler import TelegramHandler
from bot.telegram.intake import Intake
from bot.telegram.leadership import Leader
from bot.telegram.limits import RateLimiter, Rates
from bot.telegram.line import Line
from bot.telegram.poller import Poller
from bot.telegram.presses import Acknowledger
from bot.telegram.profile import ProfileKeeper
from bot.telegram.sender import TelegramSender
from bot.telegram.webhook import Webhook, keep_registered
from conversations.batches import Handler
from conversations.knowledge import Knowledge
from core.clock import Clock
from core.database import Database
from core.files import FileStore
from core.secretbox import SecretBox
from core.settings import Settings, TelegramMode
from tickets.policy import Policies
from tickets.vouchers import VoucherCodes

Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Articles as drafts, and the rules of tickets."""

    knowledge: Knowledge
    policies: Policies


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the door works with. `engine` answers customers; `worker_id` names this start of the process in leases.

    `serves_http`: this process takes the webhook's posts. `desk`: what agents work with; None: no group is a desk.
    """

    settings: Settings
    clock: Clock
    database: Database
    box: SecretBox
    files: FileStore
    engine: Handler
    worker_id: str
    serves_http: bool
    rates: Rates = field(default_factory=Rates)
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class TelegramDoor:
    """`loops` run until they are cancelled. `webhook` is None where updates are polled for, `desk` without a desk."""

    account: str
    handler: TelegramHandler
    sender: TelegramSender
    loops: Mapping[str, Loop]
    webhook: Webhook | None
    desk: DeskWriter | None = None


@asynccontextmanager
async def open_door(around: Surroundings) -> AsyncIterator[TelegramDoor]:
    """The door to the bot of the settings' token, for the length of the block.

    Raises:
        Conflict: see `open_account`.
    """
    bot = make_bot(around.settings)
    presses, limiter = Acknowledger(bot), RateLimiter(around.clock, around.rates)
    try:
        account = await open_account(bot, around.database, around.clock, around.box)
        yield _build(around, bot, account, presses, limiter)
    finally:
        await presses.close()
        await limiter.close()
        await bot.session.close()


def _build(
    around: Surroundings, bot: Bot, account: BotAccount, presses: Acknowledger, limiter: RateLimiter
) -> TelegramDoor:
    database, clock, settings, files = around.database, around.clock, around.settings, around.files
    intake = Intake(database, clock, account.name)
    groups = Groups(bot, database, clock, settings, account.name)
    loops: dict[str, Loop] = {
        "groups": groups.run,
        "files": FileFetcher(bot, database, clock, files, account.name).run,
        "profile": ProfileKeeper(bot, database, clock, settings, account.name).run,
    }
    webhook = None
    if settings.telegram_mode is TelegramMode.POLLING:
        leader = Leader(database, clock, f"poller:{account.name}", around.worker_id)
        loops["poller"] = partial(leader.run, Poller(bot, intake, presses, clock).run)
    elif around.serves_http and settings.public_url:
        webhook = Webhook(account.webhook_secret, intake, presses)
        loops["webhook"] = partial(keep_registered, bot, clock, settings.public_url, account.webhook_secret)
    ear = writer = None
    if around.desk is not None:
        desk = around.desk
        office = Office(bot, database, clock, settings, account.name, desk.knowledge, desk.policies)
        ear, writer = DeskEar(office, presses), DeskWriter(office)
        leader = Leader(database, clock, f"desk:{account.name}", around.worker_id)
        loops["desk"] = partial(leader.run, writer.run)
    handler = TelegramHandler(bot, around.engine, groups, ear)
    line = Line(bot, database, clock, limiter)
    sender = TelegramSender(line, database, clock, files.find, VoucherCodes(around.box), shared(settings))
    return TelegramDoor(account.name, handler, sender, loops, webhook, writer)
