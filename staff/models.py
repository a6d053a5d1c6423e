"""Agents, their teams and keys, and the book of who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import enum_column
from core.database import Base, BigId
from staff.values import Role


class Agent(Base):
    """A person of the shop, or another system with a key. `alias` is the name that customers see."""

    __tablename__ = "agent"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    alias: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(8))
    own_ids: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


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
    object: Mapped[str] = mapped_column(String(160), index=True)
    changes: Mapped[dict[str, Any]]
    note: Mapped[str | None] = mapped_column(Text)
