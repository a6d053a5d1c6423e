"""Who works with the shop: roles, and what an authenticated caller is."""

from dataclasses import dataclass
from enum import StrEnum


class Availability(StrEnum):
    """Whether new cases may be given to somebody."""

    ONLINE = "online"
    AWAY = "away"


class Role(StrEnum):
    """`channel` is another system; each of the others may do what the one before it may."""

    CHANNEL = "channel"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


_RANK = {Role.AGENT: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3}


@dataclass(frozen=True, slots=True)
class Actor:
    """The staff member or system behind a request. `own_ids`: a system whose customer ids are its own."""

    id: int
    name: str
    role: Role
    alias: str | None = None
    own_ids: bool = False

    def is_at_least(self, role: Role) -> bool:
        """Whether this person's role includes `role`. Systems are no people; admins may do a channel's part too."""
        if role is Role.CHANNEL:
            return self.role in (Role.CHANNEL, Role.ADMIN)
        return _RANK.get(self.role, 0) >= _RANK[role]
