"""How the bot's words look on the customer's screen."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from conversations.channels import PUSH_CHANNELS, TELEGRAM
from conversations.models import Delivery
from conversations.payloads import write_payloads
from conversations.values import DeliveryState
from core.clock import SystemClock
from core.database import Database
from tests.integration.telegram.outbox import draft, list_all, put
from tests.support.echo_engine import EchoEngine
from tests.support.telegram_bot import running_bot
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.values import Json

#: Some ten thousand characters, every other word bold or a link; a cup of tea counts twice for Telegram.
LONG = "".join(f"🍵 **tin-{n:03}** costs [about-{n}](https://shop.example/{n})\n" for n in range(400))
SEEN = "".join(f"🍵 tin-{n:03} costs about-{n}\n" for n in range(400))


def covered(message: Json) -> list[str]:
    """The words under each entity, which counts in UTF-16."""
    text = message["text"].encode("utf-16-le")
    spans = [(2 * entity["offset"], 2 * entity["length"]) for entity in message["entities"]]
    return [text[start : start + length].decode("utf-16-le") for start, length in spans]


async def test_a_text_too_long_for_one_message_arrives_whole_in_order_and_cut_outside_its_entities(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    server.customer(71)
    pieces = write_payloads("71", LONG, PUSH_CHANNELS[TELEGRAM])
    async with running_bot(server, database, EchoEngine(database, SystemClock()), tmp_path) as bot:
        named = [(draft(71, f"piece {number}"), piece) for number, piece in enumerate(pieces)]
        await put(database, [replace(one, payload=piece.model_dump(mode="json")) for one, piece in named])
        await bot.idle()
    arrived = [delivery.message for delivery in server.log.messages(71)]
    assert len(arrived) > 2
    assert " ".join(message["text"] for message in arrived).split() == SEEN.split()
    entities = [words for message in arrived for words in covered(message)]
    assert entities == [words for line in SEEN.splitlines() for words in (line.split()[1], line.split()[3])]


async def test_no_link_is_unfolded_neither_in_what_is_sent_nor_in_what_is_changed(
    server: TelegramServer, database: Database, tmp_path: Path
) -> None:
    anna, clock = server.customer(71), SystemClock()
    anna.chat.post(server.world.bot_user, server.world.date(), {"text": "before"})
    async with running_bot(server, database, EchoEngine(database, clock), tmp_path) as bot:
        await put_earlier(database, clock)
        [earlier] = await list_all(database)
        link = "https://shop.example/"
        await put(database, [draft(71, link), draft(71, f"{link}2", edits=earlier.id)])
        await bot.idle()
    calls = [one for one in server.log.to(71) if one.method in ("sendMessage", "editMessageText")]
    assert [one.method for one in calls] == ["sendMessage", "editMessageText"]
    assert [one.params["link_preview_options"] for one in calls] == [{"is_disabled": True}] * 2


async def put_earlier(database: Database, clock: SystemClock) -> None:
    """A delivery that stands on the screen as message 1."""
    await put(database, [draft(71, "before", due_at=clock.now() + timedelta(days=1))])
    async with database.write() as session:
        await session.execute(update(Delivery).values(state=DeliveryState.SENT, external_id="1"))
