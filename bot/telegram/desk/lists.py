"""The queue as lists: mine, due, found; and the next one to take."""

from collections.abc import Sequence

from sqlalchemy import select

from bot.telegram.desk.boards import link_to, list_lines
from bot.telegram.desk.deeds import Deed, Reply
from bot.telegram.models import DeskTopic
from conversations.desk import holding
from tickets import queue
from tickets.queue import Queued

_MOST = 40


async def take_next(deed: Deed, _words: str) -> Reply:
    """The most urgent case that is nobody's is theirs from here on."""
    case = await holding.take_next(deed.work, deed.actor)
    if case is None:
        return Reply(deed.wording.say("said.nothing_waits"))
    topic = await deed.work.session.scalar(select(DeskTopic).where(DeskTopic.ticket_id == case.ticket.id))
    link = link_to(topic) or ""
    return Reply(deed.wording.say("said.next", number=case.ticket.number, link=link).strip())


async def mine(deed: Deed, _words: str) -> Reply:
    rows = await queue.list_mine(deed.work.session, deed.agent.id, deed.work.now, _MOST)
    return await _listed(deed, "list.mine", rows)


async def due(deed: Deed, _words: str) -> Reply:
    return await _listed(deed, "list.due", await queue.list_due(deed.work.session, deed.work.now, _MOST))


async def find(deed: Deed, words: str) -> Reply:
    return await _listed(deed, "list.found", await queue.find(deed.work.session, words, _MOST))


async def _listed(deed: Deed, head: str, rows: Sequence[Queued]) -> Reply:
    lines = await list_lines(deed.work.session, rows, deed.work.policy, deed.wording, deed.work.now)
    return Reply("\n".join([deed.wording.say(head), *(lines or [deed.wording.say("list.nothing")])]))
