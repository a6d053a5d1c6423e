"""The house put together: settings -> database -> services -> loops. Doors are added by their own builders."""

import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from bot.bootstrap.policies import make_policies
from bot.bootstrap.privacy import finish_erasures
from bot.bootstrap.push import PushDoor
from bot.bootstrap.storage import open_database, open_secretbox
from conversations import channels
from conversations.batches import Decoder, StoredEvent, Undecodable
from conversations.service import Conversations, EngineSettings
from conversations.values import Event, Language
from core.clock import Clock, SystemClock
from core.database import Database
from core.ids import new_token
from core.secretbox import SecretBox
from core.settings import Settings
from knowledge_base.service import KnowledgeBase
from tickets.policy import Policies

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
#: One in each language, so that neither language's first customer waits for its model.
_REHEARSED = ("这款茶怎么泡？", "How do I brew this tea?")


@dataclass(frozen=True, slots=True)
class Services:
    """What every door works with. `worker_id` names this process in leases and claims."""

    settings: Settings
    clock: Clock
    database: Database
    secretbox: SecretBox
    knowledge: KnowledgeBase
    conversations: Conversations
    policies: Policies
    worker_id: str


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """The services on an open database; the knowledge base is loaded when this returns."""
    clock = clock or SystemClock()
    async with open_database(settings, clock) as database:
        yield await build_services(settings, clock, database)


async def build_services(settings: Settings, clock: Clock, database: Database) -> Services:
    await finish_erasures(settings, database, clock)
    knowledge = KnowledgeBase(database, clock, settings, _REHEARSED)
    await knowledge.refresh()
    language = Language(settings.language.value)
    secretbox = open_secretbox(settings)
    policies = make_policies(settings, secretbox)
    engine_settings = EngineSettings(language, settings.messages_per_minute, settings.timezone)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        secretbox=secretbox,
        knowledge=knowledge,
        conversations=Conversations(database, clock, knowledge, policies, engine_settings),
        policies=policies,
        worker_id=f"{socket.gethostname()}:{os.getpid()}:{new_token()[:6]}",
    )


def decode_own(stored: StoredEvent) -> Event:
    """Reads an event of our own doors, which store it in the engine's own shape.

    Raises:
        Undecodable: written by another version, or damaged.
    """
    try:
        return _EVENT.validate_python(stored.raw)
    except ValidationError as error:
        raise Undecodable(str(error)) from None


def decoders(doors: Sequence[PushDoor] = ()) -> Mapping[str, Decoder]:
    """How each kind of channel's raw events are read."""
    own = dict.fromkeys((channels.WEB, channels.HTTP, channels.TERMINAL, channels.TEST), decode_own)
    return own | {door.account.partition(":")[0]: door.decoder for door in doors}
