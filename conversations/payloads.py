"""What deliveries carry to a push channel: a message as the calls that it takes, each of which arrives or does not."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from conversations.formatted import Entity, FormattedText
from conversations.markup import read_markup
from conversations.splitting import split
from conversations.values import Attachment, Button


class MessagePayload(BaseModel):
    """One call for the chat `to` (the channel's own id): a text or one attachment, with buttons below it.

    `text` is plain, its formatting lies in `entities`. `reply_to` is the channel's id of the message that is quoted,
    `edits` of the own message that this one takes the place of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    text: str = ""
    entities: tuple[Entity, ...] = ()
    buttons: tuple[Button, ...] = ()
    attachment: Attachment | None = None
    reply_to: str | None = None
    edits: str | None = None


def write_payloads(
    to: str, text: str, limit: int, buttons: Sequence[Button] = (), attachments: Sequence[Attachment] = ()
) -> tuple[MessagePayload, ...]:
    """The calls for a message in the small markup, in order: its text in pieces of at most `limit` UTF-16 units, then
    each attachment. The buttons stand below the last one.
    """
    pieces = split(read_markup(text), limit) if text.strip() else ()
    calls = [_text(to, piece) for piece in pieces]
    calls += [MessagePayload(to=to, attachment=attachment) for attachment in attachments]
    return (*calls[:-1], calls[-1].model_copy(update={"buttons": tuple(buttons)})) if calls else ()


def _text(to: str, piece: FormattedText) -> MessagePayload:
    return MessagePayload(to=to, text=piece.text, entities=piece.entities)
