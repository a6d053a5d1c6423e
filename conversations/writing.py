"""What is written about a batch, inside its one transaction: rows, effects, answers, what is remembered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from conversations import effects, grant_news, repository, timeline
from conversations.article_files import as_attachment
from conversations.batches import Batch
from conversations.memory import write_memory
from conversations.models import Conversation, Message
from conversations.planning import Context, Turn
from conversations.rendering import label_of, render
from conversations.scene import Results, Scene
from conversations.steps import Effect, Say, Step
from conversations.texts import Texts
from conversations.threads import Thread
from conversations.turns import Entry
from conversations.values import Author, Edited, OutgoingMessage, Owner, Pressed, Reachability, Said, Seen, Visitor
from core.database import WriteSession
from customers import identities
from customers.identities import Newcomer
from knowledge_base.models import ArticleFile
from tickets.grants import RULES


async def open_thread(session: WriteSession, batch: Batch, now: datetime) -> Thread:
    """The batch's conversation, locked; it and its customer are made at the first word. Raises AccountNotFound."""
    visitor = batch.items[-1].event.visitor
    thread = await repository.find_thread(session, batch.account, visitor.external_id, lock=True)
    if thread is None:
        return await _begin_thread(session, batch.account, visitor, now)
    identities.note_seen(thread.identity, _newcomer(batch.account, visitor), now)
    return thread


async def _begin_thread(session: WriteSession, account: str, visitor: Visitor, now: datetime) -> Thread:
    found = await repository.get_account(session, account)
    identity = await identities.ensure_identity(session, _newcomer(account, visitor), now)
    conversation = Conversation(
        account=account, identity_id=identity.id, customer_id=identity.customer_id, last_at=now, created_at=now
    )
    session.add(conversation)
    await session.flush()
    return Thread(conversation, found, identity)


def _newcomer(account: str, visitor: Visitor) -> Newcomer:
    return Newcomer(
        account=account,
        external_id=visitor.external_id,
        verified=visitor.verified,
        name=visitor.name,
        language=visitor.language,
        timezone=visitor.timezone,
    )


async def write_turns(scene: Scene, context: Context, turns: Sequence[Turn], batch: Batch) -> tuple[Message, ...]:
    """Writes everything that the batch leads to, and returns what the bot says."""
    session, thread = scene.session, scene.thread
    await _note_quiet_events(session, thread, batch)
    answer_to = batch.items[0].id
    thread.conversation.version += bool(turns)
    said: list[Message] = []
    for turn in turns:
        heard = [
            await _add_entry(session, thread.conversation, context, entry, turn, answer_to) for entry in turn.entries
        ]
        results = await _do(replace(scene, files=_files(turn)), turn.step.effects) if turn.step else {}
        thread.conversation.language = turn.language
        if turn.step is not None:
            said += await _answer(scene, context, turn, turn.step, results, heard)
    said += await _offer_by_rule(scene, turns, answer_to)
    if turns:
        if context.blocked_until is None:
            _note_who_waits(thread.conversation, turns)
        await session.flush()
    return tuple(said) or tuple(await _earlier_answers(session, thread.conversation, batch))


async def _note_quiet_events(session: WriteSession, thread: Thread, batch: Batch) -> None:
    """Events that say nothing: how far the customer has read, and whether messages reach them."""
    conversation = thread.conversation
    for event in (item.event for item in batch.items):
        if isinstance(event, Seen):
            conversation.seen_seq = max(conversation.seen_seq, min(event.seq, conversation.last_seq))
        elif isinstance(event, Reachability):
            await identities.set_reachable(session, thread.identity, event.reachable, event.reason)
        elif not thread.identity.reachable:
            await identities.set_reachable(session, thread.identity, True, None)


