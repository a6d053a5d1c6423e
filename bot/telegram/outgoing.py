"""A delivery's payload as the call of the Bot API that sends it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiogram.methods import (
    EditMessageText,
    SendAudio,
    SendDocument,
    SendLocation,
    SendMessage,
    SendPhoto,
    SendVideo,
    SendVoice,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import FSInputFile, InputFile, LinkPreviewOptions, MessageEntity, ReplyParameters

from bot.telegram.buttons import keyboard
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
}


class NothingToSend(Exception):
    """The payload names a file that is not there any more."""


def as_call(payload: MessagePayload, find_file: FindFile) -> TelegramMethod[Any]:
    """The call that sends the payload. Raises NothingToSend."""
    if payload.attachment is not None:
        return _media(payload, payload.attachment, find_file)
    said: dict[str, Any] = {
        "chat_id": int(payload.to),
        "text": payload.text,
        "entities": [_entity(entity) for entity in payload.entities] or None,
        "reply_markup": keyboard(payload.buttons),
        "link_preview_options": _NO_PREVIEW,
    }
    if payload.edits is not None:
        return EditMessageText(message_id=int(payload.edits), **said)
    return SendMessage(reply_parameters=_reply(payload), **said)


def _entity(entity: Entity) -> MessageEntity:
    return MessageEntity(type=entity.type, offset=entity.offset, length=entity.length, url=entity.url)


def _reply(payload: MessagePayload) -> ReplyParameters | None:
    """A quoted message that is gone must not keep the answer from arriving."""
    if payload.reply_to is None:
        return None
    return ReplyParameters(message_id=int(payload.reply_to), allow_sending_without_reply=True)


def _media(payload: MessagePayload, attachment: Attachment, find_file: FindFile) -> TelegramMethod[Any]:
    around: dict[str, Any] = {
        "chat_id": int(payload.to),
        "reply_markup": keyboard(payload.buttons),
        "reply_parameters": _reply(payload),
    }
    if attachment.kind is AttachmentKind.LOCATION:
        place: dict[str, Any] = {name: float(attachment.data[name]) for name in ("latitude", "longitude")}
        return SendLocation(**around, **place)
    method, name = _MEDIA.get(attachment.kind, (SendDocument, "document"))
    return method(**around, **{name: _file(attachment, find_file)})


def _file(attachment: Attachment, find_file: FindFile) -> InputFile | str:
    """Telegram's own handle where there is one, otherwise an upload."""
    if attachment.remote_id:
        return attachment.remote_id
    path = find_file(attachment.file_id) if attachment.file_id else None
    if path is None:
        raise NothingToSend(f"the file {attachment.file_id} is not there")
    return FSInputFile(path, filename=attachment.name or path.name)
