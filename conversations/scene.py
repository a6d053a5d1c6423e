"""Where effects take place."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations.threads import Thread
from core.database import WriteSession
from core.errors import Conflict
from tickets.policy import Policies


class FactsMoved(Conflict):
    """What the step was decided on is not so any more: it has to be decided anew."""

    code = "facts_moved"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an effect takes place: inside the transaction of the message that caused it. `files`: ids of what came."""

    session: WriteSession
    thread: Thread
    now: datetime
    policies: Policies
    files: tuple[str, ...] = ()


#: Results fill the slots of the texts; `question_id` goes into the memory, `ticket_id` onto the messages.
Results = Mapping[str, str]
Row = Callable[[Scene, Any], Awaitable[Results]]
