"""A push channel as the loops see it: how its events are read and handled, who sends, what runs beside."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from conversations.batches import Batch, Decoder, Handler
from conversations.deliveries import Sender

Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class PushDoor:
    """One account. `loops` run until they are cancelled, each under its name."""

    account: str
    decoder: Decoder
    handler: Handler
    sender: Sender
    loops: Mapping[str, Loop]


def by_account(engine: Handler, doors: tuple[PushDoor, ...]) -> Handler:
    """Gives each batch to its account's handler, and to the engine where the account has none."""
    handlers = {door.account: door.handler for door in doors}

    async def handle(batch: Batch) -> object:
        return await handlers.get(batch.account, engine)(batch)

    return handle
