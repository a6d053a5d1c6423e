"""What lies ready for an answer: canned replies and articles, shown before they go out; and answers that were wrong."""

from sqlalchemy import select

from bot.telegram.desk import speech
from bot.telegram.desk.deeds import Deed, Reply, Unclear
from conversations.desk import canned, undoing
from conversations.desk.cases import find_place
from conversations.desk.drafts import Draft, articles_shown
from conversations.models import Conversation
from conversations.values import Button
from conversations.wrong_answers import mark_wrong as mark_answer_wrong
from core.shop import read_shop
from knowledge_base.article_audit import Edit
from knowledge_base.placeholders import fill
from tickets.models import Ticket
from tickets.repository import get_ticket

_LONGEST_LABEL = 40


async def find(deed: Deed, words: str) -> Reply:
    """A canned reply by name or words, else articles. One is shown to be sent; of several one is chosen first."""
    session = deed.work.session
    replies = await canned.find(session, words)
    named = [one for one in replies if one.name == words]
    if named or len(replies) == 1:
        return await show_canned(deed, (named or replies)[0].name)
    buttons = [Button(id=f"canned:{one.name}", label=one.name) for one in replies]
    buttons += [_article_button(one) for one in deed.found]
    if not buttons:
        raise Unclear("nothing_found", words=words)
    if len(buttons) == 1 and deed.found:
        return await show_article(deed, deed.found[0].article)
    return Reply(deed.wording.say("said.choose"), tuple(buttons))


def _article_button(draft: Draft) -> Button:
    return Button(id=f"article:{draft.article}", label=draft.question[:_LONGEST_LABEL])


async def show_canned(deed: Deed, name: str) -> Reply:
    """Filled in for this customer; what is still missing is named. Raises CannedNotFound."""
    session = deed.work.session
    reply = await canned.get(session, name)
    ticket = await get_ticket(session, deed.case)
    facts, _sample = await read_shop(session)
    filled = await canned.fill(session, reply, ticket, deed.actor, facts, await _language(deed, ticket))
    if filled.missing:
        missing = deed.wording.say("said.draft_missing", slots=", ".join(filled.missing))
        text = deed.wording.say("said.draft", title=filled.name, text=filled.text)
        return Reply(f"{text}\n\n{missing}", customer_id=ticket.customer_id)
    return await _preview(deed, ticket, filled.name, filled.text)


async def show_article(deed: Deed, key: str) -> Reply:
    """Raises Unclear: it is not there any more."""
    ticket = await get_ticket(deed.work.session, deed.case)
    title, text = await _article(deed, ticket, key)
    return await _preview(deed, ticket, title, text)


async def _preview(deed: Deed, ticket: Ticket, title: str, text: str) -> Reply:
    draft = await speech.keep_draft(deed, ticket, text)
    button = Button(id=f"send:{draft.id}", label=deed.office.wording.say("button.send"))
    shown = deed.wording.say("said.draft", title=f"**{title}**", text=text)
    return Reply(shown, (button,), customer_id=ticket.customer_id)


async def send_article(deed: Deed, key: str) -> Reply:
    """One tap: it goes out in ten seconds, shown with a way back. Raises what `undoing.reply_soon` raises, Unclear."""
    ticket = await get_ticket(deed.work.session, deed.case)
    _title, text = await _article(deed, ticket, key)
    held = await undoing.reply_soon(deed.work, deed.actor, deed.case, text, sure=True, surface=deed.office.account)
    wording = deed.office.wording
    button = Button(id=f"undo:{held.id}", label=wording.say("button.undo"))
    shown = wording.say("said.sending", name=deed.name, text=held.text)
    return Reply(shown, (button,), held=held.id, customer_id=ticket.customer_id)


async def send_draft(deed: Deed, draft_id: str) -> Reply:
    """What was shown goes out in ten seconds. Raises what `undoing.reply_soon` raises, Unclear."""
    draft = await speech.get_draft(deed, draft_id)
    origin = draft.origin or deed.number
    try:
        held = await undoing.reply_soon(
            deed.work, deed.actor, deed.case, draft.text, draft.attachments, reply_to=draft.reply_to_id,
            sure=draft.sure, surface=deed.office.account, origin=deed.at(origin).origin,
        )  # fmt: skip
    except undoing.AreYouSure:
        draft.sure = True
        return speech.are_you_sure(deed, f"send:{draft.id}")
    await speech.hold_mark(deed, origin, held)
    await deed.work.session.delete(draft)
    return Reply(toast=deed.wording.say("said.sending", name=deed.name, text=held.text))


async def _article(deed: Deed, ticket: Ticket, key: str) -> tuple[str, str]:
    """Its question, and its answer as the customer reads it."""
    language = await _language(deed, ticket)
    article = deed.office.knowledge.find_article(key, language)
    if article is None:
        raise Unclear("gone")
    facts, _sample = await read_shop(deed.work.session)
    return article.question, fill(article.answer, facts, article.language)


async def _language(deed: Deed, ticket: Ticket) -> str:
    place = await find_place(deed.work.session, ticket.customer_id, ticket.identity_id)
    language = await deed.work.session.scalar(select(Conversation.language).where(Conversation.id == place))
    return language or "zh"


async def mark_wrong(deed: Deed, _words: str) -> Reply:
    """The newest answer that the bot gave from an article. Raises Unclear, NoAnswer."""
    session = deed.work.session
    ticket = await get_ticket(session, deed.case)
    place = await find_place(session, ticket.customer_id, ticket.identity_id)
    shown = await articles_shown(session, place) if place else ()
    if not shown:
        raise Unclear("wrong_none")
    newest = shown[0]
    await mark_answer_wrong(session, newest.message_id, None, Edit(by=deed.agent.name, now=deed.work.now))
    said = deed.wording.say("said.wrong", article=newest.article, version=newest.version)
    return Reply(said, toast=said)
