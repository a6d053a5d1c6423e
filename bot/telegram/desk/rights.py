"""What the bot may do in a group that is a desk, and what it lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aiogram.types import ChatFullInfo, ResultChatMemberUnion


@dataclass(frozen=True, slots=True)
class Rights:
    is_forum: bool
    is_admin: bool
    manages_topics: bool
    pins: bool

    @classmethod
    def of(cls, chat: ChatFullInfo, member: ResultChatMemberUnion) -> Self:
        return cls(
            is_forum=bool(chat.is_forum),
            is_admin=member.status in ("administrator", "creator"),
            manages_topics=bool(getattr(member, "can_manage_topics", False)),
            pins=bool(getattr(member, "can_pin_messages", False)),
        )

    @property
    def may_open_topics(self) -> bool:
        return self.is_forum and self.manages_topics


def lacks_of(rights: Rights) -> Sequence[str]:
    """Each is a switch that somebody has to find: `said.lacks_...` says where."""
    lacks = {
        "topics": not rights.is_forum,
        "admin": not rights.is_admin,
        "topic_right": rights.is_admin and rights.is_forum and not rights.manages_topics,
        "pin_right": rights.is_admin and not rights.pins,
    }
    return [lack for lack, holds in lacks.items() if holds]
