"""What a start tells whoever asked for it."""

from collections.abc import Callable
from dataclasses import dataclass

from core.settings import Settings


@dataclass(frozen=True, slots=True)
class Started:
    """`port` is the one that is listened on; `key` the first admin's, shown once; `is_sample`: loaded just now."""

    port: int = 0
    key: str | None = None
    is_sample: bool = False


OnStart = Callable[[Settings, Started], object]
