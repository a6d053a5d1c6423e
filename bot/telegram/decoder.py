"""A raw update as an event of the engine."""

from datetime import datetime

from pydantic import ValidationError

from bot.telegram.attachments import read_attachments
from bot.telegram.buttons import read_press
from bot.telegram.shapes import Entity, MembershipChange, Message, Press, Reaction, Update, User
from conversations import formatted
from conversations.batches import StoredEvent, Undecodable
from conversations.deliveries import BLOCKED
from conversations.formatted import FormattedText
from conversations.markup import write_markup
from conversations.repository import SENT_AS
from conversations.values import (
    DeskPressed,
    DeskSaid,
    Edited,
    Event,
    InGroup,
    Pressed,
    Reachability,
    Said,
    Visitor,
)

#: What Telegram itself tells of in a chat: nobody said anything.
_SERVICE = frozenset(
    {"pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set"}
)


def decode(stored: StoredEvent) -> Event:
    """Reads one stored update.

    Raises:
        Undecodable: of a kind, or with a value, that this version does not know.
    """
    try:
        update = Update.model_validate(stored.raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Undecodable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if update.message is not None:
        return _message(update.message, stored)
    if update.edited_message is not None:
        return _edited(update.edited_message, stored)
    if update.callback_query is not None:
        return _press(update.callback_query, stored)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, stored)
    if update.message_reaction is not None:
        return _reaction(update.message_reaction, stored)
    raise Undecodable("an update of a kind that Kefu did not ask for")


def message_id(number: int) -> str:
    """Our name for a customer's message of Telegram; the letter tells it from ids of our own."""
    return f"m{number}"


def number_of(reference: str) -> int | None:
    """The number of a message that is named as in `_reply_to`; None for what has none in Telegram."""
    number = reference.removeprefix(SENT_AS).removeprefix("m")
    return int(number) if number.isdecimal() else None


def _message(message: Message, stored: StoredEvent) -> Event:
    if message.chat.type != "private":
        return _in_group(message, stored)
    visitor, at = _visitor(message), _at(message.date, stored)
    if _SERVICE & stored.raw["message"].keys():
        return Reachability(visitor=visitor, at=at, reachable=True)
    return Said(
        visitor=visitor,
        at=at,
        message_id=message_id(message.message_id),
        text=_text(message),
        attachments=read_attachments(message, stored.account),
        reply_to=_reply_to(message),
        quote=message.quote.text.strip() or None if message.quote else None,
        album=f"album:{message.media_group_id}" if message.media_group_id else None,
    )


def _edited(message: Message, stored: StoredEvent) -> Event:
    if message.chat.type != "private":
        return _in_group(message, stored)
    return Edited(
        visitor=_visitor(message),
        at=_at(message.edit_date or message.date, stored),
        message_id=message_id(message.message_id),
        text=_text(message),
        attachments=read_attachments(message, stored.account),
    )


def _press(press: Press, stored: StoredEvent) -> Event:
    if press.message is None:
        raise Undecodable("a press on a message that was sent by somebody else through this bot")
    if press.message.chat.type != "private":
        return DeskPressed(
            visitor=_as_visitor(press.sender),
            at=stored.received_at,
            group=str(press.message.chat.id),
            message=str(press.message.message_id),
            press=press.id,
            button=read_press(press.data),
        )
    if press.message.chat.id != press.sender.id:
        raise Undecodable("a press in somebody else's chat")
    return Pressed(
        visitor=_as_visitor(press.sender),
        at=stored.received_at,
        message_id=f"q{press.id}",
        button=read_press(press.data),
        message=f"{SENT_AS}{press.message.message_id}",
    )


def _reaction(reaction: Reaction, stored: StoredEvent) -> Event:
    """In a group as the press of a button of that name; a customer's mark tells that they are there."""
    who = _as_visitor(reaction.user) if reaction.user else Visitor(external_id=str(reaction.chat.id))
    if reaction.chat.type == "private":
        return Reachability(visitor=who, at=stored.received_at, reachable=True)
    emoji = "".join(one.emoji for one in reaction.new_reaction)
    return DeskPressed(
        visitor=who,
        at=stored.received_at,
        group=str(reaction.chat.id),
        message=str(reaction.message_id),
        press="",
        button=f"mark:{emoji}",
    )


def _membership(change: MembershipChange, stored: StoredEvent) -> Event:
    at, is_in = _at(change.date, stored), change.new_chat_member.is_in
    visitor = _as_visitor(change.sender)
    if change.chat.type == "private":
        return Reachability(visitor=visitor, at=at, reachable=is_in, reason=None if is_in else BLOCKED)
    return InGroup(visitor=visitor, at=at, group=str(change.chat.id), title=change.chat.title, present=is_in)


def _in_group(message: Message, stored: StoredEvent) -> Event:
    who = _as_visitor(message.sender) if message.sender else Visitor(external_id=str(message.chat.id))
    at, group, title = _at(message.edit_date or message.date, stored), str(message.chat.id), message.chat.title
    if message.migrate_to_chat_id is not None:
        return InGroup(visitor=who, at=at, group=group, title=title, moved_to=str(message.migrate_to_chat_id))
    thread = message.message_thread_id if message.is_topic_message else None
    return DeskSaid(
        visitor=who,
        at=at,
        group=group,
        title=title,
        thread=None if thread is None else str(thread),
        message_id=str(message.message_id),
        text=_text(message),
        attachments=read_attachments(message, stored.account),
        reply_to=_quoted_in_group(message, thread),
        album=f"album:{message.media_group_id}" if message.media_group_id else None,
        edits=message.edit_date is not None,
        anonymous=message.sender_chat is not None,
        joined=tuple(_as_visitor(one) for one in message.new_chat_members if not one.is_bot),
        left=_as_visitor(message.left_chat_member) if message.left_chat_member else None,
    )


def _quoted_in_group(message: Message, thread: int | None) -> str | None:
    """In a topic every message seems to answer the one that opened it."""
    quoted = message.reply_to_message
    return None if quoted is None or quoted.message_id == thread else str(quoted.message_id)


def _visitor(message: Message) -> Visitor:
    if message.sender is None or message.sender.id != message.chat.id:
        raise Undecodable("a private message that its chat's owner did not write")
    return _as_visitor(message.sender)


def _as_visitor(user: User) -> Visitor:
    return Visitor(external_id=str(user.id), name=user.name, language=user.language_code)


def _at(date: datetime, stored: StoredEvent) -> datetime:
    """Telegram's own time, which a long outage of ours does not change; never in the future."""
    return min(date, stored.received_at)


def _text(message: Message) -> str:
    """The words with links and bold ones in the small markup; a command stays just as it was typed."""
    words = message.text or message.caption or (message.dice.emoji if message.dice else "")
    entities = message.entities if message.text else message.caption_entities
    if words.startswith("/") or not entities:
        return words
    return write_markup(FormattedText(words, tuple(_entity(entity) for entity in entities)))


def _entity(entity: Entity) -> formatted.Entity:
    return formatted.Entity(entity.type, max(0, entity.offset), max(0, entity.length), entity.url)


def _reply_to(message: Message) -> str | None:
    quoted = message.reply_to_message
    if quoted is None:
        return None
    is_ours = quoted.sender is not None and quoted.sender.is_bot
    return f"{SENT_AS}{quoted.message_id}" if is_ours else message_id(quoted.message_id)
