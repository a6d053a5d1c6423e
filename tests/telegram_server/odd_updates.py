"""Updates as no documentation foresees them: what Telegram may send one day, and what it should never send."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from tests.telegram_server.values import Json

ODD_VALUES: tuple[Any, ...] = (
    None, "", "x", 0, -1, 2**63, 1.5, True, [], {}, [[]], {"type": "of tomorrow"}, "\u0000", "\ud83d", "9" * 400,
)  # fmt: skip


def unknown_kind() -> Json:
    """A kind of update that is yet to be invented."""
    return {"telepathy": {"from": {"id": 7, "is_bot": False, "first_name": "Anna"}, "thought": "tea"}}


def unknown_enum(chat_id: int) -> Json:
    """A known kind with a value that a strict decoder refuses."""
    user = {"id": chat_id, "is_bot": False, "first_name": "Anna"}
    chat = {"id": chat_id, "type": "hologram", "first_name": "Anna"}
    return {"message": {"message_id": 1, "date": 1_700_000_000, "from": user, "chat": chat, "text": "tea"}}


def without(content: Json, *path: str) -> Json:
    """The same update without the field at `path`."""
    mutant = copy.deepcopy(content)
    holder = mutant
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    return mutant


def mutants(contents: list[Json], count: int, seed: int = 0) -> Iterator[Json]:
    """`count` damaged copies of good updates (without their numbers): fields lost, replaced, added or nested."""
    dice = random.Random(seed)
    for _ in range(count):
        mutant = copy.deepcopy(dice.choice(contents))
        for _ in range(dice.randint(1, 3)):
            damage(mutant, dice)
        yield mutant


def damage(mutant: Json, dice: random.Random) -> None:
    holder, name = dice.choice(list(list_fields(mutant)) or [(mutant, "of_tomorrow")])
    action = dice.choice(("drop", "replace", "replace", "rename", "nest"))
    value = holder.pop(name, None)
    if action == "replace":
        holder[name] = copy.deepcopy(dice.choice(ODD_VALUES))
    elif action == "rename":
        holder[f"{name}_2"] = value
    elif action == "nest":
        holder[name] = [value] if dice.random() < 0.5 else {"value": value}


def list_fields(value: Any) -> Iterator[tuple[Json, str]]:
    """Every (object, field name) inside a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield value, name
            yield from list_fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_fields(inner)
