"""What can be put into a reply that is being written: the answer of an article, a ready-made reply for the case."""

from admin.api.context import ApiContext
from admin.pages.visitor import Viewer
from conversations.desk import canned, cases, drafts
from core.errors import NotFound
from core.shop import read_shop
from knowledge_base.placeholders import fill
from tickets import repository


async def insertion(context: ApiContext, viewer: Viewer, number: int, asked: str) -> str:
    """`article:LANGUAGE:KEY` or `canned:NAME`, as words for the customer of the case.

    Raises:
        TicketNotFound, CannedNotFound
        NotFound: no such article is served.
    """
    kind, _, name = asked.partition(":")
    if kind == "article":
        return await _article(context, *name.partition(":")[::2])
    return await _canned(context, viewer, number, name)


async def _article(context: ApiContext, language: str, key: str) -> str:
    found = context.knowledge.find_article(key, language)
    if found is None:
        raise NotFound(f"there is no article {key!r} in {language}")
    async with context.database.read() as session:
        facts, _ = await read_shop(session)
    return fill(found.answer, facts, found.language)


async def _canned(context: ApiContext, viewer: Viewer, number: int, name: str) -> str:
    async with context.database.read() as session:
        ticket = await repository.get_ticket(session, number)
        place = await cases.find_place(session, ticket.customer_id, ticket.identity_id)
        language = (await drafts.last_question(session, place))[1] if place else context.settings.language.value
        facts, _ = await read_shop(session)
        reply = await canned.get(session, name)
        return (await canned.fill(session, reply, ticket, viewer.actor, facts, language)).text
