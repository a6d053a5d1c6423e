"""Everything that stands on the page of a case: the card, the talk as it goes on, and what can be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from admin.api.context import ApiContext
from admin.api.shapes.compensation import grant_shapes, options_shape
from admin.api.shapes.message import MessageShape, message_shapes
from admin.api.shapes.ticket import ticket_event_shape, ticket_shape
from admin.pages.doable import Standing, doable
from admin.pages.instants import as_typed, tomorrow_morning
from admin.pages.rendering import page
from admin.pages.visitor import Viewer
from conversations import repair, uploads
from conversations import repository as conversations
from conversations.desk import canned, cards, drafts, undoing
from conversations.desk.cards import Card
from conversations.desk.drafts import Draft
from conversations.desk_models import HeldReply
from conversations.uploads import Uploader
from conversations.values import Owner
from core.database import ReadSession
from staff import service as staff_service
from staff import teams
from staff.permissions import Action
from staff.values import Role
from tickets import desk as ticket_desk
from tickets import repository, timeline
from tickets.policy import Policy
from tickets.values import EventType

_TALK = 200
_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Composing:
    """What stands in the reply that is being written. `sure`: sent once more, its guarantee is meant.

    `files`: what was chosen for it before, by id.
    """

    text: str = ""
    sure: bool = False
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Mending:
    """Other words for an own message that guarantee something: said once more, that is meant."""

    message_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `is_own`: the viewer wrote it and may put it right; `is_answer`: of the bot, from an article.

    `quote`: what its writer picked out of the message that it answers. `astray`: a delivery of it that is in trouble.
    """

    message: MessageShape
    is_own: bool
    is_answer: bool
    quote: str | None
    astray: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that can still be undone. `is_own`: by whoever looks."""

    reply: HeldReply
    is_own: bool


async def show(
    request: Request,
    viewer: Viewer,
    context: ApiContext,
    number: int,
    composing: Composing,
    status: int = 200,
    *,
    mending: Mending | None = None,
) -> HTMLResponse:
    """The page of a case. Raises TicketNotFound."""
    now, zone = context.clock.now(), context.settings.timezone
    async with context.database.read() as session:
        policy = await context.policies.current(session)
        card = await cards.read_card(session, policy, number, viewer.actor, now)
        values = await _values(session, viewer, policy, card)
        asked = await drafts.last_question(session, card.conversation_id) if card.conversation_id else ("", "zh")
        kept = await uploads.find_own(session, Uploader(agent_id=viewer.actor.id), composing.files)
    articles: Sequence[Draft] = await drafts.best(context.knowledge, *asked) if card.ticket.status.is_live else ()
    tomorrow = as_typed(tomorrow_morning(now, zone), zone)
    return page(
        request, "case.html", viewer, status, composing=composing, kept=kept, mending=mending, articles=articles,
        tomorrow=tomorrow, **values,
    )  # fmt: skip


async def _values(session: ReadSession, viewer: Viewer, policy: Policy, card: Card) -> dict[str, Any]:
    shape = await ticket_shape(session, card.ticket)
    events = await timeline.list_events(session, card.ticket.id, None, _EVENTS)
    people = [agent for agent in await staff_service.list_agents(session) if agent.role is not Role.CHANNEL]
    return {
        "card": card,
        "case": shape,
        "talk": await read_talk(session, viewer, card.conversation_id, 0),
        "held": await read_held(session, viewer, number=card.ticket.number),
        "events": [ticket_event_shape(event, viewer.language) for event in events if _may_read(viewer, event.type)],
        "because": [reason.text(viewer.language) for reason in card.because],
        "options": options_shape(card.offer, policy.tickets.name_of(""), viewer.language),
        "grants": await grant_shapes(session, list(card.given), viewer.language),
        "causes": [(cause.id, cause.name.pick(viewer.language)) for cause in policy.rules.root_cause],
        "canned": await canned.list_all(session),
        "colleagues": [one.name for one in people if one.id != viewer.actor.id and one.disabled_at is None],
        "teams": [view.team.name for view in await teams.list_teams(session)],
        "others": [one for one in card.earlier if one.status.is_live],
        "may": doable(await _standing(session, viewer, card)),
        "may_block": viewer.may(Action.BLOCK_CUSTOMERS),
    }


async def _standing(session: ReadSession, viewer: Viewer, card: Card) -> Standing:
    ticket, actor = card.ticket, viewer.actor
    place = await conversations.get_conversation(session, card.conversation_id) if card.conversation_id else None
    is_taken = place is not None and place.owner is Owner.TAKEN
    is_speaking = place is not None and is_taken and place.agent_id == actor.id
    return Standing(
        ticket.status,
        may_work=ticket_desk.may_work_on(actor, ticket),
        is_free=ticket.assignee_id is None,
        is_own=ticket.assignee_id == actor.id,
        is_helper=actor.name in card.helpers,
        has_place=place is not None,
        is_spoken_for=is_taken and not is_speaking,
        is_speaking=is_speaking,
        is_taken=place is not None and is_taken and place.ticket_id == ticket.id,
    )


def _may_read(viewer: Viewer, kind: EventType) -> bool:
    """Who complains often is a supervisor's to know."""
    return kind is not EventType.FLAGGED or viewer.actor.is_at_least(Role.SUPERVISOR)


async def read_talk(session: ReadSession, viewer: Viewer, conversation_id: int | None, after: int) -> list[Line]:
    """What was said since `after`, at most the newest two hundred."""
    if conversation_id is None:
        return []
    conversation = await conversations.get_conversation(session, conversation_id)
    since = max(after, conversation.last_seq - _TALK)
    messages = await conversations.list_messages(session, conversation.id, since, _TALK)
    shapes = await message_shapes(session, messages)
    astray = await repair.find_troubled(session, [message.id for message in messages])
    return [
        Line(
            shape,
            is_own=message.agent_id == viewer.actor.id,
            is_answer=message.article is not None,
            quote=message.quote,
            astray=astray.get(message.id),
        )
        for message, shape in zip(messages, shapes, strict=True)
    ]


async def read_held(session: ReadSession, viewer: Viewer, number: int) -> list[Waiting]:
    ticket = await repository.get_ticket(session, number)
    held = await undoing.list_held(session, ticket.id)
    return [Waiting(reply, reply.agent_id == viewer.actor.id) for reply in held]
