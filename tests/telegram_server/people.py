"""Customers and agents: what they do in Telegram becomes updates for the bot."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.telegram_server.chats import ALL_RIGHTS, BLOCKED, Chat, Member
from tests.telegram_server.methods.contents import list_buttons
from tests.telegram_server.methods.media import KINDS, media_content
from tests.telegram_server.values import Json
from tests.telegram_server.world import BOT_ID, Press, World

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: the message, and its update's number. None: not for the bot's eyes, or not asked for."""

    update_id: int | None
    message: Json

    @property
    def message_id(self) -> int:
        return int(self.message["message_id"])


def bot_command(text: str) -> Json:
    """Telegram marks a command at the start of a text with an entity."""
    first = text.split(maxsplit=1)[0] if text.startswith("/") else ""
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(first)}]} if len(first) > 1 else {}


@dataclass(slots=True)
class Person:
    """Somebody in one chat with the bot. Every act takes `thread`, the topic, and `reply_to`, a message's number."""

    world: World
    chat: Chat
    user: Json

    def sends(self, content: Json, thread: int | None = None, reply_to: int | None = None) -> Done:
        """Any content: the fields of a message beyond sender, chat and date."""
        quoted = {"reply_to_message": self.chat.messages[reply_to]} if reply_to is not None else {}
        message = self.chat.post(self.user, self.world.date(), content | quoted, thread)
        heard = self.world.hears(self.chat, message)
        return Done(self.world.updates.add({"message": message}) if heard else None, message)

    def says(self, text: str, thread: int | None = None, reply_to: int | None = None) -> Done:
        return self.sends({"text": text} | bot_command(text), thread, reply_to)

    def sends_file(
        self,
        kind: str,
        content: bytes = b"content",
        *,
        name: str = "",
        caption: str = "",
        size: int | None = None,
        **where: Any,
    ) -> Done:
        """`kind`: photo, document, voice, video, video_note, audio, animation, sticker. `size` may be a false one."""
        return self.sends(self._file(kind, content, name, caption, size), **where)

    def sends_album(self, contents: list[bytes], caption: str = "", kind: str = "photo", **where: Any) -> list[Done]:
        """One message and one update for each file, as Telegram delivers an album; the first has the caption."""
        album = {"media_group_id": f"album-of-{next(_numbers)}"}
        captions = [caption] + [""] * len(contents)
        files = [self._file(kind, content, "", words) for content, words in zip(contents, captions, strict=False)]
        return [self.sends(file | album, **where) for file in files]

    def sends_contact(self, phone: str, own: bool = True, **where: Any) -> Done:
        """`own`: the sender's own card; otherwise somebody else's."""
        whose = {"user_id": self.user["id"]} if own else {}
        return self.sends({"contact": {"phone_number": phone, "first_name": self.user["first_name"]} | whose}, **where)

    def sends_location(self, latitude: float, longitude: float, **where: Any) -> Done:
        return self.sends({"location": {"latitude": latitude, "longitude": longitude}}, **where)

    def edits(self, message_id: int, text: str) -> Done:
        message = self.chat.messages[message_id] | {"text": text, "edit_date": self.world.date()}
        self.chat.messages[message_id] = message
        return Done(self.world.updates.add({"edited_message": message}), message)

    def presses(self, button: str, message_id: int | None = None) -> str:
        """Press a button by its words or its data, on that message or on the last that has it; the query's id.

        Raises LookupError when the screen shows no such button.
        """
        message, data = self._find_button(button, message_id)
        return self.presses_data(data, message["message_id"])

    def presses_data(self, data: str, message_id: int) -> str:
        """A press with any data, as a forged client may send it, or on a message that is gone."""
        query_id = str(10_000_000 + next(_numbers))
        self.world.presses[query_id] = Press(self.world.clock.now(), self.chat.id, message_id)
        gone = {"chat": self.chat.facts(), "message_id": message_id, "date": 0}
        message = self.chat.messages.get(message_id, gone)
        query = {"id": query_id, "from": self.user, "message": message, "data": data}
        self.world.updates.add({"callback_query": query | {"chat_instance": f"c{self.chat.id}"}})
        return query_id

    def blocks_bot(self) -> int | None:
        self.chat.barrier = BLOCKED
        return self._turns_bot("member", "kicked")

    def unblocks_bot(self) -> int | None:
        self.chat.barrier = None
        return self._turns_bot("kicked", "member")

    def adds_bot(self, status: str = "member") -> int | None:
        """Into a group. The bot hears of it by `my_chat_member`."""
        self.chat.barrier = None
        return self._turns_bot("left", status)

    def promotes_bot(self, *rights: str) -> int | None:
        """The bot is an administrator with these rights and no others; with none named, with all."""
        return self._turns_bot(self.chat.members[BOT_ID].status, "administrator", dict.fromkeys(rights, True) or None)

    def demotes_bot(self) -> int | None:
        return self._turns_bot("administrator", "member")

    def switches_topics(self, on: bool) -> None:
        """In the group's settings. Telegram tells bots nothing of it."""
        self.chat.is_forum = on

    def reacts(self, message_id: int, emoji: str) -> int | None:
        """The bot hears of it when it asked for `message_reaction` and, in a group, is an administrator."""
        reaction = [{"type": "emoji", "emoji": emoji}]
        about = {"chat": self.chat.facts(), "message_id": message_id, "user": self.user, "date": self.world.date()}
        return self.world.updates.add({"message_reaction": about | {"old_reaction": [], "new_reaction": reaction}})

    def kicks_bot(self) -> int | None:
        self.chat.barrier = f"Forbidden: bot was kicked from the {self.chat.type} chat"
        return self._turns_bot("member", "kicked")

    def joins(self) -> Done:
        return self.sends({"new_chat_members": [self.user]})

    def leaves(self) -> Done:
        self.chat.members[self.user["id"]].status = "left"
        return self.sends({"left_chat_member": self.user})

    def opens_topic(self, name: str) -> int:
        topic = self.world.open_topic(self.chat, self.user, name, 7322096)
        self.world.updates.add({"message": self.chat.messages[topic.thread_id]})
        return topic.thread_id

    def closes_topic(self, thread: int) -> Done:
        self.chat.get_topic(thread).is_closed = True
        return self.sends({"forum_topic_closed": {}}, thread)

    def reopens_topic(self, thread: int) -> Done:
        self.chat.get_topic(thread).is_closed = False
        return self.sends({"forum_topic_reopened": {}}, thread)

    def renames_topic(self, thread: int, name: str) -> Done:
        self.chat.get_topic(thread).name = name
        return self.sends({"forum_topic_edited": {"name": name}}, thread)

    def deletes_topic(self, thread: int) -> None:
        """Telegram tells bots nothing of it."""
        self.chat.forget_topic(thread)

    def _turns_bot(self, old: str, new: str, rights: Json | None = None) -> int | None:
        before = Member(self.world.bot_user, old).facts()
        granted = (rights or dict(ALL_RIGHTS)) if new == "administrator" else {}
        now = self.chat.members[BOT_ID] = Member(self.world.bot_user, new, granted)
        about = {"chat": self.chat.facts(), "from": self.user, "date": self.world.date()}
        change = about | {"old_chat_member": before, "new_chat_member": now.facts()}
        return self.world.updates.add({"my_chat_member": change})

    def _file(self, kind: str, content: bytes, name: str, caption: str, size: int | None = None) -> Json:
        mime_type = KINDS[kind].mime_type
        stored = self.world.files.keep(content, name or f"{kind}.{mime_type.split('/')[1]}", mime_type, size)
        return media_content(kind, stored) | ({"caption": caption} if caption else {})

    def _find_button(self, wanted: str, message_id: int | None) -> tuple[Json, str]:
        newest_first = sorted(self.chat.messages.values(), key=lambda message: -int(message["message_id"]))
        for message in newest_first:
            for button in list_buttons(message.get("reply_markup", {})):
                named = wanted in (button.get("text"), button.get("callback_data"))
                if named and "callback_data" in button and message_id in (None, message["message_id"]):
                    return message, button["callback_data"]
        raise LookupError(f"no button {wanted!r} in chat {self.chat.id}")


