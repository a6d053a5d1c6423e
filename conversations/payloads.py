"""What deliveries carry to a push channel: a message as the calls that it takes, each of which arrives or does not."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from conversations.channels import PushChannel
from conversations.formatted import Entity, FormattedText, utf16_length
from conversations.markup import read_markup
from conversations.splitting import split
from conversations.values import Attachment, AttachmentKind, Button

_PHOTO, _VIDEO, _AUDIO = AttachmentKind.PHOTO, AttachmentKind.VIDEO, AttachmentKind.AUDIO
_DOCUMENT, _VOICE = AttachmentKind.DOCUMENT, AttachmentKind.VOICE
#: What may stand in one album: pictures and films together, sounds and papers among themselves.
_FAMILIES = {_PHOTO: "seen", _VIDEO: "seen", _AUDIO: "heard", _DOCUMENT: "read"}
_CAPTIONED = frozenset({*_FAMILIES, _VOICE})


class MessagePayload(BaseModel):
    """One call for the chat `to` (the channel's own id): a text, or attachments with the text below them.

    `text` is plain, its formatting lies in `entities`. Several `attachments` are an album. `reply_to` is the quoted
    message, as a channel's events name it. `edits`: the delivery whose message this one takes the place of, or, with
    `takes_back`, takes away. `as_files`: the channel refused the attachments as pictures or sounds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: str
    text: str = ""
    entities: tuple[Entity, ...] = ()
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    edits: int | None = None
    takes_back: bool = False
    as_files: bool = False

    @model_validator(mode="before")
    @classmethod
    def _with_one_attachment(cls, data: Any) -> Any:
        """Rows that were written before there were albums."""
        if isinstance(data, dict) and "attachment" in data:
            attachment = data["attachment"]
            data = {name: value for name, value in data.items() if name != "attachment"}
            data["attachments"] = [] if attachment is None else [attachment]
        return data

    @property
    def takes_caption(self) -> bool:
        return bool(self.attachments) and self.attachments[0].kind in _CAPTIONED

    def with_text(self, words: FormattedText) -> "MessagePayload":
        return self.model_copy(update={"text": words.text, "entities": words.entities})


def write_payloads(
    to: str,
    text: str,
    channel: PushChannel,
    buttons: Sequence[Button] = (),
    attachments: Sequence[Attachment] = (),
    reply_to: str | None = None,
) -> tuple[MessagePayload, ...]:
    """The calls for a message in the small markup, in order. A text that fits stands below the first attachments,
    otherwise it comes before them in pieces. The buttons stand below the last call, which is no album then; the quote
    stands above the first.
    """
    words = read_markup(text)
    calls = [MessagePayload(to=to, attachments=album) for album in _albums(attachments, channel, bool(buttons))]
    if calls and calls[0].takes_caption and utf16_length(words.text.strip()) > 0 and _is_caption(words, channel):
        calls[0] = calls[0].with_text(words)
    else:
        calls = [*write_texts(to, words, channel.text_limit), *calls]
    if not calls:
        return ()
    calls[0] = calls[0].model_copy(update={"reply_to": reply_to})
    calls[-1] = calls[-1].model_copy(update={"buttons": tuple(buttons)})
    return tuple(calls)


def write_texts(to: str, words: FormattedText, limit: int) -> tuple[MessagePayload, ...]:
    """A text in pieces of at most `limit` UTF-16 units; white space alone is none."""
    pieces = split(words, limit) if words.text.strip() else ()
    return tuple(MessagePayload(to=to).with_text(piece) for piece in pieces)


def _is_caption(words: FormattedText, channel: PushChannel) -> bool:
    return utf16_length(words.text) <= channel.caption_limit


def _albums(
    attachments: Sequence[Attachment], channel: PushChannel, with_buttons: bool
) -> list[tuple[Attachment, ...]]:
    """The attachments in their order, neighbours together where the channel takes them as one message."""
    most = 1 if with_buttons else channel.album_limit
    albums: list[tuple[Attachment, ...]] = []
    for family, neighbours in groupby(attachments, key=lambda attachment: _FAMILIES.get(attachment.kind)):
        together = list(neighbours)
        size = 1 if family is None else most
        albums += [tuple(together[at : at + size]) for at in range(0, len(together), size)]
    return albums
