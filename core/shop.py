"""The facts of the shop: its name, words and currency. Data, not settings: live at once in every process."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import signals
from core.columns import Json
from core.database import Base, ReadSession, WriteSession


class Localised(BaseModel):
    """A text that customers read, in both languages. An empty one falls back to the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str = Field(default="", max_length=2000)
    en: str = Field(default="", max_length=2000)

    def pick(self, language: str) -> str:
        first, second = (self.en, self.zh) if language == "en" else (self.zh, self.en)
        return first or second


class ShopFacts(BaseModel):
    """What `/shop` shows. `texts` overrides any sentence that customers read, by its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Localised = Localised()
    greeting: Localised = Localised()
    operator: Localised = Localised()
    address: Localised = Localised()
    hours_text: Localised = Localised()
    privacy_url: str = Field(default="", max_length=500, pattern=r"^(https?://\S+)?$")
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    country: str = Field(default="CN", pattern=r"^[A-Z]{2}$")
    color: str = Field(default="#1f6f54", pattern=r"^#[0-9a-fA-F]{6}$")
    texts: Mapping[str, Localised] = {}


class Shop(Base):
    """The one row that holds the facts; `sample` while the sample shop is loaded."""

    __tablename__ = "shop"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    facts: Mapped[ShopFacts] = mapped_column(Json(ShopFacts))
    sample: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_by: Mapped[str | None] = mapped_column(String(80))
    updated_at: Mapped[datetime]


async def read_shop(session: ReadSession) -> tuple[ShopFacts, bool]:
    """The facts, and whether the sample shop is loaded. Defaults where nobody has set anything."""
    row = await session.get(Shop, 1)
    return (row.facts, row.sample) if row else (ShopFacts(), False)


async def write_shop(
    session: WriteSession, facts: ShopFacts, by: str, now: datetime, sample: bool | None = None
) -> None:
    """Replaces the facts and tells every process. `sample` None leaves the mark as it is."""
    row = await session.get(Shop, 1, with_for_update=True)
    if row is None:
        session.add(Shop(id=1, facts=facts, sample=bool(sample), updated_by=by, updated_at=now))
    else:
        row.facts, row.updated_by, row.updated_at = facts, by, now
        row.version += 1
        row.sample = row.sample if sample is None else sample
    await session.flush()
    session.signal(signals.SHOP)


def merge_facts(facts: ShopFacts, changes: Mapping[str, Any]) -> ShopFacts:
    """`facts` with `changes` laid over it, one language at a time: `{"greeting": {"en": ...}}` leaves the Chinese one.

    Raises:
        pydantic.ValidationError: an unknown name or a value of the wrong form.
    """
    merged: dict[str, Any] = facts.model_dump()
    for name, value in changes.items():
        old = merged.get(name)
        if name == "texts" and isinstance(value, Mapping):
            merged[name] = {key: text for key, text in {**(old or {}), **value}.items() if text is not None}
        else:
            merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, Mapping) else value
    return ShopFacts.model_validate(merged)
