"""Where the facts of the shop are kept. Data, not settings: live at once in every process."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import signals
from core.columns import Json
from core.database import Base, ReadSession, WriteSession, upsert_ignore
from core.shop_facts import ShopFacts


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
    first = {"id": 1, "facts": facts, "sample": bool(sample), "version": 0, "updated_by": by, "updated_at": now}
    await session.execute(upsert_ignore(Shop, session.get_bind().dialect.name).values(first))  # of two first, one is
    row = await session.get_one(Shop, 1, with_for_update=True, populate_existing=True)
    row.facts, row.updated_by, row.updated_at = facts, by, now
    row.version += 1
    row.sample = row.sample if sample is None else sample
    await session.flush()
    session.signal(signals.SHOP)
