"""Faults by rule: what goes wrong, for which method and chat, how often."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from tests.telegram_server.calls import Call
from tests.telegram_server.chats import BLOCKED, DEACTIVATED
from tests.telegram_server.values import ApiError, too_many_requests


class FaultKind(StrEnum):
    BLOCKED = "blocked"
    DEACTIVATED = "deactivated"
    KICKED = "kicked"
    NOT_A_MEMBER = "not_a_member"
    CANNOT_INITIATE = "cannot_initiate"
    NO_RIGHT_TO_WRITE = "no_right_to_write"
    CHAT_NOT_FOUND = "chat_not_found"
    THREAD_NOT_FOUND = "thread_not_found"
    BAD_ENTITIES = "bad_entities"
    TOO_LONG = "too_long"
    CAPTION_TOO_LONG = "caption_too_long"
    WRONG_FILE_ID = "wrong_file_id"
    BAD_PHOTO = "bad_photo"
    VOICE_FORBIDDEN = "voice_forbidden"
    NOT_MODIFIED = "not_modified"
    MIGRATED = "migrated"
    TOO_BIG = "too_big"
    UNAUTHORIZED = "unauthorized"
    FLOOD = "flood"
    SERVER_ERROR = "server_error"
    # those of the line, where the bot cannot see whether the call was carried out
    BAD_GATEWAY = "bad_gateway"
    CUT_JSON = "cut_json"
    CUT_BODY = "cut_body"
    RESET = "reset"
    TIME_OUT = "time_out"


ON_THE_LINE = {FaultKind.BAD_GATEWAY, FaultKind.CUT_JSON, FaultKind.CUT_BODY, FaultKind.RESET, FaultKind.TIME_OUT}

_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
REFUSALS = {
    FaultKind.BLOCKED: ApiError(403, BLOCKED),
    FaultKind.DEACTIVATED: ApiError(403, DEACTIVATED),
    FaultKind.KICKED: ApiError(403, "Forbidden: bot was kicked from the supergroup chat"),
    FaultKind.NOT_A_MEMBER: ApiError(403, "Forbidden: bot is not a member of the supergroup chat"),
    FaultKind.CANNOT_INITIATE: ApiError(403, "Forbidden: bot can't initiate conversation with a user"),
    FaultKind.NO_RIGHT_TO_WRITE: ApiError(400, "Bad Request: not enough rights to send text messages to the chat"),
    FaultKind.CHAT_NOT_FOUND: ApiError(400, "Bad Request: chat not found"),
    FaultKind.THREAD_NOT_FOUND: ApiError(400, "Bad Request: message thread not found"),
    FaultKind.BAD_ENTITIES: ApiError(
        400, "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 3"
    ),
    FaultKind.TOO_LONG: ApiError(400, "Bad Request: message is too long"),
    FaultKind.CAPTION_TOO_LONG: ApiError(400, "Bad Request: message caption is too long"),
    FaultKind.WRONG_FILE_ID: ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified"),
    FaultKind.BAD_PHOTO: ApiError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    FaultKind.VOICE_FORBIDDEN: ApiError(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"),
    FaultKind.NOT_MODIFIED: ApiError(400, _NOT_MODIFIED),
    FaultKind.MIGRATED: ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat"),
    FaultKind.TOO_BIG: ApiError(413, "Request Entity Too Large"),
    FaultKind.UNAUTHORIZED: ApiError(401, "Unauthorized"),
    FaultKind.SERVER_ERROR: ApiError(500, "Internal Server Error"),
}


@dataclass(slots=True)
class Fault:
    """Strikes the calls it matches: `times` of them (None: all), a `share` of them.

    `carried_out` matters for the faults of the line alone: was the message sent before the line broke?
    """

    kind: FaultKind
    method: str | None = None
    chat_id: int | None = None
    times: int | None = None
    share: float = 1.0
    carried_out: bool = False
    retry_after: int = 5
    migrate_to: int | None = None
    struck: int = 0

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)

    @property
    def is_on_the_line(self) -> bool:
        return self.kind in ON_THE_LINE

    def matches(self, call: Call) -> bool:
        spent = self.times is not None and self.struck >= self.times
        return not spent and self.method in (None, call.method) and self.chat_id in (None, call.chat_id)

    def refusal(self) -> ApiError:
        if self.kind is FaultKind.FLOOD:
            return too_many_requests(self.retry_after)
        refusal = REFUSALS[self.kind]
        extra = {"migrate_to_chat_id": self.migrate_to} if self.migrate_to is not None else {}
        return ApiError(refusal.code, refusal.description, extra)


@dataclass(slots=True)
class Faults:
    rules: list[Fault] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(11))

    def add(self, fault: Fault) -> Fault:
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, call: Call) -> Fault | None:
        """The first rule that strikes this call; it is counted there."""
        for fault in self.rules:
            if fault.matches(call) and self.dice.random() < fault.share:
                fault.struck += 1
                return fault
        return None