def customer(world: World, user_id: int, first_name: str = "Anna", language_code: str = "en", **facts: Any) -> Person:
    """Somebody with a private chat with the bot, which is opened without an update."""
    user = {"id": user_id, "is_bot": False, "first_name": first_name, "language_code": language_code} | facts
    return Person(world, world.open_private_chat(user), user)


def member(
    world: World, chat_id: int, user_id: int, first_name: str = "Li", status: str = "member", anonymous: bool = False
) -> Person:
    """Somebody in a group; `anonymous`: an administrator who writes as the group, though buttons tell who presses."""
    chat = world.chats[chat_id]
    user = {"id": user_id, "is_bot": False, "first_name": first_name}
    rights = dict(ALL_RIGHTS) if status == "administrator" else {}
    chat.members[user_id] = Member(user, status, rights, anonymous)
    return Person(world, chat, user)


def upgrade(world: World, chat: Chat, new_id: int, by: Json) -> Chat:
    """A group becomes a supergroup with another id; both chats say so."""
    new = world.open_group(new_id, chat.names["title"], chat.is_forum)
    new.members |= chat.members
    farewell = chat.post(by, world.date(), {"migrate_to_chat_id": new_id})
    welcome = new.post(by, world.date(), {"migrate_from_chat_id": chat.id})
    chat.migrated_to = new_id
    world.updates.add({"message": farewell})
    world.updates.add({"message": welcome})
    return new
