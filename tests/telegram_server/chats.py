"""Chats as Telegram keeps them: who is in, what stands on the screen, topics, the bot's rights."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.telegram_server.values import ApiError, Json, bad_request

BLOCKED = "Forbidden: bot was blocked by the user"
DEACTIVATED = "Forbidden: user is deactivated"

_RIGHTS = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_send_welcome_messages", "can_pin_messages", "can_manage_topics",
)  # fmt: skip
#: Who seems to write what an administrator writes who remains anonymous; the group stands in `sender_chat`.
ANONYMOUS: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
ALL_RIGHTS: Json = dict.fromkeys(_RIGHTS, True)


@dataclass(slots=True)
class Topic:
    thread_id: int
    name: str
    icon_color: int = 7322096
    is_closed: bool = False
    icon: str = ""

    def facts(self) -> Json:
        about: Json = {"message_thread_id": self.thread_id, "name": self.name, "icon_color": self.icon_color}
        return about | ({"icon_custom_emoji_id": self.icon} if self.icon else {})


@dataclass(slots=True)
class Member:
    user: Json
    status: str = "member"
    rights: Json = field(default_factory=dict)
    is_anonymous: bool = False

    def facts(self) -> Json:
        about: Json = {"user": self.user, "status": self.status}
        if self.status == "administrator":
            about |= (
                {"can_be_edited": False, "is_anonymous": self.is_anonymous}
                | dict.fromkeys(ALL_RIGHTS, False)
                | self.rights
            )
        if self.status == "creator":
            about |= {"is_anonymous": self.is_anonymous}
        if self.status == "kicked":
            about |= {"until_date": 0}
        return about


@dataclass(slots=True)
class Chat:
    """`barrier` is the 403 that every call to this chat gets; `migrated_to` the supergroup that took its place."""

    id: int
    type: str = "private"
    names: Json = field(default_factory=dict)
    is_forum: bool = False
    barrier: str | None = None
    migrated_to: int | None = None
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    message_ids: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def is_group(self) -> bool:
        return self.type != "private"

    def facts(self) -> Json:
        """The chat as it stands inside a message."""
        return {"id": self.id, "type": self.type} | self.names | ({"is_forum": True} if self.is_forum else {})

    def full_facts(self) -> Json:
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        return self.facts() | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    def check_reachable(self) -> None:
        """Raises the ApiError that any call to this chat gets."""
        if self.migrated_to is not None:
            reason = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, reason, {"migrate_to_chat_id": self.migrated_to})
        if self.barrier:
            raise ApiError(403, self.barrier)

    def check_thread(self, thread_id: int | None, user_id: int) -> None:
        """A closed topic is open to those who manage topics. Raises ApiError 400."""
        if thread_id is None:
            return
        if thread_id not in self.topics:
            raise bad_request("message thread not found")
        if self.topics[thread_id].is_closed:
            self.check_right(user_id, "can_manage_topics", "TOPIC_CLOSED")

    def get_message(self, message_id: int | None, purpose: str) -> Json:
        if message_id not in self.messages:
            raise bad_request(f"message to {purpose} not found")
        return self.messages[message_id]

    def get_topic(self, thread_id: int) -> Topic:
        if thread_id not in self.topics:
            raise bad_request("TOPIC_ID_INVALID")
        return self.topics[thread_id]

    def forget_topic(self, thread_id: int) -> None:
        """A deleted topic takes its messages along."""
        del self.topics[thread_id]
        kept = {n: m for n, m in self.messages.items() if n != thread_id and m.get("message_thread_id") != thread_id}
        self.messages = kept

    def check_right(self, user_id: int, right: str, refusal: str) -> None:
        member = self.members.get(user_id)
        if member is None or not (member.status == "creator" or member.rights.get(right)):
            raise bad_request(refusal)

    def post(self, sender: Json, date: int, content: Json, thread_id: int | None = None) -> Json:
        """Put a message on the screen and return it with its number."""
        message: Json = {"message_id": next(self.message_ids), "from": sender, "chat": self.facts(), "date": date}
        member = self.members.get(sender["id"])
        if member and member.is_anonymous:
            message |= {"from": ANONYMOUS, "sender_chat": self.facts()}
        if thread_id is not None:
            message |= {"message_thread_id": thread_id, "is_topic_message": True}
            # Telegram shows every message of a topic as a reply to the one that opened it.
            if opened := self.messages.get(thread_id):
                message["reply_to_message"] = opened
        message |= content
        self.messages[message["message_id"]] = message
        return message
