"""One call of the Bot API as it came in: query, form, multipart or JSON, with every value in its own type."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.telegram_server.values import Json, Upload, bad_request

_STRUCTURED = {
    "allowed_updates", "caption_entities", "commands", "entities", "link_preview_options", "media", "menu_button",
    "message_ids", "reaction", "reply_markup", "reply_parameters", "scope",
}  # fmt: skip
_NUMBERS = {
    "chat_id", "duration", "from_chat_id", "icon_color", "length", "limit", "max_connections", "message_id",
    "message_thread_id", "offset", "timeout", "user_id",
}  # fmt: skip
_FLAGS = {
    "disable_notification", "drop_pending_updates", "is_big", "protect_content", "revoke_messages", "show_alert",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    params: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    @property
    def chat_id(self) -> int | None:
        chat_id = self.params.get("chat_id")
        return chat_id if isinstance(chat_id, int) else None

    def find(self, name: str) -> Any:
        return self.params.get(name)

    def text(self, name: str) -> str:
        return str(self.params.get(name, ""))

    def number(self, name: str) -> int:
        """Raises ApiError 400 without it."""
        value = self.params.get(name)
        if not isinstance(value, int):
            raise bad_request(f"{name} is not specified")
        return value

    def number_or(self, name: str, default: int) -> int:
        return self.number(name) if name in self.params else default

    def items(self, name: str) -> list[Any]:
        value = self.params.get(name, [])
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name}: expected an Array")
        return value


async def read_call(request: web.Request) -> Call:
    params: Json = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        params |= await request.json()
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = Upload(value.filename, value.file.read(), value.content_type)
            else:
                params[name] = value
    return Call(request.match_info["method"], {name: typed(name, value) for name, value in params.items()}, files)


def typed(name: str, value: Any) -> Any:
    """What a form carries as text, in the type that the method's documentation gives it."""
    if not isinstance(value, str):
        return value
    try:
        if name in _STRUCTURED:
            return json.loads(value)
        if name in _NUMBERS:
            return int(value)
    except ValueError:
        return value
    return value.lower() in {"true", "1"} if name in _FLAGS else value
