"""Questions that arrive while others are being searched for are searched for together.

A model reads its weights once for all of them: at eight questions at a time each costs about half. One alone waits for
nobody.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from knowledge_base.snapshot import Snapshot
from knowledge_base.values import SearchContext, SearchResult

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    snapshot: Snapshot
    text: str
    context: SearchContext
    answer: "asyncio.Future[SearchResult]"


class Together:
    """Searches on `thread`, which has one worker."""

    def __init__(self, thread: Executor) -> None:
        self._thread = thread
        self._waiting: list[_Asked] = []
        self._working: asyncio.Task[None] | None = None

    async def search(self, snapshot: Snapshot, text: str, context: SearchContext) -> SearchResult:
        answer: asyncio.Future[SearchResult] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(snapshot, text, context, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(), name="search")
        return await answer

    async def _work(self) -> None:
        while self._waiting:
            taken = self._take()
            found: Sequence[SearchResult | BaseException]
            try:
                found = await asyncio.get_running_loop().run_in_executor(self._thread, _search_all, taken)
            except BaseException as error:
                found = [error] * len(taken)
            for asked, result in zip(taken, found, strict=True):
                if asked.answer.done():  # nobody waits any longer
                    continue
                if isinstance(result, BaseException):
                    asked.answer.set_exception(result)
                else:
                    asked.answer.set_result(result)

    def _take(self) -> list[_Asked]:
        """The oldest ones that are asked of one snapshot."""
        snapshot = self._waiting[0].snapshot
        taken = [asked for asked in self._waiting if asked.snapshot is snapshot][:_AT_ONCE]
        self._waiting = [asked for asked in self._waiting if asked not in taken]
        return taken


def _search_all(taken: Sequence[_Asked]) -> Sequence[SearchResult | BaseException]:
    """What one of them stumbles over concerns none of the others."""
    try:
        return taken[0].snapshot.search_all([(asked.text, asked.context) for asked in taken])
    except Exception as error:
        return [error] if len(taken) == 1 else [_search_all([asked])[0] for asked in taken]
