"""Carries one job out: what is to stand in the group is written and put into the outbox, in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select

from bot.telegram.desk import boards, leftovers, personal, reading
from bot.telegram.desk.cards import Line, card_buttons, card_text, line_of, line_text
from bot.telegram.desk.jobs import Job, What, title_print
from bot.telegram.desk.office import Office
from bot.telegram.desk.payloads import DeskPayload, Do, Place, drafts, mentioning, post
from bot.telegram.desk.talk import write_news
from bot.telegram.models import DeskGroup, DeskTopic
from conversations import outbox
from conversations.desk.cards import Card, read_card
from conversations.desk.cases import find_place
from conversations.desk.drafts import Draft, best, last_question
from conversations.values import Button
from core.database import ReadSession, WriteSession, upsert_ignore
from staff.models import Agent
from staff.service import as_actor
from staff.values import Actor, Role
from tickets import service as ticket_service
from tickets.models import Ticket, TicketEvent
from tickets.policy import Work

#: Whom a card is for that nobody has: its limits are an agent's.
_ANYBODY = Actor(0, "", Role.AGENT)
_TOPIC_CALLS = {What.TITLE: Do.TITLE, What.CLOSE: Do.CLOSE, What.REOPEN: Do.REOPEN, What.DELETE: Do.DELETE}


class Composer:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def do(self, group: DeskGroup, job: Job) -> int:
        """How many calls it takes; none when there is nothing to say after all."""
        if job.what is What.BOARD:
            return await boards.renew(self._office, group)
        if job.what is What.DIGEST:
            return await boards.digest(self._office, group)
        # Searching is slow: it is done before the transaction.
        found = await self._find_drafts(job.ticket_id) if job.what in (What.OPEN, What.CARD) else ()
        async with self._office.work("desk") as work:
            ticket = await work.session.get_one(Ticket, job.ticket_id)
            if job.what is What.OPEN:
                return await self._open(work, group, ticket, found)
            query = select(DeskTopic).where(DeskTopic.ticket_id == ticket.id).with_for_update()
            topic = await work.session.scalar(query)
            if topic is None:
                return 0
            if job.what is What.NEWS:
                return await self._tell_news(work, group, topic, ticket)
            if job.what is What.CARD:
                return await self._renew_card(work, group, topic, found)
            if job.what is What.CLEAR:
                await leftovers.take_away(work.session, group, topic, ticket, work.now)
                return 0
            return await self._change_topic(work, group, topic, ticket, job.what)

    async def _find_drafts(self, ticket_id: int) -> tuple[Draft, ...]:
        async with self._office.database.read() as session:
            ticket = await session.get_one(Ticket, ticket_id)
            place = await find_place(session, ticket.customer_id, ticket.identity_id)
            text, language = await last_question(session, place) if place else ("", "zh")
        return await best(self._office.knowledge, text, language)

    async def _open(self, work: Work, group: DeskGroup, ticket: Ticket, found: Sequence[Draft]) -> int:
        session, now = work.session, work.now
        newest = select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == ticket.id)
        conversation = await reading.find_conversation(session, ticket)
        values = {
            "account": group.account,
            "chat": group.chat,
            "ticket_id": ticket.id,
            "posted_message": await reading.begin_at(session, ticket, conversation),
            "posted_event": await session.scalar(newest) or 0,
            "card_at": now,
            "created_at": now,
        }
        insert = upsert_ignore(DeskTopic, session.get_bind().dialect.name).values(**values)
        topic_id = await session.scalar(insert.returning(DeskTopic.id))
        if topic_id is None:
            return 0
        topic = await session.get_one(DeskTopic, topic_id)
        calls = await self._post_card(work, topic, found)
        await self._enqueue(session, group, calls, f"card:{topic.id}:{topic.card_print}:{now.timestamp()}", ticket)
        return len(calls) + await self._tell_news(work, group, topic, ticket)

    async def _post_card(
        self, work: Work, topic: DeskTopic, found: Sequence[Draft], *, again: bool = False
    ) -> list[DeskPayload]:
        """The card anew, under the title that its topic gets, if it has to be opened first."""
        card, line = await self._read(work, topic)
        wording, now = self._office.wording, work.now
        text = card_text(card, line, wording, work.policy, now, again=again)
        buttons = card_buttons(card, found, wording)
        topic.card_print, topic.card_at = self._print_of(work, card, line, buttons), now
        if topic.thread is None:
            topic.title_print = await _title_print(work.session, card.ticket)
        title = line_text(line, wording, now)
        calls = post(topic.chat, text, topic=topic, buttons=buttons, title=title)
        return [*calls[:-1], calls[-1].model_copy(update={"place": Place.CARD})]

    def _print_of(self, work: Work, card: Card, line: Line, buttons: Sequence[Button]) -> str:
        """What the card says, but for the minutes of the customer's own time, which alone are not worth an edit."""
        hour = card.customer.local.replace(minute=0)
        card = replace(card, customer=replace(card.customer, local=hour))
        text = card_text(card, line, self._office.wording, work.policy, work.now)
        return hashlib.sha256(f"{text}\n{buttons}".encode()).hexdigest()

    async def _read(self, work: Work, topic: DeskTopic) -> tuple[Card, Line]:
        ticket = await work.session.get_one(Ticket, topic.ticket_id)
        assignee = await work.session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
        actor = as_actor(assignee) if assignee else _ANYBODY
        card = await read_card(work.session, work.policy, ticket.number, actor, work.now)
        name = assignee.alias or assignee.name if assignee else None
        return card, line_of(ticket, card.due_at, name, work.policy, self._office.wording)

    async def _tell_news(self, work: Work, group: DeskGroup, topic: DeskTopic, ticket: Ticket) -> int:
        session, office = work.session, self._office
        unposted = await reading.read_unposted(session, topic, ticket, office.wording)
        topic.posted_message, topic.posted_event = unposted.message, unposted.event
        told = await personal.tell(work, office, topic, ticket, unposted.events)
        await outbox.enqueue(session, *told)
        agent = await session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
        address = await reading.address_of(session, group.account, ticket.assignee_id)
        name = (agent.alias or agent.name) if agent and address else None
        news = write_news(unposted.words, unposted.happenings, office.wording, work.now, name)
        if not news.text and not news.attachments:
            return 0
        title = await self._title(work, ticket)
        calls = post(
            group.chat, news.text, topic=topic, attachments=news.attachments, quotes=news.quotes, shows=news.shows,
            title=title,
        )  # fmt: skip
        if name and address:
            calls = mentioning(calls, name, address)
        key = f"news:{topic.id}:{topic.posted_message}:{topic.posted_event}"
        await self._enqueue(session, group, calls, key, ticket)
        return len(calls)

    async def _title(self, work: Work, ticket: Ticket) -> str:
        due_at = await ticket_service.answer_by(work.session, ticket)
        agent = await work.session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
        name = (agent.alias or agent.name) if agent else None
        return line_text(
            line_of(ticket, due_at, name, work.policy, self._office.wording), self._office.wording, work.now
        )

    async def _renew_card(self, work: Work, group: DeskGroup, topic: DeskTopic, found: Sequence[Draft]) -> int:
        """Edited where it stands; posted anew where somebody took it away, alone or with its topic."""
        before, key = topic.card_print, f"card:{topic.id}:{work.now.timestamp()}"
        ticket = await work.session.get_one(Ticket, topic.ticket_id)
        if before is None or (topic.card is None and not before):
            calls = await self._post_card(work, topic, found, again=before is None)
            await self._enqueue(work.session, group, calls, key, ticket)
            return len(calls)
        if topic.card is None:
            return 0  # it is on its way; what is new is told next time
        card, line = await self._read(work, topic)
        text = card_text(card, line, self._office.wording, work.policy, work.now)
        buttons = card_buttons(card, found, self._office.wording)
        topic.card_at = work.now
        shown = self._print_of(work, card, line, buttons)
        if shown == before:
            return 0
        topic.card_print = shown
        call = post(topic.chat, text, topic=topic, buttons=buttons)[-1]
        edit = call.model_copy(update={"do": Do.EDIT, "number": topic.card, "place": Place.CARD})
        await self._enqueue(work.session, group, [edit], key, ticket)
        return 1

    async def _change_topic(self, work: Work, group: DeskGroup, topic: DeskTopic, ticket: Ticket, what: What) -> int:
        if what is What.TITLE:
            topic.title_print = await _title_print(work.session, ticket)
        else:
            topic.is_closed = what is not What.REOPEN
        if topic.thread is None:
            return 0
        title = await self._title(work, ticket)
        call = DeskPayload(to=topic.chat, do=_TOPIC_CALLS[what], topic=topic.id, title=title)
        key = f"delete:{topic.id}" if what is What.DELETE else f"{what.value}:{topic.id}:{work.now.timestamp()}"
        await self._enqueue(work.session, group, [call], key, ticket)
        return 0 if what is What.DELETE else 1

    async def _enqueue(
        self, session: WriteSession, group: DeskGroup, calls: list[DeskPayload], key: str, ticket: Ticket
    ) -> None:
        await outbox.enqueue(session, *drafts(group, calls, key, self._office.now(), ticket.customer_id))


async def _title_print(session: ReadSession, ticket: Ticket) -> str:
    agent = await session.get(Agent, ticket.assignee_id) if ticket.assignee_id else None
    return title_print(ticket, (agent.alias or agent.name) if agent else None)
