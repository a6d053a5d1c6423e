"""The shapes that the parts of the test server share."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file part of a multipart request."""

    name: str
    content: bytes
    mime_type: str = "application/octet-stream"


@dataclass(slots=True)
class ApiError(Exception):
    """A refusal in Telegram's words: HTTP status, description, and the parameters of 429 and of migration."""

    code: int
    description: str
    parameters: Json = field(default_factory=dict)

    def body(self) -> Json:
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def conflict(reason: str) -> ApiError:
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(seconds: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def utf16_length(text: str) -> int:
    """Telegram counts UTF-16 code units: an emoji outside the basic plane is two."""
    return len(text.encode("utf-16-le")) // 2
