"""What the web chat's routes work with, and who may come in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from admin.api.file_links import Files
from admin.api.limits import MinuteLimit
from bot.web.feed import MessageFeed
from conversations.channels import WEB
from conversations.sender_limits import Share
from core.clock import Clock
from core.database import Database
from core.secretbox import SecretBox
from core.settings import Settings
from tickets.policy import Policies

#: An address may stand for a whole office: so many times what one visitor may.
ADDRESS_FACTOR = 10


@dataclass(frozen=True, slots=True)
class WebDoor:
    """`sessions` and `sockets` bound new sessions and sockets of an address, in this process; messages: see `shares`.

    A reader who takes longer than `send_seconds` for one frame is gone, or does not want to read.
    """

    settings: Settings
    clock: Clock
    database: Database
    box: SecretBox
    policies: Policies
    files: Files
    feed: MessageFeed
    sessions: MinuteLimit
    sockets: MinuteLimit
    send_seconds: float = 20.0

    def shares(self, visitor: str, address: str) -> tuple[Share, Share]:
        """What one visitor, and one address, may send in a minute through whichever process."""
        each = self.settings.messages_per_minute
        return (
            Share(f"{WEB} visitor {visitor}", each, "messages"),
            Share(f"{WEB} address {address}", each * ADDRESS_FACTOR, "messages from this address"),
        )


def make_door(
    settings: Settings, clock: Clock, database: Database, box: SecretBox, files: Files, policies: Policies
) -> WebDoor:
    together = settings.messages_per_minute * ADDRESS_FACTOR
    return WebDoor(
        settings=settings,
        clock=clock,
        database=database,
        box=box,
        policies=policies,
        files=files,
        feed=MessageFeed(database, clock, files.links.url, policies.codes),
        sessions=MinuteLimit(clock, together, "new conversations from this address"),
        sockets=MinuteLimit(clock, together * 2, "connections from this address"),
    )


def is_own_page(door: WebDoor, connection: HTTPConnection) -> bool:
    """Whether the page that asks is ours, or of a site that may show the chat.

    Browsers always say which page it is; what says nothing is no browser.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    own = {connection.headers.get("host", "").lower()}
    if door.settings.public_url:
        own.add(urlsplit(door.settings.public_url).netloc.lower())
    return urlsplit(origin).netloc.lower() in own or origin.lower() in door.settings.widget_origins


def address_of(connection: HTTPConnection) -> str:
    """Where it comes from, as the nearest trusted proxy says."""
    return connection.client.host if connection.client else "unknown"
