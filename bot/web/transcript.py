"""A conversation as a text file, for the customer to take along."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from conversations import repository
from conversations.models import Message
from conversations.texts import Voice
from conversations.values import Author
from core.database import ReadSession

_PAGE = 500


async def write_transcript(session: ReadSession, conversation_id: int, voice: Voice, zone: ZoneInfo) -> str:
    """Everything that was said, oldest first, with times in the reader's zone."""
    lines = [voice.say("web.transcript", zone=zone.key), ""]
    after = 0
    while messages := await repository.list_messages(session, conversation_id, after, _PAGE):
        lines += _lines(messages, voice, zone)
        after = messages[-1].seq
    return "\n".join(lines) + "\n"


def _lines(messages: Iterable[Message], voice: Voice, zone: ZoneInfo) -> Iterable[str]:
    for message in messages:
        words = message.text or voice.say("web.taken_back") if message.replaces_id else message.text
        files = " ".join(f"[{attachment.name or attachment.kind.value}]" for attachment in message.attachments)
        said = " ".join(part for part in (words, files) if part)
        yield f"{_time(message.at, zone)} {_author(message, voice)}: {said}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _author(message: Message, voice: Voice) -> str:
    match message.author:
        case Author.CUSTOMER:
            return voice.say("web.you")
        case Author.AGENT:
            return voice.say("desk.author", name=message.name or "")
        case Author.BOT:
            return voice.say("web.bot")
