"""Agents, their teams and keys, and the book of who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import enum_column
from core.database import Base, BigId
from staff.values import Availability, Role


class Agent(Base):
    """A person of the shop, or another system with a key. `alias` is the name that customers see.

    `capacity`: how many open cases are given to them by themselves; None: they take what they choose. `away_until`:
    when an absence ends by itself; None: when they say so.
    """

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    alias: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(8))
    own_ids: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[int | None]
    availability: Mapped[Availability] = mapped_column(enum_column(Availability), default=Availability.ONLINE)
    away_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class AgentAddress(Base):
    """An agent's own account on a channel, from which they work: `external_id` as the channel knows them."""

    __tablename__ = "agent_address"
    __table_args__ = (UniqueConstraint("account", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    account: Mapped[str] = mapped_column(String(120))
    external_id: Mapped[str] = mapped_column(String(200))
    linked_at: Mapped[datetime]


class AgentLink(Base):
    """A one-time code that joins whoever brings it with an agent. Only its hash is kept."""

    __tablename__ = "agent_link"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Desk(Base):
    """A group of agents on a channel; before somebody brings the code there, only the hash of that code.

    `chat` is the group's id on `account`.
    """

    __tablename__ = "desk"
    __table_args__ = (Index("ix_desk_account_chat", "account", "chat"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    account: Mapped[str | None] = mapped_column(String(120))
    chat: Mapped[str | None] = mapped_column(String(120))
    title: Mapped[str | None] = mapped_column(String(200))
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    claimed_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class Team(Base):
    """Agents who share work. `calendar` names their opening hours; None: the shop's."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    calendar: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class TeamMember(Base):
    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("team_id", "agent_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)


class ApiKey(Base):
    """A key opens the API for one agent. Only its hash is kept; `hint`, its first letters, tells keys apart."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who changed which fields of what. `changes` maps a field to [before, after], personal data by reference only."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(80), index=True)
    action: Mapped[str] = mapped_column(String(80))
    object: Mapped[str] = mapped_column(String(300), index=True)
    changes: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
