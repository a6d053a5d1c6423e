"""What the outbox carries to a desk's group, or to an agent's own chat: one call each."""

from datetime import datetime
from enum import StrEnum

from bot.telegram.models import DeskGroup, DeskTopic
from conversations.channels import PUSH_CHANNELS, TELEGRAM
from conversations.deliveries import DeliveryDraft
from conversations.formatted import Entity, utf16_length
from conversations.payloads import MessagePayload, write_payloads
from conversations.values import Attachment, Button, DeliveryKind


class Do(StrEnum):
    """`post` puts something on the screen, `edit` changes what stands under `number`; the rest is about topics."""

    POST = "post"
    EDIT = "edit"
    DROP = "drop"
    PIN = "pin"
    MARK = "mark"
    TITLE = "title"
    CLOSE = "close"
    REOPEN = "reopen"
    DELETE = "delete"


class Place(StrEnum):
    """What a post is, for whoever has to find it again: a case's card, the group's board."""

    CARD = "card"
    BOARD = "board"


class DeskPayload(MessagePayload):
    """`topic`: the row of the case's topic, whose thread is looked up when the call is made. `title` opens it anew.

    `number`: the message that is edited, marked, pinned or taken away; `quotes`: the one that a post answers.
    `shows`: the message of the timeline that it shows; `held`: the words that it shows and that wait, `by` whom.
    `loud`: it may ring. `about`: the topic whose case a post in an agent's own chat speaks of. `of_erased`: the erased
    customer on whose receipt it is named when the message cannot be taken away.
    """

    do: Do = Do.POST
    topic: int | None = None
    title: str = ""
    number: int | None = None
    quotes: int | None = None
    shows: int | None = None
    held: int | None = None
    by: int | None = None
    place: Place | None = None
    emoji: str | None = None
    loud: bool = False
    about: int | None = None
    of_erased: int | None = None


_KINDS = {Do.POST: DeliveryKind.DESK_POST, Do.TITLE: DeliveryKind.TOPIC, Do.CLOSE: DeliveryKind.TOPIC}
_KINDS |= {Do.REOPEN: DeliveryKind.TOPIC, Do.DELETE: DeliveryKind.TOPIC}
#: Of every reason to write to a group.
PREFIX = "desk:"
#: Reactions and pins do not wait behind posts, nor posts behind them.
BESIDE = "/beside"
_BESIDE = (Do.MARK, Do.PIN, Do.DROP)


def post(
    to: str,
    text: str,
    *,
    topic: DeskTopic | None = None,
    buttons: tuple[Button, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    quotes: int | None = None,
    shows: int | None = None,
    loud: bool = False,
    title: str = "",
) -> list[DeskPayload]:
    """The calls that put `text` with `attachments` below it into a chat; the first one quotes, the last has buttons."""
    calls = write_payloads(to, text, PUSH_CHANNELS[TELEGRAM], buttons, attachments)
    around = {"topic": topic.id if topic else None, "shows": shows, "loud": loud, "title": title}
    return [
        DeskPayload(**call.model_dump(), **around, quotes=quotes if n == 0 else None) for n, call in enumerate(calls)
    ]


def mentioning(calls: list[DeskPayload], name: str, user_id: str) -> list[DeskPayload]:
    """The same calls, where the first words, `@name`, tell Telegram whom they are for."""
    if not calls or not calls[0].text.startswith(f"@{name}"):
        return calls
    whom = Entity("text_link", 0, utf16_length(f"@{name}"), f"tg://user?id={user_id}")
    first = calls[0].model_copy(update={"entities": (whom, *calls[0].entities)})
    return [first, *calls[1:]]


def drafts(
    group: DeskGroup | str, calls: list[DeskPayload], key: str, now: datetime, customer_id: int | None = None
) -> list[DeliveryDraft]:
    """Deliveries of these calls; `key` names the reason. A chat's order is kept, reactions apart."""
    account = group if isinstance(group, str) else group.account
    return [
        DeliveryDraft(
            account=account,
            lane=call.to + BESIDE if call.do in _BESIDE else call.to,
            kind=_KINDS.get(call.do, DeliveryKind.DESK_EDIT),
            payload=call.model_dump(mode="json"),
            dedupe_key=f"{PREFIX}{key}:{n}",
            due_at=now,
            customer_id=customer_id,
            part=n,
            parts=len(calls),
        )
        for n, call in enumerate(calls, 1)
    ]
