"""All that the server knows: the bot, its chats and files, what waits for it, and what it did."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.clock import Clock
from tests.telegram_server.calls import Call
from tests.telegram_server.chats import ALL_RIGHTS, Chat, Member, Topic
from tests.telegram_server.faults import Faults
from tests.telegram_server.files import FileStore
from tests.telegram_server.limits import Limits
from tests.telegram_server.log import DeliveryLog
from tests.telegram_server.updates import UpdateQueue
from tests.telegram_server.values import Json, bad_request
from tests.telegram_server.webhook import Webhook

BOT_ID = 42
_TALK = (
    "text", "photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker", "contact", "location",
)  # fmt: skip


@dataclass(slots=True)
class Press:
    """A button that somebody pressed: `answers` are the parameters of each answerCallbackQuery."""

    at: datetime
    chat_id: int
    message_id: int
    answers: list[Json] = field(default_factory=list)


class World:
    def __init__(self, token: str, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.token = token
        self.clock = clock
        self.monotonic = monotonic
        self.bot: Json = {
            "id": BOT_ID,
            "is_bot": True,
            "first_name": "Kefu",
            "username": "kefu_test_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        self.profile: dict[str, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.files = FileStore()
        self.log = DeliveryLog(monotonic)
        self.faults = Faults()
        self.limits = Limits()
        self.updates = UpdateQueue(clock)
        self.webhook = Webhook(self.updates)

    @property
    def bot_user(self) -> Json:
        return {name: self.bot[name] for name in ("id", "is_bot", "first_name", "username")}

    def date(self) -> int:
        return int(self.clock.now().timestamp())

    def open_private_chat(self, user: Json) -> Chat:
        names: Json = {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        return self.chats.setdefault(user["id"], Chat(user["id"], "private", names))

    def open_group(
        self, chat_id: int, title: str = "Desk", is_forum: bool = False, bot_status: str = "administrator"
    ) -> Chat:
        chat = Chat(chat_id, "supergroup" if str(chat_id).startswith("-100") else "group", {"title": title}, is_forum)
        rights = dict(ALL_RIGHTS) if bot_status == "administrator" else {}
        chat.members[BOT_ID] = Member(self.bot_user, bot_status, rights)
        self.chats[chat_id] = chat
        return chat

    def get_chat(self, chat_id: int | None) -> Chat:
        """Raises the ApiError of a chat that is unknown, closed to the bot, or has moved."""
        if chat_id is None or chat_id not in self.chats:
            raise bad_request("chat not found")
        self.chats[chat_id].check_reachable()
        return self.chats[chat_id]

    def is_group(self, chat_id: int | None) -> bool:
        return chat_id is not None and chat_id < 0

    def hears(self, chat: Chat, message: Json) -> bool:
        """Privacy mode: in a group, one who is no administrator sees commands, answers to it and service lines only."""
        me = chat.members.get(BOT_ID)
        if not chat.is_group or self.bot["can_read_all_group_messages"] or (me and me.status == "administrator"):
            return True
        is_answer = message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID
        is_talk = any(name in message for name in _TALK)
        return is_answer or not is_talk or message.get("text", "").startswith("/")

    def post_as_bot(self, call: Call, content: Json) -> Json:
        """Put a message of the bot on a chat's screen."""
        chat = self.get_chat(call.chat_id)
        thread_id = call.find("message_thread_id")
        chat.check_thread(thread_id, BOT_ID)
        return chat.post(self.bot_user, self.date(), content, thread_id)

    def open_topic(self, chat: Chat, author: Json, name: str, icon_color: int) -> Topic:
        created = {"name": name, "icon_color": icon_color}
        opening = chat.post(author, self.date(), {"forum_topic_created": created, "is_topic_message": True})
        topic = Topic(opening["message_id"], name, icon_color)
        opening["message_thread_id"] = topic.thread_id
        chat.topics[topic.thread_id] = topic
        return topic


Method = Callable[[World, Call], Any]
"""A method of the Bot API: the result it answers, or an awaitable of it. Raises ApiError when it refuses."""
