"""Files: sent by id or as an upload, shown as photos, voice and so on, and fetched again."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.faults import REFUSALS, FaultKind
from tests.telegram_server.files import MEGABYTE, FileStore, StoredFile
from tests.telegram_server.methods.contents import caption_content
from tests.telegram_server.methods.messages import send
from tests.telegram_server.values import Json, Upload, bad_request
from tests.telegram_server.world import Method, World


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of media: its upload limit in bytes, and what a message tells about it beside its ids."""

    largest: int
    mime_type: str
    facts: Json

    def show(self, stored: StoredFile) -> Json:
        named = {"file_name": stored.name, "mime_type": stored.mime_type} if "mime_type" in self.facts else {}
        return stored.ids() | self.facts | named


_SIZED = {"width": 640, "height": 480}
_NAMED = {"mime_type": ""}
_STICKER = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
KINDS = {
    "photo": Kind(10 * MEGABYTE, "image/jpeg", _SIZED),
    "document": Kind(50 * MEGABYTE, "application/pdf", _NAMED),
    "voice": Kind(50 * MEGABYTE, "audio/ogg", {"duration": 3}),
    "video": Kind(50 * MEGABYTE, "video/mp4", _SIZED | {"duration": 3}),
    "video_note": Kind(50 * MEGABYTE, "video/mp4", {"length": 240, "duration": 3}),
    "audio": Kind(50 * MEGABYTE, "audio/mpeg", {"duration": 3} | _NAMED),
    "animation": Kind(50 * MEGABYTE, "video/mp4", _SIZED | {"duration": 3}),
    "sticker": Kind(512 * 1024, "image/webp", _STICKER),
}
_album_numbers = count(1)


def media_content(kind: str, stored: StoredFile) -> Json:
    """The part of a message that shows a file; a photo comes in two sizes, the largest last."""
    shown = KINDS[kind].show(stored)
    return {"photo": [shown | {"width": 90, "height": 67}, shown]} if kind == "photo" else {kind: shown}


def get_file_for(files: FileStore, call: Call, kind: str, value: Any) -> StoredFile:
    """The file that a parameter names: an upload (`attach://NAME` or a part of that name) or an id known before."""
    name = str(value).removeprefix("attach://") if value else kind
    upload = call.files.get(name)
    return files.get(str(value)) if upload is None else keep_upload(files, upload, kind)


def keep_upload(files: FileStore, upload: Upload, kind: str) -> StoredFile:
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > KINDS[kind].largest:
        raise REFUSALS[FaultKind.TOO_BIG]
    return files.keep(upload.content, upload.name, upload.mime_type)


def sender_of(kind: str) -> Callable[[World, Call], Json]:
    def send_media(world: World, call: Call) -> Json:
        world.get_chat(call.chat_id)
        stored = get_file_for(world.files, call, kind, call.find(kind))
        return send(world, call, media_content(kind, stored) | caption_content(call.params))

    return send_media


def send_album(world: World, call: Call) -> list[Json]:
    world.get_chat(call.chat_id)
    media = call.items("media")
    if not 2 <= len(media) <= 10:
        raise bad_request("wrong number of messages specified; there must be between 2 and 10")
    kinds = {item.get("type") for item in media}
    if len(kinds) > 1 and not kinds <= {"photo", "video"}:
        raise bad_request("wrong type of the media: documents and audio files are grouped with their own kind only")
    contents = [album_content(world, call, item) for item in media]
    group = {"media_group_id": f"album{next(_album_numbers)}"}
    return [send(world, call, content | group) for content in contents]


def album_content(world: World, call: Call, item: Json) -> Json:
    kind = item.get("type", "")
    if kind not in {"photo", "video", "document", "audio"}:
        raise bad_request("can't parse InputMedia: media type is invalid")
    stored = get_file_for(world.files, call, kind, item.get("media"))
    return media_content(kind, stored) | caption_content(item)


def get_file(world: World, call: Call) -> Json:
    stored = world.files.get_downloadable(call.text("file_id"))
    return stored.ids() | {"file_path": stored.path}


METHODS: dict[str, Method] = {
    "sendPhoto": sender_of("photo"),
    "sendDocument": sender_of("document"),
    "sendVoice": sender_of("voice"),
    "sendVideo": sender_of("video"),
    "sendVideoNote": sender_of("video_note"),
    "sendAudio": sender_of("audio"),
    "sendAnimation": sender_of("animation"),
    "sendSticker": sender_of("sticker"),
    "sendMediaGroup": send_album,
    "getFile": get_file,
}
