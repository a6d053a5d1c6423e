"""Oneself: at work or away, the end of the shift, the language of these pages."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from admin.api.context import Context, Reading
from admin.api.staff import is_on_telegram
from admin.links import NoTelegram, bot_url, find_bot
from admin.pages.cases import Words
from admin.pages.instants import LocalTime, read_local
from admin.pages.rendering import page
from admin.pages.routing import PageRoute, back_to
from admin.pages.visitor import LANGUAGE, LASTS, IsAtWork, WorksOnTickets, set_cookie
from admin.pages.working import working
from conversations.desk import holding, leaving
from staff import availability, linking, service
from staff.service import AgentChange
from staff.values import Availability, Role

router = APIRouter(prefix="/me", route_class=PageRoute)


@router.get("")
async def show_me(request: Request, viewer: IsAtWork, session: Reading, context: Context) -> HTMLResponse:
    now = context.clock.now()
    agent = await service.get_agent(session, viewer.actor.name)
    state = availability.state_of(agent, now)
    people = [one for one in await service.list_agents(session) if one.role is not Role.CHANNEL]
    return page(
        request, "me.html", viewer,
        agent=agent,
        is_away=state is Availability.AWAY,
        numbers=await leaving.list_theirs(session, agent.id),
        colleagues=[one.name for one in people if one.id != agent.id and one.disabled_at is None],
        bot=await find_bot(session),
        is_joined=await is_on_telegram(session, agent.id),
    )  # fmt: skip


@router.post("/availability")
async def be(
    viewer: IsAtWork, context: Context, state: Annotated[Availability, Form()], until: LocalTime = ""
) -> Response:
    """Away: no new cases until one is back; of one's own, what falls due meanwhile goes back into the queue."""
    ends = read_local(until, context.settings.timezone, "until") if until.strip() else None
    async with context.database.write() as session:
        name = viewer.actor.name
        await availability.set_state(session, name, state, ends, by=name, now=context.clock.now())
    return back_to("/admin/me")


@router.post("/telegram")
async def join_telegram(request: Request, viewer: IsAtWork, context: Context) -> HTMLResponse:
    """A one-time link, good for an hour: whoever opens it in Telegram works from there. An older one ends."""
    name = viewer.actor.name
    async with context.database.write() as session:
        bot = await find_bot(session)
        if bot is None:
            raise NoTelegram("the shop has no Telegram bot")
        made = await linking.start(session, name, by=name, now=context.clock.now())
    return page(request, "telegram_link.html", viewer, made=made, url=bot_url(bot, made.code), bot=bot)


@router.post("/hand-over")
async def hand_over_all(
    viewer: WorksOnTickets,
    context: Context,
    colleague: Annotated[str, Form(min_length=1, max_length=120)],
    text: Words = "",
) -> Response:
    """The end of a shift: every case of one's own goes to a colleague, each with its packet, in a change of its own."""
    async with context.database.read() as session:
        numbers = await leaving.list_theirs(session, viewer.actor.id)
    for number in numbers:
        async with working(context, viewer) as work:
            to = await service.get_agent(work.session, colleague)
            await holding.hand_over(work, viewer.actor, number, to, text.strip() or None)
    return back_to("/admin/me")


@router.post("/language")
async def speak(
    request: Request, viewer: IsAtWork, context: Context, language: Annotated[Literal["zh", "en"], Form()]
) -> Response:
    """Kept with the person: at the next sign-in, on any device, and for what the desk's group tells them."""
    async with context.database.write() as session:
        name = viewer.actor.name
        change = AgentChange(language=language)
        await service.change_agent(session, name, change, by=name, now=context.clock.now())
    answer = back_to("/admin/me")
    set_cookie(answer, request, LANGUAGE, language, LASTS * 700)
    return answer
