"""Every method that the server knows."""

from inspect import isawaitable
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.methods import groups, media, messages, profile, receiving
from tests.telegram_server.world import Method, World

METHODS: dict[str, Method] = messages.METHODS | media.METHODS | groups.METHODS | profile.METHODS | receiving.METHODS
_BY_NAME = {name.lower(): (name, method) for name, method in METHODS.items()}


def find_name(name: str) -> str | None:
    """The method's name as documented; case does not matter. None: there is no such method."""
    known = _BY_NAME.get(name.lower())
    return known[0] if known else None


async def carry_out(world: World, call: Call) -> Any:
    """The result of a known method. Raises ApiError when it refuses."""
    result = METHODS[call.method](world, call)
    return await result if isawaitable(result) else result
