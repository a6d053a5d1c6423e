"""Write transactions are opened by doors, loops and jobs only; services and repositories take a session."""

import ast
from collections.abc import Iterator

from tools.checks.source import Finding, Source

OPENERS = (
    "conversations/held_replies.py",
    "conversations/inbox.py",
    "conversations/lane_work.py",
    "conversations/outbox.py",
    "conversations/service.py",
    "knowledge_base/due_gate.py",  # reads, tries out outside, writes
    "knowledge_base/forgetting.py",  # a step of an erasure, group by group
    "knowledge_base/gaps.py",  # reads, encodes outside, writes
    "knowledge_base/publishing.py",  # reads, tries out outside, writes
    "knowledge_base/snapshot_store.py",
    "admin/*",
    "bot/cli/*",
    "bot/web/*",
    "bot/http/*",
    "bot/telegram/*",
    "bot/terminal/*",
    "bot/bootstrap/*",
    "scheduler/jobs.py",
    "scheduler/answering.py",
    "scheduler/carrying.py",
    "scheduler/digest.py",
    "scheduler/dispatch.py",
    "scheduler/follow_up_jobs.py",
    "scheduler/keeping.py",
    "scheduler/planner.py",
    "scheduler/privacy_requests.py",
    "customers/export.py",  # reads all there is, writes one row
    "customers/privacy.py",
    "customers/segment_refresh.py",
    "*/imports.py",
    "*/files.py",
)
#: Where transactions are made, and where they are moved through a schema.
_MAKERS = ("core/database.py", "core/sqlite_connection.py", "migrations/*")


def check(source: Source) -> Iterator[Finding]:
    if not source.is_product or source.matches(*_MAKERS):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncWith) and not source.matches(*OPENERS):
            yield from (_opened(source, item) for item in node.items if _called(item.context_expr) == "write")
        if isinstance(node, ast.Await) and _called(node.value) in ("commit", "rollback"):
            yield Finding(source.path, node.lineno, "leave commit and rollback to the block of Database.write()")


def _opened(source: Source, item: ast.withitem) -> Finding:
    message = "take a WriteSession as an argument: only the files in OPENERS of this check open transactions"
    return Finding(source.path, item.context_expr.lineno, message)


def _called(node: ast.expr) -> str | None:
    """The name of the method that an expression calls."""
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if is_method else None  # type: ignore[attr-defined]
