"""Which module holds which command; it is loaded when its command is called, so that none pays for the others."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

#: Command -> module in this folder, in the order of `kefu --help`.
NOUNS: Mapping[str, str] = {
    "run": "serve",
    "worker": "serve",
    "chat": "serve",
    "ask": "ask",
    "migrate": "database",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "kb": "kb",
    "customers": "customers",
    "orders": "orders",
    "rules": "rules",
    "tasks": "tasks",
    "follow-ups": "follow_ups",
    "programmes": "programmes",
    "report": "report",
    "compensation": "compensation",
    "vouchers": "vouchers",
    "teams": "teams",
    "widget": "widget",
    "sample": "sample",
    "shop": "shop",
    "staff": "staff",
    "desk": "desk",
    "inbox": "inbox",
    "outbox": "outbox",
}


class Nouns(TyperGroup):
    """The commands of `NOUNS`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in NOUNS else None


def load(name: str) -> Any:
    """The command `name`: a module's `app`, or what its `register` adds to one."""
    module = import_module(f"bot.cli.{NOUNS[name]}")
    holder = typer.Typer(rich_markup_mode=None, add_completion=False)
    holder.callback()(_nothing)
    if hasattr(module, "app"):
        holder.add_typer(module.app)
    else:
        module.register(holder)
    commands: dict[str, Any] = get_command(holder).commands  # type: ignore[attr-defined]
    return commands[name]


def _nothing() -> None:
    """A callback makes typer keep a single command as a command of a group."""
