"""The five ways in which a request can fail. Rooms subclass them; the doors map each base once."""

from collections.abc import Mapping
from typing import ClassVar


class KefuError(Exception):
    """A failure that is part of the product: it has a stable `code` and a sentence for whoever asked.

    `data` is machine-readable detail that goes out with the error; it holds no secrets.
    """

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, data: Mapping[str, object] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.data = dict(data or {})


class NotFound(KefuError):
    code = "not_found"


class Conflict(KefuError):
    """The thing has changed, or is in a state, that does not allow what was asked."""

    code = "conflict"


class NotAllowed(KefuError):
    code = "not_allowed"


class InvalidInput(KefuError):
    """Something in the request is wrong. `fields` names each path with its reason."""

    code = "invalid_input"

    def __init__(self, detail: str, fields: Mapping[str, str] | None = None) -> None:
        listed = [{"path": path, "reason": reason} for path, reason in (fields or {}).items()]
        super().__init__(detail, {"fields": listed} if listed else None)


class LimitExceeded(KefuError):
    """Too much at once. `retry_after` is in whole seconds."""

    code = "limit_exceeded"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail, {"retry_after": retry_after})
        self.retry_after = retry_after
