"""The knowledge base as the rest of the house sees it: what is served at this moment, searched from memory."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from threadpoolctl import threadpool_limits

from core.clock import Clock
from core.database import Database
from core.settings import Settings
from knowledge_base.alike import Alike, find_alike
from knowledge_base.catalogue import Topic
from knowledge_base.checking import Gate
from knowledge_base.content import ArticleContent
from knowledge_base.grouping import Encoded
from knowledge_base.leave_one_out import Stray, find_strays
from knowledge_base.serving import SnapshotServer
from knowledge_base.snapshot import Snapshot
from knowledge_base.together import Together
from knowledge_base.values import IndexedArticle, SearchContext, SearchResult

#: Enough to load the model that every question needs.
NONE_REHEARSED = ("暖",)


class KnowledgeBase:
    """Searches and opens articles without a look into the database. One instance a process.

    Served is what is published and valid now, for customers and (audience `agent`) for staff; the same snapshot in
    every process. `refresh` once, then `watch` in a task of its own. `rehearsed`: questions that are tried before
    anything is served, so that the first real ones of their kind find all that they need loaded.
    """

    def __init__(
        self, database: Database, clock: Clock, settings: Settings, rehearsed: Sequence[str] = NONE_REHEARSED
    ) -> None:
        #: Tries changes out, in processes of their own.
        self.gate = Gate(database, clock, settings)
        self._clock = clock
        # One BLAS thread a process: those of several would spin for each other's cores.
        threadpool_limits(limits=1, user_api="blas")
        # One thread: a search is CPU bound, so more of them would only wait for each other, and the loop stays free.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="search")
        self._server = SnapshotServer(database, clock, settings, self._thread, rehearsed)
        self._together = Together(self._thread)

    @property
    def is_ready(self) -> bool:
        """Whether a snapshot is served."""
        return self._server.served is not None

    @property
    def now(self) -> datetime:
        """The instant that its dates are compared with."""
        return self._clock.now()

    @property
    def is_prepared(self) -> bool:
        """Whether the snapshot of the next dated change is in memory, to be served at its instant."""
        return self._server.is_prepared

    @property
    def content_hash(self) -> str | None:
        """Names the snapshot that is served: equal in two processes that answer alike."""
        return self._server.served.name if self._server.served else None

    async def search(self, text: str, context: SearchContext) -> SearchResult:
        """What the customer would see for `text`. Some milliseconds of CPU: never inside a transaction."""
        served = await self._server.current()
        return await self._together.search(served.snapshot, text, context)

    def search_now(self, text: str, context: SearchContext) -> SearchResult:
        """The same on the calling thread, once `refresh` has returned."""
        if self._server.served is None:
            raise RuntimeError("refresh() first")
        return self._server.served.snapshot.search(text, context)

    async def find_alike(self, key: str, language: str, content: ArticleContent) -> tuple[Alike, ...]:
        """The served articles that are asked like this one. CPU bound as a search is."""
        served = await self._server.current()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, find_alike, served.snapshot, key, language, content)

    async def encoder_name(self) -> str:
        """Names what `encode` gives: only what has the same name can be compared."""
        return (await self._server.current()).snapshot.encoder.embedder.name

    async def encode(self, texts: Sequence[str]) -> Encoded:
        """What folded texts mean, to be compared with each other."""
        served = await self._server.current()
        return await asyncio.get_running_loop().run_in_executor(self._thread, _encoded, served.snapshot, texts)

    async def find_strays(self, articles: Sequence[IndexedArticle]) -> list[Stray]:
        """Wordings of these articles that would find another one among what is served."""
        served = await self._server.current()
        return await asyncio.get_running_loop().run_in_executor(self._thread, find_strays, served.snapshot, articles)

    def topics(self, language: str) -> tuple[Topic, ...]:
        """Customers' articles by category, in `language` where there is one."""
        return self._server.catalogue.topics(language)

    def find_article(self, key: str, language: str) -> IndexedArticle | None:
        """The article that customers get, in `language` or else in the other one."""
        return self._server.catalogue.find(key, language)

    async def refresh(self, fully: bool = False) -> None:
        """Returns when what is published and valid now is served, built first if nobody has built it.

        After an edit a quick build is served first; `fully` waits for the whole one behind it.

        Raises:
            BuildFailed: the index could not be built, and there is no older one to go on with.
        """
        await self._server.refresh(fully)

    async def warm(self) -> None:
        """Loads the models that the rehearsed questions need; `refresh` does so too, while it reads."""
        await self._server.warm()

    async def close(self) -> None:
        """Ends what is being built. For processes that do not `watch`."""
        await self._server.close()
        self._thread.shutdown(wait=False)

    async def watch(self) -> None:
        """Swaps the snapshot whenever what should be served changes, until cancelled."""
        await self._server.watch()

    async def forget_older(self) -> None:
        """Throws away every snapshot but the served one, so that nothing that was removed stays readable."""
        await self._server.forget_older()


def _encoded(snapshot: Snapshot, texts: Sequence[str]) -> Encoded:
    encoder = snapshot.encoder
    known = snapshot.near.rows if encoder.embedder.dimensions else None
    return Encoded.of(encoder.encode(texts), encoder.embedder.name, known)
