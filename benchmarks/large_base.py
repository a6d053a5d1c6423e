"""A large knowledge base: import, first build, edits live, warm start, CPU and memory of a question.

`python -m benchmarks.large_base STEP ...` runs some of them: import (and edits of what was imported), build, edit-1000,
questions-5000, questions-10000, questions-100000, memory. Texts are mixed from the wordings of the sample shop and of
the labelled sets, where those are there; the database is SQLite.
"""

import asyncio
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from benchmarks.labelled import SETS, data_folder, environment, public_shop, sample_shop
from core.clock import SystemClock
from core.database import Database
from core.settings import Settings
from core.table_files import write_table
from knowledge_base.article_audit import Edit
from knowledge_base.articles import edit_article, get_article, publish_article
from knowledge_base.files import ArticleFiles, ImportOptions
from knowledge_base.semantic import load_embedder
from knowledge_base.service import KnowledgeBase
from knowledge_base.snapshot import Snapshot, build_snapshot
from knowledge_base.training import fit
from knowledge_base.values import IndexedArticle, SearchContext
from migrations.runner import migrate

_COLUMNS = ("key", "language", "question", "phrasings", "answer")
_QUESTIONS = 200
_EDITS = 5
Row = dict[str, Any]


def rows(articles: int, wordings: int, seed: int = 0) -> Iterator[Row]:
    """Articles with so many wordings in all, each mixed from two that people wrote; every fourth in Chinese."""
    rng = random.Random(seed)
    known, answers = _known(), _answers()
    more = [wordings // articles + (n < wordings % articles) for n in range(articles)]
    for number, own in enumerate(more):
        language = "zh" if number % 4 == 3 else "en"
        made = [_mixed(rng, known[language], language) for _ in range(own)]
        question, *phrasings = (f"{text} {number}" if n == 0 else text for n, text in enumerate(made))
        answer = f"{_mixed(rng, answers[language], language)} ({number})"
        yield dict(zip(_COLUMNS, (f"a{number}", language, question, phrasings, answer), strict=True))


def _known() -> Mapping[str, list[str]]:
    articles = list(sample_shop().articles)
    data = data_folder()
    if data is not None:
        articles += [article for name in SETS for article in public_shop(data, name, 10).articles]
    return {tongue: [w for a in articles if a.language == tongue for w in a.wordings] for tongue in ("zh", "en")}


def _answers() -> Mapping[str, list[str]]:
    """The sample shop's, as long as owners write them."""
    articles = sample_shop().articles
    return {tongue: [a.answer for a in articles if a.language == tongue] for tongue in ("zh", "en")}


def _mixed(rng: random.Random, known: list[str], language: str) -> str:
    """The beginning of one and the end of another."""
    one, other = rng.choice(known), rng.choice(known)
    if language == "zh":
        return one[: len(one) // 2] + other[len(other) // 2 :]
    left, right = one.split(), other.split()
    return " ".join([*left[: (len(left) + 1) // 2], *right[len(right) // 2 :]])


@contextmanager
def _timed(what: str, most: str = "") -> Iterator[None]:
    """Wall clock, and the CPU of this process and of its children."""
    before, began = _cpu(), time.perf_counter()
    yield
    wall, cpu = time.perf_counter() - began, _cpu() - before
    asked = f"   (asked: {most})" if most else ""
    print(f"{what:58}{wall:8.1f} s{cpu:8.1f} s of CPU{asked}", flush=True)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def _import() -> None:
    """By the command, as an owner types it: read, written, built and fitted. Then edits of what was imported."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "articles.jsonl"
        write_table(sheet, _COLUMNS, rows(20_000, 70_000))
        own = {"KEFU_DATA_DIR": folder, "KEFU_SAMPLE_DATA": "false", "PYTHONPATH": str(Path(__file__).parents[1])}
        program = "from bot.cli.main import main; main()"
        command = [sys.executable, "-c", program, "kb", "import", str(sheet), "--yes"]
        with _timed("import of 20,000 articles with 50,000 phrasings more", "6 min on two cores"):
            said = await asyncio.to_thread(_output, command, environment() | own)
        print(f"  {said.strip().splitlines()[0]}")
        settings = _settings(Path(folder))
        database = Database(settings.database_url)
        await _edited(database, settings, 20_000, "5 s")
        await database.close()


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=f"sqlite+aiosqlite:///{folder}/kefu.db")


def _build() -> None:
    articles = _indexed(2_000, 10_000)
    embedder, _ = load_embedder()
    embedder.encode(["warm 暖"])
    with _timed("building 10,000 phrasings from nothing", "90 s"):
        fit(build_snapshot(articles, embedder))


def _indexed(articles: int, wordings: int) -> list[IndexedArticle]:
    made = rows(articles, wordings)
    return [IndexedArticle(r["key"], r["language"], 1, r["question"], tuple(r["phrasings"]), r["answer"]) for r in made]


@asynccontextmanager
async def _shop(articles: int, wordings: int) -> AsyncIterator[tuple[Database, Settings]]:
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        await migrate(settings.database_url)
        database = Database(settings.database_url)
        sheet = Path(folder) / "articles.jsonl"
        write_table(sheet, _COLUMNS, rows(articles, wordings))
        files = ArticleFiles(database, SystemClock(), settings.timezone)
        await files.apply(await files.plan(sheet, ImportOptions()), "bench")
        yield database, settings
        await database.close()


async def _edits(articles: int, wordings: int, most: str) -> None:
    async with _shop(articles, wordings) as (database, settings):
        with _timed(f"first build of {articles:,} articles, {wordings:,} wordings"):
            await KnowledgeBase(database, SystemClock(), settings).refresh(fully=True)
        await _edited(database, settings, articles, most)


async def _edited(database: Database, settings: Settings, articles: int, most: str) -> None:
    """From the publish to the moment when a customer gets the new words; then a new process that serves at once."""
    knowledge = KnowledgeBase(database, SystemClock(), settings)
    await knowledge.refresh(fully=True)
    watching = asyncio.create_task(knowledge.watch())
    waits = [await _edit_live(database, knowledge, number) for number in range(_EDITS)]
    print(f"{f'an edit is live among {articles:,} articles after':58}{max(waits):8.1f} s at most of {_EDITS}"
          f"   (asked: {most})", flush=True)  # fmt: skip
    await knowledge.refresh(fully=True)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    _warm_start(settings, articles)


async def _edit_live(database: Database, knowledge: KnowledgeBase, number: int) -> float:
    key, answer = f"a{number * 4}", f"Edited {number}."
    edit = Edit("bench", knowledge.now)
    async with database.write() as session:
        version = (await get_article(session, key, "en")).article.version
        changes = {"answer": answer, "phrasings": [f"a wording that nobody has used before {number}"]}
        await edit_article(session, key, "en", version, changes, edit)
        await publish_article(session, key, "en", edit)
    began = time.perf_counter()
    while True:
        article = knowledge.find_article(key, "en")
        if article is not None and article.answer == answer:
            return time.perf_counter() - began
        await asyncio.sleep(0.02)


_WARM = """
import asyncio, sys, time
began = time.perf_counter()
from core.clock import SystemClock
from core.database import Database
from core.settings import Settings
from knowledge_base.service import KnowledgeBase
from knowledge_base.values import SearchContext
async def main():
    settings = Settings(data_dir=sys.argv[1], database_url=sys.argv[2])
    knowledge = KnowledgeBase(Database(settings.database_url), SystemClock(), settings)
    await knowledge.refresh()
    result = await knowledge.search("do you ship to Canada?", SearchContext())
    print(f"{time.perf_counter() - began:.1f}")
asyncio.run(main())
"""


def _warm_start(settings: Settings, articles: int) -> None:
    command = [sys.executable, "-c", _WARM, str(settings.data_dir), settings.database_url]
    with _timed(f"warm start to the first answer, {articles:,} articles", "8 s at 20,000" if articles > 10_000 else ""):
        _output(command)


def _questions(articles: int, wordings: int, most: int) -> None:
    """CPU of whole questions, encoders included; what is asked was never seen by the base."""
    embedder, _ = load_embedder()
    snapshot = fit(build_snapshot(_indexed(articles, wordings), embedder))
    asked = _spent(snapshot, [row["question"] for row in rows(_QUESTIONS, _QUESTIONS, seed=1)])
    encoding = _encoding(snapshot, [row["question"] for row in rows(_QUESTIONS, _QUESTIONS, seed=2)])
    what = f"a question at {articles:,} articles, {wordings:,} wordings"
    spent = f"{statistics.median(asked):8.1f} ms of CPU, {statistics.median(encoding):.1f} of it the encoders"
    print(f"{what:58}{spent}   (asked: {most} ms)", flush=True)


def _spent(snapshot: Snapshot, texts: list[str]) -> list[float]:
    snapshot.search("warm 暖")
    return [_milliseconds(lambda text=text: snapshot.search(text, SearchContext())) for text in texts]  # type: ignore[misc]


def _encoding(snapshot: Snapshot, texts: list[str]) -> list[float]:
    return [_milliseconds(lambda text=text: snapshot.encoder.embedder.encode([text])) for text in texts]  # type: ignore[misc]


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


_SERVE = """
import asyncio, sys, time
from pathlib import Path
from core.settings import Settings
from core.clock import SystemClock
from core.database import Database
from bot.bootstrap.services import build_services
from knowledge_base.values import SearchContext
async def main():
    settings = Settings(data_dir=sys.argv[1], database_url=sys.argv[2], secret="s" * 40)
    services = await build_services(settings, SystemClock(), Database(settings.database_url))
    from bot.bootstrap.web_app import build_site
    build_site(services)
    for text in Path(sys.argv[3]).read_text("utf-8").splitlines():
        await services.knowledge.search(text, SearchContext())
    lines = Path("/proc/self/status").read_text().splitlines()
    held = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest}
    print((held["VmRSS"] + held["VmSwap"]) // 1024)
asyncio.run(main())
"""


async def _memory() -> None:
    """The serving process with everything but Telegram, after some questions in both languages."""
    async with _shop(10_000, 50_000) as (database, settings):
        knowledge = KnowledgeBase(database, SystemClock(), settings)
        await knowledge.refresh(fully=True)
        await knowledge.close()
        asked = settings.data_dir / "asked.txt"
        asked.write_text("\n".join(row["question"] for row in rows(_QUESTIONS, _QUESTIONS, seed=3)), "utf-8")
        command = [sys.executable, "-c", _SERVE, str(settings.data_dir), settings.database_url, str(asked)]
        megabytes = (await asyncio.to_thread(_output, command)).strip().splitlines()[-1]
        print(f"{'memory, swap included, 10,000 articles x 5':58}{megabytes:>8} MB   (asked: 600 MB)", flush=True)


def _output(command: list[str], given: Mapping[str, str] | None = None) -> str:
    home = Path(__file__).parents[1]
    return subprocess.run(command, cwd=home, env=given, check=True, stdout=subprocess.PIPE, text=True).stdout


STEPS: Mapping[str, Callable[[], Awaitable[None] | None]] = {
    "import": _import,
    "build": _build,
    "edit-1000": lambda: _edits(1_000, 5_000, "2 s"),
    "questions-5000": lambda: _questions(1_000, 5_000, 8),
    "questions-10000": lambda: _questions(2_000, 10_000, 12),
    "questions-100000": lambda: _questions(20_000, 100_000, 30),
    "memory": _memory,
}


def main() -> None:
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # of the processes that are started here
    threadpool_limits(limits=1, user_api="blas")  # here too, as in the process that serves
    wanted = [word for word in sys.argv[1:] if word in STEPS]
    for name in wanted or STEPS:
        done = STEPS[name]()
        if done is not None:
            asyncio.run(_finish(done))


async def _finish(work: Awaitable[None]) -> None:
    await work


if __name__ == "__main__":
    main()
