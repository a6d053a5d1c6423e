"""What agents send to customers in Telegram: albums, captions, quotes, files, and what they put right afterwards."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from conversations import corrections
from conversations.desk import holding, speaking
from conversations.models import Message
from conversations.service import Conversations
from conversations.values import Attachment, AttachmentKind, DeliveryState
from core.clock import SystemClock
from core.database import Database
from staff.models import Agent
from staff.values import Actor, Role
from tests.integration.telegram.outbox import list_all
from tests.support.knowledge import HandMadeKnowledge
from tests.support.policies import POLICIES
from tests.support.telegram_bot import BotPlan, RunningBot, running_bot
from tests.telegram_server.people import Person
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json

ANNA = 71
PHOTO, VIDEO, DOCUMENT, VOICE = (
    AttachmentKind.PHOTO,
    AttachmentKind.VIDEO,
    AttachmentKind.DOCUMENT,
    AttachmentKind.VOICE,
)
CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Talk:
    """Anna, whom Li has taken, and what both see."""

    server: TelegramServer
    database: Database
    bot: RunningBot
    anna: Person
    li: Actor
    conversation_id: int

    async def reply(self, text: str, *files: Attachment, reply_to: int | None = None) -> Message:
        async with self.database.write() as session:
            work = await POLICIES.work(session, CLOCK.now(), self.li.name)
            return await speaking.reply_in_conversation(work, self.li, self.conversation_id, text, files, reply_to)

    async def mend(self, message: Message, text: str) -> Message:
        async with self.database.write() as session:
            work = await POLICIES.work(session, CLOCK.now(), self.li.name)
            return await corrections.mend(work, message.id, self.li, text)

    async def take_back(self, message: Message) -> Message:
        async with self.database.write() as session:
            work = await POLICIES.work(session, CLOCK.now(), self.li.name)
            return await corrections.take_back(work, message.id, self.li)

    async def file(self, kind: AttachmentKind, name: str, content: bytes = b"a picture") -> Attachment:
        file_id = f"file-of-{name.partition('.')[0]}"
        await self.bot.files.keep(file_id, _chunks(content), 1000)
        return Attachment(kind=kind, file_id=file_id, name=name)

    async def screen(self) -> list[Json]:
        """What Li's words look like on Anna's phone, once all is done."""
        assert await self.server.updates.drained(10)
        await self.bot.idle()
        return [message for message in self.server.screen(ANNA) if "Li" in str(message) or "media_group_id" in message]

    async def words(self) -> list[str]:
        return [words_of(message) for message in await self.screen()]

    async def last_said(self) -> Message:
        async with self.database.read() as session:
            return (await session.scalars(select(Message).order_by(Message.id.desc()).limit(1))).one()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


def words_of(message: Json) -> str:
    return str(message.get("text") or message.get("caption") or "").removeprefix("Li (person):\n")


def kinds_of(messages: Sequence[Json]) -> list[str]:
    return [kind for message in messages for kind in ("photo", "video", "document", "voice") if kind in message]


@pytest.fixture
async def talk(server: TelegramServer, database: Database, tmp_path: Path) -> AsyncIterator[Talk]:
    engine = Conversations(database, CLOCK, HandMadeKnowledge((), {}), POLICIES)
    async with database.write() as session:
        agent = Agent(name="Li", role=Role.AGENT, created_at=CLOCK.now())
        session.add(agent)
        await session.flush()
        li = Actor(agent.id, agent.name, agent.role, None)
    anna = server.customer(ANNA)
    async with running_bot(server, database, engine.handle, tmp_path, BotPlan()) as bot:
        anna.says("I want to talk to a person")
        assert await server.updates.drained(10)
        await bot.idle()
        async with database.write() as session:
            conversation = await holding.take_conversation(await POLICIES.work(session, CLOCK.now(), li.name), li, 1)
        yield Talk(server, database, bot, anna, li, conversation.id)


async def test_several_pictures_are_one_album_in_one_delivery_with_the_words_below(talk: Talk) -> None:
    files = [await talk.file(PHOTO, "one.jpg"), await talk.file(VIDEO, "two.mp4"), await talk.file(PHOTO, "three.jpg")]
    await talk.reply("**Three** tins", *files)
    album = await talk.screen()
    assert kinds_of(album) == ["photo", "video", "photo"]
    assert [words_of(message) for message in album] == ["Three tins", "", ""]
    assert album[0]["caption_entities"][0]["type"] == "bold"
    assert len({message["media_group_id"] for message in album}) == 1
    delivery = (await list_all(talk.database))[-1]
    assert delivery.external_id == ",".join(str(message["message_id"]) for message in album)
    assert len(talk.server.log.called("sendMediaGroup")) == 1


async def test_whoever_quotes_the_second_picture_quotes_the_reply(talk: Talk) -> None:
    sent = await talk.reply("Two", await talk.file(PHOTO, "one.jpg"), await talk.file(PHOTO, "two.jpg"))
    album = await talk.screen()
    talk.anna.says("this one", reply_to=album[1]["message_id"])
    await talk.screen()
    assert (await talk.last_said()).reply_to_id == sent.id


async def test_an_agent_s_reply_quotes_the_customer_s_words_or_her_own(talk: Talk) -> None:
    asked = talk.anna.says("which one?")
    await talk.screen()
    question = await talk.last_said()
    first = await talk.reply("the green one", reply_to=question.id)
    await talk.screen()
    await talk.reply("as I said", reply_to=first.id)
    quotes = [message["reply_to_message"]["message_id"] for message in await talk.screen()]
    assert quotes[0] == asked.message_id
    assert talk.server.world.chats[ANNA].messages[quotes[1]]["text"].endswith("the green one")


async def test_files_of_each_kind_go_out_as_what_they_are(talk: Talk) -> None:
    kinds = [DOCUMENT, DOCUMENT, VOICE, PHOTO]
    await talk.reply("All", *[await talk.file(kind, f"f{number}") for number, kind in enumerate(kinds)])
    await talk.screen()
    sent = [delivery.method for delivery in talk.server.log.messages(ANNA)][-4:]
    assert sent == ["sendMediaGroup", "sendMediaGroup", "sendVoice", "sendPhoto"]


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("bad_photo", [PHOTO]),
        ("bad_photo", [PHOTO, PHOTO]),
        ("too_big", [PHOTO]),
        ("voice_forbidden", [VOICE]),
    ],
)
async def test_what_telegram_refuses_as_picture_or_voice_goes_out_as_a_file(
    talk: Talk, fault: str, kinds: list[AttachmentKind]
) -> None:
    talk.server.fail(fault, chat_id=ANNA, times=1)
    await talk.reply("Look", *[await talk.file(kind, f"f{number}") for number, kind in enumerate(kinds)])
    shown = await talk.screen()
    assert kinds_of(shown) == ["document"] * len(kinds)
    assert words_of(shown[0]) == "Look"
    assert (await list_all(talk.database))[-1].state is DeliveryState.SENT


async def test_what_is_refused_as_a_file_too_has_failed_with_its_reason(talk: Talk) -> None:
    talk.server.fail("bad_photo", chat_id=ANNA)
    await talk.reply("Look", await talk.file(PHOTO, "one.jpg"))
    assert await talk.words() == []
    delivery = (await list_all(talk.database))[-1]
    assert (delivery.state, delivery.because) == (DeliveryState.FAILED, "bad_file")


async def test_a_reply_is_mended_on_the_customer_s_screen(talk: Talk) -> None:
    sent = await talk.reply("It costs 38")
    assert await talk.words() == ["It costs 38"]
    again = await talk.mend(sent, "It costs **36**")
    (shown,) = await talk.screen()
    assert (words_of(shown), shown["entities"][0]["type"]) == ("It costs 36", "bold")
    await talk.mend(again, "It costs 35")
    assert await talk.words() == ["It costs 35"]


async def test_a_longer_wording_adds_a_message_and_a_shorter_one_takes_it_away(talk: Talk) -> None:
    sent = await talk.reply("short")
    await talk.screen()
    before = len(talk.server.screen(ANNA))
    longer = await talk.mend(sent, "long " * 1000)
    assert len((await talk.words())[0]) > 4000
    assert len(talk.server.screen(ANNA)) == before + 1
    await talk.mend(longer, "short again")
    assert await talk.words() == ["short again"]
    assert len(talk.server.screen(ANNA)) == before


async def test_the_words_below_an_album_are_mended_and_the_pictures_stay(talk: Talk) -> None:
    sent = await talk.reply("Two", await talk.file(PHOTO, "one.jpg"), await talk.file(PHOTO, "two.jpg"))
    await talk.screen()
    await talk.mend(sent, "Both")
    shown = await talk.screen()
    assert [words_of(message) for message in shown] == ["Both", ""]
    assert kinds_of(shown) == ["photo", "photo"]


async def test_a_reply_is_taken_back_whole_an_album_too(talk: Talk) -> None:
    words = await talk.reply("oops")
    album = await talk.reply("Two", await talk.file(PHOTO, "one.jpg"), await talk.file(PHOTO, "two.jpg"))
    assert len(await talk.screen()) == 3
    for message in (words, album):
        await talk.take_back(message)
    assert await talk.screen() == []
    with pytest.raises(corrections.TakenBack):
        await talk.mend(words, "again")


async def test_what_has_not_left_yet_goes_out_mended_or_not_at_all(talk: Talk) -> None:
    await talk.server.disappear()
    first, second = await talk.reply("one"), await talk.reply("two")
    third = await talk.reply("three")
    await talk.mend(second, "zwei")
    await talk.take_back(third)
    await talk.server.appear()
    assert await talk.words() == ["one", "zwei"]
    assert first.id < second.id
    calls = {call.method for call in talk.server.log.calls if call.chat_id == ANNA}
    assert not calls & {"editMessageText", "deleteMessages"}


async def test_telegram_deletes_nothing_after_two_days_and_the_agent_is_told(talk: Talk) -> None:
    sent = await talk.reply("oops")
    await talk.screen()
    talk.server.clock.forward(hours=49)  # type: ignore[attr-defined]
    await talk.take_back(sent)
    assert await talk.words() == ["oops"]
    delivery = (await list_all(talk.database))[-1]
    assert (delivery.state, delivery.because) == (DeliveryState.FAILED, "not_deletable")


async def test_only_who_wrote_a_reply_changes_it(talk: Talk) -> None:
    sent = await talk.reply("mine")
    mary = Actor(talk.li.id + 1, "Mary", Role.SUPERVISOR, None)
    async with talk.database.write() as session:
        work = await POLICIES.work(session, CLOCK.now(), "Mary")
        with pytest.raises(corrections.NotOwnReply):
            await corrections.mend(work, sent.id, mary, "hers")
        with pytest.raises(corrections.MessageNotFound):
            await corrections.take_back(work, sent.id + 1000, talk.li)


async def test_an_edit_of_what_perhaps_never_arrived_is_said_anew(talk: Talk) -> None:
    talk.server.fail("reset", chat_id=ANNA, times=1)
    sent = await talk.reply("one")
    assert await talk.words() == []
    assert (await list_all(talk.database))[-1].state is DeliveryState.UNKNOWN
    await talk.mend(sent, "two")
    assert await talk.words() == ["two"]
