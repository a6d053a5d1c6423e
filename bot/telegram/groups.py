"""Groups that are not the desk: one polite line, and ten minutes later the bot is gone.

The ten minutes are for whoever claims the group as the desk; a claim takes the group's row away.
"""

from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from sqlalchemy import delete, func, select, update

from bot.telegram.desk import groups as desk_groups
from bot.telegram.models import StrayGroup
from bot.telegram.moved_chats import move_chat
from conversations import outbox
from conversations.batches import Batch
from conversations.channels import PUSH_CHANNELS, TELEGRAM
from conversations.outbox import DeliveryDraft
from conversations.payloads import write_payloads
from conversations.texts import LANGUAGES, Texts
from conversations.values import DeliveryKind, DeskSaid, InGroup
from core.clock import Clock
from core.database import Database, ReadSession, WriteSession, upsert_ignore
from core.settings import Settings
from core.shop import read_shop

log = structlog.get_logger(__name__)

STAYS_FOR = timedelta(minutes=10)
_TRIES_AGAIN_AFTER = timedelta(minutes=1)
_LOOKS_EVERY = 15.0
_PASSING = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter)


class Groups:
    """What happens in groups, and leaving them in time."""

    def __init__(self, bot: Bot, database: Database, clock: Clock, settings: Settings, account: str) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._settings = settings
        self._language = settings.language.value
        self._account = account

    async def handle(self, batch: Batch) -> None:
        """Deals with the events of one group and completes them, in one transaction."""
        now = self._clock.now()
        async with self._database.write() as session:
            for item in batch.items:
                if isinstance(item.event, InGroup | DeskSaid):
                    await self._note(session, item.event, now)
            await batch.complete(session, now)

    async def _note(self, session: WriteSession, event: InGroup | DeskSaid, now: datetime) -> None:
        if isinstance(event, InGroup) and event.moved_to is not None:
            await move_chat(session, self._account, event.group, event.moved_to)
        elif isinstance(event, InGroup) and event.present is False:
            await self._forget(session, event.group)
        elif await self._is_desk(session, event.group):
            await desk_groups.open_group(session, self._account, event.group, now)
        elif (isinstance(event, InGroup) or event.text) and await self._is_new(session, event, now):
            await self._say_why(session, event, now)

    async def _is_desk(self, session: ReadSession, group: str) -> bool:
        """It is no stray one, and is looked at again."""
        wanted = await desk_groups.wanted(session, self._account, self._settings.telegram_desk_chat_id)
        return group in wanted

    async def _is_new(self, session: WriteSession, event: InGroup | DeskSaid, now: datetime) -> bool:
        values = {
            "account": self._account,
            "chat_id": event.group,
            "title": event.title[:200],
            "since": now,
            "leave_at": now + STAYS_FOR,
        }
        insert = upsert_ignore(StrayGroup, session.get_bind().dialect.name).values(values).returning(StrayGroup.id)
        return await session.scalar(insert) is not None

    async def _say_why(self, session: WriteSession, event: InGroup | DeskSaid, now: datetime) -> None:
        """In the shop's language first, then in the other."""
        shop, _is_sample = await read_shop(session)
        languages = sorted(LANGUAGES, key=lambda language: language != self._language)
        text = "\n\n".join(Texts.shipped().voice(each, shop).say("telegram.not_a_desk") for each in languages)
        (payload,) = write_payloads(event.group, text, PUSH_CHANNELS[TELEGRAM])
        await outbox.enqueue(
            session,
            DeliveryDraft(
                account=self._account,
                lane=event.group,
                kind=DeliveryKind.SERVICE,
                payload=payload.model_dump(mode="json"),
                dedupe_key=f"stray:{self._account}:{event.group}:{now.timestamp()}",
                due_at=now,
                expires_at=now + STAYS_FOR,
            ),
        )

    async def _forget(self, session: WriteSession, group: str) -> None:
        of_group = (StrayGroup.account == self._account, StrayGroup.chat_id == group)
        await session.execute(delete(StrayGroup).where(*of_group))

    async def run(self) -> None:
        """Leaves the groups whose time has come, until cancelled."""
        while True:
            try:
                await self.leave_due()
                seconds = await self._seconds_to_next()
            except Exception as error:
                log.warning("telegram.groups_not_left", error=repr(error))
                seconds = _LOOKS_EVERY
            await self._clock.sleep(seconds)

    async def leave_due(self) -> None:
        """Leaves every group whose time has come; not one that the settings have made the desk meanwhile."""
        for group in await self._claim_due():
            async with self._database.read() as session:
                stays = await self._is_desk(session, group)
            if stays or await self._leave(group):
                async with self._database.write() as session:
                    await self._forget(session, group)

    async def _claim_due(self) -> list[str]:
        """Moved on a little, so that another process leaves them alone and a failure is tried again."""
        now = self._clock.now()
        due = update(StrayGroup).where(StrayGroup.account == self._account, StrayGroup.leave_at <= now)
        async with self._database.write() as session:
            claimed = due.values(leave_at=now + _TRIES_AGAIN_AFTER).returning(StrayGroup.chat_id)
            return list(await session.scalars(claimed))

    async def _leave(self, group: str) -> bool:
        """Whether the bot is out: a refusal means that it is not in any more."""
        try:
            await self._bot.leave_chat(int(group))
        except _PASSING as error:
            log.warning("telegram.group_not_left", group_id=group, error=type(error).__name__)
            return False
        except AiogramError as error:
            log.info("telegram.group_gone", group_id=group, error=type(error).__name__)
        return True

    async def _seconds_to_next(self) -> float:
        async with self._database.read() as session:
            next_at = await session.scalar(
                select(func.min(StrayGroup.leave_at)).where(StrayGroup.account == self._account)
            )
        if next_at is None:
            return _LOOKS_EVERY
        return min(_LOOKS_EVERY, max(0.1, (next_at - self._clock.now()).total_seconds()))
