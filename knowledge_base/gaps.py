"""Unanswered and unhelpful questions, gathered into groups that keep their identity."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from core.database import Database, ReadSession, WriteSession
from knowledge_base.grouping import Encoded, Mean, nearest, restored
from knowledge_base.models import Article, KnowledgeState, QuestionGroup, QuestionLog
from knowledge_base.service import KnowledgeBase
from knowledge_base.text import fold
from knowledge_base.values import GroupState

_AT_ONCE = 50


async def group_questions(database: Database, knowledge: KnowledgeBase, now: datetime) -> int:
    """Finds the group of each question that has none yet; how many. Safe in several processes at once."""
    done = 0
    while True:
        async with database.read() as session:
            found = await _ungrouped(session, None)
        if not found:
            return done
        texts = [fold(text) for _, text in found]
        encoded = await knowledge.encode(texts)
        async with database.write() as session:
            done += await _group(session, dict(found), encoded, now)


async def _ungrouped(session: ReadSession, ids: Sequence[int] | None) -> list[tuple[int, str]]:
    query = select(QuestionLog.id, QuestionLog.text).where(QuestionLog.ungrouped)
    if ids is not None:
        query = query.where(QuestionLog.id.in_(ids))
    return [(number, text) for number, text in await session.execute(query.order_by(QuestionLog.id).limit(_AT_ONCE))]


async def _group(session: WriteSession, texts: Mapping[int, str], encoded: Encoded, now: datetime) -> int:
    """One process groups at a time: the row that all of them know is the lock."""
    await session.get(KnowledgeState, 1, with_for_update=True)
    places = {number: place for place, number in enumerate(texts)}
    still = {number for number, _ in await _ungrouped(session, list(texts))}
    query = select(QuestionLog).where(QuestionLog.id.in_(still)).order_by(QuestionLog.id)
    by_language: dict[str, list[QuestionLog]] = defaultdict(list)
    for row in await session.scalars(query):
        by_language[row.language].append(row)
    for language, rows in by_language.items():
        groups = await _groups(session, language, encoded.encoder)
        means = [Mean(restored(group.vector), group.script, group.members) for group in groups]
        for row in rows:
            row.ungrouped = False
            if row.text.strip():
                await _place(session, row, encoded, places[row.id], groups, means, now)
    await session.flush()
    return len(still)


async def _groups(session: ReadSession, language: str, encoder: str) -> list[QuestionGroup]:
    same = (QuestionGroup.language == language, QuestionGroup.encoder == encoder)
    return list(await session.scalars(select(QuestionGroup).where(*same).order_by(QuestionGroup.id)))


async def _place(
    session: WriteSession,
    row: QuestionLog,
    encoded: Encoded,
    place: int,
    groups: list[QuestionGroup],
    means: list[Mean],
    now: datetime,
) -> None:
    vector, script = encoded.vectors[place], encoded.scripts[place]
    found = nearest(vector, script, means, encoded.near, encoded.centres[place])
    if found is None:
        mean = Mean(vector, script)
        group = QuestionGroup(
            language=row.language, encoder=encoded.encoder, vector=mean.stored, script=script, created_at=now
        )
        session.add(group)
        await session.flush()
        groups.append(group)
        means.append(mean)
    else:
        group, mean = groups[found], means[found]
        mean.add(vector)
        group.vector, group.members = mean.stored, mean.members
        await _reopen(session, group)
    row.group_id = group.id


async def _reopen(session: WriteSession, group: QuestionGroup) -> None:
    """Its article is out and the question is still not answered: somebody should look again."""
    if group.state is not GroupState.ANSWERED:
        return
    is_out = select(Article.id).where(
        Article.key == group.article, Article.language == group.language, Article.published_version.is_not(None)
    )
    if await session.scalar(is_out.limit(1)) is not None:
        group.state = GroupState.OPEN


async def take_up_again(database: Database, knowledge: KnowledgeBase) -> int:
    """After the encoder has changed, groups get a mean that can be compared, from a question that is left of them."""
    encoder = await knowledge.encoder_name()
    async with database.read() as session:
        found = await _of_other_encoders(session, encoder)
    if not found:
        return 0
    encoded = await knowledge.encode([fold(text) for _, text in found])
    async with database.write() as session:
        for place, (number, _) in enumerate(found):
            mean = Mean(encoded.vectors[place], encoded.scripts[place])
            fresh = {"encoder": encoder, "vector": mean.stored, "script": mean.script, "members": 1}
            await session.execute(update(QuestionGroup).where(QuestionGroup.id == number).values(fresh))
    return len(found)


async def _of_other_encoders(session: ReadSession, encoder: str) -> list[tuple[int, str]]:
    """The number of each group with its first question; those of which no question is left cannot be helped."""
    first = (
        select(QuestionGroup.id, func.min(QuestionLog.id).label("first"))
        .join(QuestionLog, QuestionLog.group_id == QuestionGroup.id)
        .where(QuestionGroup.encoder != encoder, QuestionLog.text != "")
        .group_by(QuestionGroup.id)
        .limit(_AT_ONCE)
        .subquery()
    )
    query = select(first.c.id, QuestionLog.text).join(QuestionLog, QuestionLog.id == first.c.first)
    return [(number, text) for number, text in await session.execute(query)]
