"""What the bot says about itself, in each language: name, descriptions, commands, menu button."""

from collections.abc import Callable

from tests.telegram_server.calls import Call
from tests.telegram_server.values import Json, bad_request
from tests.telegram_server.world import Method, World

_LONGEST = {"name": 64, "description": 512, "short_description": 120}


def get_me(world: World, call: Call) -> Json:
    return world.bot


def setter_of(fact: str) -> Callable[[World, Call], bool]:
    def set_fact(world: World, call: Call) -> bool:
        if len(call.text(fact)) > _LONGEST[fact]:
            raise bad_request(f"{fact.upper()}_TOO_LONG")
        world.profile.setdefault(fact, {})[call.text("language_code")] = call.text(fact)
        return True

    return set_fact


def getter_of(fact: str) -> Callable[[World, Call], Json]:
    def get_fact(world: World, call: Call) -> Json:
        texts = world.profile.get(fact, {})
        return {fact: texts.get(call.text("language_code")) or texts.get("", "")}

    return get_fact


def set_commands(world: World, call: Call) -> bool:
    for command in call.items("commands"):
        if not 1 <= len(command["command"]) <= 32 or not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_INVALID")
    world.profile.setdefault("commands", {})[commands_key(call)] = call.items("commands")
    return True


def get_commands(world: World, call: Call) -> list[Json]:
    commands: list[Json] = world.profile.get("commands", {}).get(commands_key(call), [])
    return commands


def delete_commands(world: World, call: Call) -> bool:
    world.profile.get("commands", {}).pop(commands_key(call), None)
    return True


def commands_key(call: Call) -> str:
    """Commands are kept by scope and language: `default/zh`, `chat:-1005/`."""
    scope = call.find("scope") or {"type": "default"}
    place = f":{scope['chat_id']}" if "chat_id" in scope else ""
    return f"{scope['type']}{place}/{call.text('language_code')}"


def set_menu_button(world: World, call: Call) -> bool:
    world.profile.setdefault("menu_button", {})[str(call.chat_id or "")] = call.find("menu_button")
    return True


def get_menu_button(world: World, call: Call) -> Json:
    button: Json | None = world.profile.get("menu_button", {}).get(str(call.chat_id or ""))
    return button or {"type": "default"}


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "setMyName": setter_of("name"),
    "getMyName": getter_of("name"),
    "setMyDescription": setter_of("description"),
    "getMyDescription": getter_of("description"),
    "setMyShortDescription": setter_of("short_description"),
    "getMyShortDescription": getter_of("short_description"),
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
}
