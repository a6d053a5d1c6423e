"""The server's controls over HTTP, for tests in other processes: `POST /control/NAME` with a JSON object."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from inspect import isawaitable
from typing import Any

from aiohttp import web

from tests.telegram_server import people
from tests.telegram_server.clock import ForwardClock
from tests.telegram_server.faults import Fault
from tests.telegram_server.limits import RandomFlood
from tests.telegram_server.people import Done
from tests.telegram_server.values import Json
from tests.telegram_server.world import World

Control = Callable[..., Awaitable[Any] | Any]


def add_control(app: web.Application, world: World) -> None:
    for name, control in CONTROLS.items():
        app.router.add_post(f"/control/{name}", partial(handle, world, control))


async def handle(world: World, control: Control, request: web.Request) -> web.Response:
    """`{"result": ...}`, or 400 with `{"error": ...}` for what the control does not take."""
    try:
        result = control(world, **(await request.json() if request.can_read_body else {}))
        return web.json_response({"result": await result if isawaitable(result) else result})
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)


def act(world: World, does: str, user: Json, chat_id: int | None = None, **how: Any) -> Any:
    """Somebody acts: `does` and its parameters are a method of `Person`; file contents in base64."""
    person = people.member(world, chat_id, **user) if chat_id is not None else people.customer(world, **user)
    if does.startswith("_"):
        raise AttributeError(does)
    if "content" in how and isinstance(how["content"], str):
        how["content"] = base64.b64decode(how["content"])
    if "contents" in how:
        how["contents"] = [base64.b64decode(content) for content in how["contents"]]
    return as_json(getattr(person, does)(**how))


def as_json(result: Any) -> Any:
    if isinstance(result, list):
        return [as_json(item) for item in result]
    return asdict(result) if isinstance(result, Done) else result


def open_chats(world: World, ids: list[int]) -> None:
    for user_id in ids:
        people.customer(world, user_id)


def group(world: World, **facts: Any) -> None:
    world.open_group(**facts)


def inject(world: World, content: Json) -> int:
    return world.updates.add_any(content)


def fail(world: World, **rule: Any) -> None:
    world.faults.add(Fault(**rule))


def clear_faults(world: World) -> None:
    world.faults.clear()


def enforce_limits(world: World, flood: Json | None = None) -> None:
    world.limits.enforce(None if flood is None else RandomFlood(**flood))


def forward(world: World, **amount: float) -> None:
    if not isinstance(world.clock, ForwardClock):
        raise TypeError("this server's clock belongs to a test")
    world.clock.forward(**amount)


async def deliveries(world: World, after: int = 0, chat_id: int | None = None, wait: float = 0) -> list[Json]:
    """The log from number `after` on; waits so many seconds for the first entry."""

    def new() -> list[Json]:
        return [d.facts() for d in world.log.deliveries[after:] if chat_id in (None, d.chat_id)]

    await world.log.changes.until(lambda: bool(new()), wait)
    return new()


def calls(world: World, after: int = 0) -> list[Json]:
    return [asdict(record) for record in world.log.calls[after:]]


def violations(world: World) -> list[Json]:
    return [asdict(violation) for violation in world.log.violations]


def screen(world: World, chat_id: int) -> list[Json]:
    messages = world.chats[chat_id].messages
    return [messages[number] for number in sorted(messages)]


async def drained(world: World, within: float = 10.0) -> bool:
    """Has the bot confirmed all updates within so many seconds?"""
    return await world.updates.drained(within)


def waiting(world: World) -> int:
    """How many updates the bot has not confirmed."""
    return len(world.updates.waiting())


def state(world: World) -> Json:
    return {
        "bot": world.bot,
        "profile": world.profile,
        "webhook": world.webhook.info(),
        "waiting": [item.update for item in world.updates.waiting()],
        "confirmed": world.updates.confirmed,
        "posts": [asdict(attempt) for attempt in world.webhook.attempts],
        "presses": {query_id: press.answers for query_id, press in world.presses.items()},
        "new_messages": world.log.new_messages,
    }


CONTROLS: dict[str, Control] = {
    control.__name__: control
    for control in (
        act, open_chats, group, inject, fail, clear_faults, enforce_limits, forward,
        deliveries, calls, violations, screen, drained, waiting, state,
    )
}  # fmt: skip
