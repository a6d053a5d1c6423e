"""The sample shop: into an empty database, and out again without a trace."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, exists, func, insert, select, text

from bot.bootstrap import sample_rows
from core.clock import Clock
from core.database import Base, Database, ReadSession, WriteSession
from core.errors import Conflict
from core.shop import Shop, read_shop, write_shop
from core.shop_facts import ShopFacts
from customers.models import Customer, Order
from knowledge_base import repository
from knowledge_base.content import checked
from knowledge_base.models import Article, ArticleVersion, KnowledgeState, LabelledQuestion, QuestionLog
from knowledge_base.repository import version_row
from knowledge_base.values import ArticleStatus
from staff import audit


async def load_sample_if_new(database: Database, clock: Clock) -> bool:
    """Loads the sample shop into a database that has never held anything; True when it did."""
    async with database.write() as session:
        for kind in (KnowledgeState, Shop, Article, Customer, Order):
            if await session.scalar(select(exists().select_from(kind))):
                return False
        await _load(session, clock.now(), "first start")
        return True


async def load_sample(database: Database, clock: Clock, by: str) -> None:
    """Loads the sample shop.

    Raises:
        Conflict: there is something in the database that is the shop's own.
    """
    async with database.write() as session:
        for kind in (Article, Customer, Order):
            count = await session.scalar(select(func.count()).select_from(kind))
            if count:
                raise Conflict(f"the database holds {count} {kind.__tablename__}s; the sample shop needs an empty one")
        await _load(session, clock.now(), by)


async def has_sample(session: ReadSession) -> bool:
    """Whether any of the sample shop is there."""
    _, is_loaded = await read_shop(session)
    return is_loaded or bool(await session.scalar(select(exists().where(Article.sample))))


async def remove_sample(database: Database, clock: Clock, by: str) -> int:
    """Takes out everything that belongs to the sample shop; returns how many articles went. The shop's own stays."""
    async with database.write() as session:
        now = clock.now()
        count = await session.scalar(select(func.count()).select_from(Article).where(Article.sample)) or 0
        await _remove_knowledge(session)
        await _delete_with_dependants(session, Order.metadata.tables["order"], Order.sample.is_(True))
        await _delete_with_dependants(session, Customer.metadata.tables["customer"], Customer.sample.is_(True))
        facts, _ = await read_shop(session)
        await write_shop(session, _without_sample(facts), by, now, sample=False)
        audit.record(session, actor=by, action="sample.remove", object="shop:1", now=now)
        await repository.touch(session, now)
    if database.is_sqlite:
        # The journal still holds what was deleted until it is emptied.
        async with database.engine.connect() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return count


async def _load(session: WriteSession, now: datetime, by: str) -> None:
    await _load_articles(session, now)
    await session.execute(insert(LabelledQuestion), list(sample_rows.labels(now)))
    customers = {row.external_id: row for row in sample_rows.customers(now)}
    session.add_all(customers.values())
    await session.flush()
    session.add_all(sample_rows.consents(customers, now))
    session.add_all(sample_rows.orders(customers, now))
    await write_shop(session, sample_rows.facts(), by, now, sample=True)
    audit.record(session, actor=by, action="sample.load", object="shop:1", now=now)
    await repository.touch(session, now)


async def _load_articles(session: WriteSession, now: datetime) -> None:
    documents = list(sample_rows.objects("articles.jsonl"))
    articles = [
        Article(
            key=document.pop("key"),
            language=document.pop("language"),
            status=ArticleStatus(document.pop("status")),
            published_version=1,
            sample=True,
            created_at=now,
            updated_at=now,
        )
        for document in documents
    ]
    session.add_all(articles)
    await session.flush()
    session.add_all(
        version_row(article.id, 1, checked(document), sample_rows.SOURCE, None, now)
        for article, document in zip(articles, documents, strict=True)
    )


def _without_sample(facts: ShopFacts) -> ShopFacts:
    """What the owner has set stays; what is still the sample's goes back to the default."""
    sample = sample_rows.facts()
    changed = {name: value for name, value in facts if value != getattr(sample, name)}
    return ShopFacts(**changed)


async def _remove_knowledge(session: WriteSession) -> None:
    keys = select(Article.key).where(Article.sample)
    has_own = await session.scalar(select(exists().where(Article.sample.is_(False))))
    asked = delete(QuestionLog).where(QuestionLog.article.in_(keys)) if has_own else delete(QuestionLog)
    await session.execute(asked)
    await session.execute(delete(LabelledQuestion).where(LabelledQuestion.sample))
    ids = select(Article.id).where(Article.sample)
    await session.execute(delete(ArticleVersion).where(ArticleVersion.article_id.in_(ids)))
    await session.execute(delete(Article).where(Article.sample))


async def _delete_with_dependants(
    session: WriteSession, table: Table, condition: ColumnElement[bool], above: tuple[Table, ...] = ()
) -> None:
    """Deletes rows after all that point at them, table by table down the foreign keys."""
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and other is not table and other not in above:
                theirs = key.parent.in_(select(key.column).where(condition))
                await _delete_with_dependants(session, other, theirs, (*above, table))
    await session.execute(delete(table).where(condition))
