"""What a message of Telegram carries beside words, as attachments of ours."""

import hashlib
from collections.abc import Iterator

from bot.telegram.shapes import Contact, File, Message
from conversations.values import Attachment, AttachmentKind

_MEDIA_TYPES = {
    AttachmentKind.PHOTO: "image/jpeg",
    AttachmentKind.VOICE: "audio/ogg",
    AttachmentKind.AUDIO: "audio/mpeg",
    AttachmentKind.VIDEO: "video/mp4",
    AttachmentKind.STICKER: "image/webp",
}


def read_attachments(message: Message, account: str) -> tuple[Attachment, ...]:
    """The attachments, in the order in which they are seen. `file_id` is where the file will lie once it is fetched."""
    return (*(_of_file(kind, file, message, account) for kind, file in _files(message)), *_facts(message))


def _files(message: Message) -> Iterator[tuple[AttachmentKind, File]]:
    if message.photo:
        yield AttachmentKind.PHOTO, message.photo[-1]
    for kind, file in (
        (AttachmentKind.VOICE, message.voice),
        (AttachmentKind.VIDEO, message.video_note),
        (AttachmentKind.VIDEO, message.video),
        (AttachmentKind.AUDIO, message.audio),
        # Telegram repeats an animation as a document for programs that know no animations.
        (AttachmentKind.VIDEO, message.animation),
        (AttachmentKind.DOCUMENT, None if message.animation else message.document),
        (AttachmentKind.STICKER, message.sticker),
    ):
        if file is not None:
            yield kind, file


def _of_file(kind: AttachmentKind, file: File, message: Message, account: str) -> Attachment:
    emoji = message.sticker.emoji if kind is AttachmentKind.STICKER and message.sticker else None
    return Attachment(
        kind=kind,
        file_id=None if kind is AttachmentKind.STICKER else _own_id(file, message, account),
        remote_id=file.file_id,
        name=file.file_name,
        media_type=(file.mime_type or _MEDIA_TYPES.get(kind, "application/octet-stream"))[:120],
        size=file.file_size,
        data={"emoji": emoji} if emoji else {},
    )


def _own_id(file: File, message: Message, account: str) -> str:
    """The same each time the event is decoded, and another one for each message."""
    named = f"{account}/{message.chat.id}/{message.message_id}/{file.file_unique_id}"
    return "tg" + hashlib.sha256(named.encode()).hexdigest()[:32]


def _facts(message: Message) -> Iterator[Attachment]:
    if message.location:
        place = {"latitude": message.location.latitude, "longitude": message.location.longitude}
        name = f"{message.venue.title}, {message.venue.address}".strip(", ") if message.venue else None
        yield Attachment(kind=AttachmentKind.LOCATION, name=name or None, data=place)
    if message.contact:
        yield _of_contact(message.contact, message.chat.id)


def _of_contact(contact: Contact, sender_id: int) -> Attachment:
    """A phone number is taken only when it is the sender's own."""
    name = f"{contact.first_name} {contact.last_name}".strip() or None
    own = {"phone": contact.phone_number} if contact.user_id == sender_id else {}
    return Attachment(kind=AttachmentKind.CONTACT, name=name, data=dict(own))