async def _add_entry(
    session: WriteSession, conversation: Conversation, context: Context, entry: Entry, turn: Turn, answer_to: int
) -> Message:
    edited = await repository.find_said(session, conversation.id, entry.edits) if entry.edits else None
    quoted = await repository.find_quoted(session, conversation.id, entry.reply_to) if entry.reply_to else None
    message = Message(
        client_id=entry.client_id,
        author=Author.CUSTOMER,
        text=entry.text if entry.button is None else _label(context, turn),
        buttons=[],  # named like the bot's, so that one statement writes both
        attachments=list(entry.attachments),
        reply_to_id=quoted.id if quoted else None,
        quote=entry.quote,
        replaces_id=edited.id if edited else None,
        answer_to=answer_to,
        at=entry.at,
    )
    return timeline.append(session, conversation, message)


def _label(context: Context, turn: Turn) -> str:
    """What stands on the pressed button; empty for one that is not offered any more."""
    if turn.choice is None:
        return ""
    return label_of(turn.choice, Texts.shipped().voice(turn.language, context.shop))


async def _do(scene: Scene, wanted: Sequence[Effect]) -> Results:
    results: dict[str, str] = {}
    for effect in wanted:
        results |= await effects.apply(scene, effect)
    return results


async def _answer(
    scene: Scene, context: Context, turn: Turn, step: Step, results: Results, heard: Sequence[Message]
) -> list[Message]:
    memory = step.memory
    if "question_id" in results:
        memory = memory.model_copy(update={"question_id": int(results["question_id"])})
    scene.thread.conversation.state = write_memory(memory)
    ticket_id = int(results["ticket_id"]) if "ticket_id" in results else None
    for message in heard if ticket_id else ():
        message.ticket_id = ticket_id
    voice = Texts.shipped().voice(turn.language, context.shop)
    words = [await _with_file(scene, say, render(say, voice, step.memory.menu, results)) for say in step.says]
    about = timeline.About(answer_to=heard[0].answer_to, ticket_id=ticket_id)
    return await timeline.say_all(scene.session, scene.thread, words, scene.now, about=about)


def _files(turn: Turn) -> tuple[str, ...]:
    """Ids of what came with the words, which is fetched from a push channel afterwards."""
    return tuple(each.file_id for entry in turn.entries for each in entry.attachments if each.file_id)


async def _offer_by_rule(scene: Scene, turns: Sequence[Turn], answer_to: int) -> list[Message]:
    """What the rules, or a programme, give without asking anybody is offered along with the batch's last answer."""
    step = turns[-1].step if turns else None
    if step is None or (step.may_offer is None and step.may_give is None):
        return []
    work = await scene.policies.work(scene.session, scene.now, RULES)
    if step.may_give is not None:
        told = await grant_news.offer_gift(work, scene.thread, step.may_give, answer_to)
    else:
        told = await grant_news.offer_by_rule(work, scene.thread, step.may_offer or 0, answer_to)
    return [told] if told else []


async def _with_file(scene: Scene, say: Say, message: OutgoingMessage) -> OutgoingMessage:
    """The message with the article's file, if it is still there."""
    row = await scene.session.get(ArticleFile, say.file) if say.file else None
    return replace(message, attachments=(*message.attachments, as_attachment(row))) if row else message


def _note_who_waits(conversation: Conversation, turns: Sequence[Turn]) -> None:
    """Since when the customer waits for a person's word; nobody waits for one while the bot alone is asked."""
    if conversation.owner is not Owner.BOT and conversation.unanswered_since is None:
        conversation.unanswered_since = turns[0].entries[0].at


async def _earlier_answers(session: WriteSession, conversation: Conversation, batch: Batch) -> list[Message]:
    """What was said then to messages that came before: nothing for a batch that had something new."""
    for event in (item.event for item in batch.items):
        if isinstance(event, Said | Pressed | Edited):
            known = await repository.find_said(session, conversation.id, event.message_id)
            if known is not None and known.answer_to is not None:
                return await repository.list_answers(session, known.answer_to)
    return []
