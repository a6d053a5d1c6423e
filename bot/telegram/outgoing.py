"""A delivery's payload as the call of the Bot API that sends it, or that changes what an earlier one sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiogram.methods import (
    DeleteMessages,
    EditMessageCaption,
    EditMessageText,
    SendAudio,
    SendDocument,
    SendLocation,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendSticker,
    SendVideo,
    SendVoice,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import (
    FSInputFile,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

from bot.telegram.buttons import inline_keyboard, keyboard
from bot.telegram.decoder import number_of
from conversations.formatted import Entity
from conversations.payloads import MessagePayload
from conversations.values import Attachment, AttachmentKind

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
#: Finds a file of ours on the disk, by its id; None when it is not there.
FindFile = Callable[[str], Path | None]

_MEDIA: Mapping[AttachmentKind, tuple[type[TelegramMethod[Any]], str]] = {
    AttachmentKind.PHOTO: (SendPhoto, "photo"),
    AttachmentKind.VOICE: (SendVoice, "voice"),
    AttachmentKind.AUDIO: (SendAudio, "audio"),
    AttachmentKind.VIDEO: (SendVideo, "video"),
    AttachmentKind.STICKER: (SendSticker, "sticker"),
}
_AS_FILE: tuple[type[TelegramMethod[Any]], str] = (SendDocument, "document")
_IN_ALBUM = {
    AttachmentKind.PHOTO: InputMediaPhoto,
    AttachmentKind.VIDEO: InputMediaVideo,
    AttachmentKind.AUDIO: InputMediaAudio,
}


class NothingToSend(Exception):
    """The payload names a file that is not there any more."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an earlier delivery put on the screen: the numbers of its messages, and whether they are files."""

    message_ids: tuple[int, ...]
    has_media: bool


def as_call(payload: MessagePayload, find_file: FindFile, target: Target | None = None) -> TelegramMethod[Any]:
    """The call that sends the payload, or that changes its `target`. Raises NothingToSend."""
    if target is not None:
        return _change(payload, target)
    if len(payload.attachments) > 1:
        return _album(payload, find_file)
    if payload.attachments:
        return _media(payload, payload.attachments[0], find_file)
    return SendMessage(**_below(payload), **_words(payload), link_preview_options=_NO_PREVIEW)


def _change(payload: MessagePayload, target: Target) -> TelegramMethod[Any]:
    chat_id, first = int(payload.to), target.message_ids[0]
    if payload.takes_back:
        return DeleteMessages(chat_id=chat_id, message_ids=list(target.message_ids))
    buttons = inline_keyboard(payload.buttons)
    if target.has_media:
        return EditMessageCaption(chat_id=chat_id, message_id=first, reply_markup=buttons, **_caption(payload))
    words = _words(payload)
    return EditMessageText(
        chat_id=chat_id, message_id=first, reply_markup=buttons, link_preview_options=_NO_PREVIEW, **words
    )


def _words(payload: MessagePayload) -> dict[str, Any]:
    return {"text": payload.text, "entities": _entities(payload)}


def _caption(payload: MessagePayload) -> dict[str, Any]:
    return {"caption": payload.text, "caption_entities": _entities(payload)} if payload.text else {}


def _entities(payload: MessagePayload) -> list[MessageEntity] | None:
    return [_entity(entity) for entity in payload.entities] or None


def _entity(entity: Entity) -> MessageEntity:
    return MessageEntity(type=entity.type, offset=entity.offset, length=entity.length, url=entity.url)


def _below(payload: MessagePayload) -> dict[str, Any]:
    """The chat, the quote above and the buttons below."""
    return {
        "chat_id": int(payload.to),
        "reply_parameters": _reply(payload),
        "reply_markup": keyboard(payload.buttons),
    }


def _reply(payload: MessagePayload) -> ReplyParameters | None:
    """A quoted message that is gone must not keep the answer from arriving."""
    number = number_of(payload.reply_to) if payload.reply_to else None
    return None if number is None else ReplyParameters(message_id=number, allow_sending_without_reply=True)


def _media(payload: MessagePayload, attachment: Attachment, find_file: FindFile) -> TelegramMethod[Any]:
    if attachment.kind is AttachmentKind.LOCATION:
        place: dict[str, Any] = {name: float(attachment.data[name]) for name in ("latitude", "longitude")}
        return SendLocation(**_below(payload), **place)
    method, name = _AS_FILE if payload.as_files else _MEDIA.get(attachment.kind, _AS_FILE)
    file = {name: _file(attachment, find_file, payload.as_files)}
    return method(**_below(payload), **_caption(payload), **file)


def _album(payload: MessagePayload, find_file: FindFile) -> SendMediaGroup:
    """One message of several files, with the words below the first; Telegram takes no buttons there."""
    captions = [_caption(payload)] + [{} for _ in payload.attachments]
    media = [
        _part(attachment, payload.as_files)(media=_file(attachment, find_file, payload.as_files), **caption)
        for attachment, caption in zip(payload.attachments, captions, strict=False)
    ]
    return SendMediaGroup(chat_id=int(payload.to), media=media, reply_parameters=_reply(payload))


def _part(attachment: Attachment, as_file: bool) -> Callable[..., Any]:
    return InputMediaDocument if as_file else _IN_ALBUM.get(attachment.kind, InputMediaDocument)


def _file(attachment: Attachment, find_file: FindFile, anew: bool) -> InputFile | str:
    """Telegram's own handle where there is one, otherwise an upload; `anew`: an upload where we have the file."""
    path = find_file(attachment.file_id) if attachment.file_id and (anew or not attachment.remote_id) else None
    if path is not None:
        return FSInputFile(path, filename=attachment.name or path.name)
    if attachment.remote_id:
        return attachment.remote_id
    raise NothingToSend(f"the file {attachment.file_id} is not there")
