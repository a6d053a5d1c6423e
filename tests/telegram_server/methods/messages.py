"""Messages of the bot: sent, changed, deleted, pinned, marked."""

from datetime import timedelta

from tests.telegram_server.calls import Call
from tests.telegram_server.faults import REFUSALS, FaultKind
from tests.telegram_server.methods.contents import caption_content, keyboard_of, reply_of, text_content
from tests.telegram_server.values import ApiError, Json, bad_request
from tests.telegram_server.world import BOT_ID, Method, World

DELETABLE_FOR = timedelta(hours=48)
CAPTIONED = ("photo", "document", "voice", "video", "audio", "animation")
#: The emoji of one sign with which one may react; a check mark is not among them.
REACTIONS = frozenset(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕"
    "😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)


def send(world: World, call: Call, content: Json) -> Json:
    around = keyboard_of(call) | reply_of(call, world.get_chat(call.chat_id))
    return world.post_as_bot(call, content | around)


def send_message(world: World, call: Call) -> Json:
    world.get_chat(call.chat_id)
    return send(world, call, text_content(call))


def send_location(world: World, call: Call) -> Json:
    place = {name: float(call.text(name)) for name in ("latitude", "longitude")}
    return send(world, call, {"location": place})


def send_contact(world: World, call: Call) -> Json:
    return send(world, call, {"contact": {name: call.text(name) for name in ("phone_number", "first_name")}})


def edit_text(world: World, call: Call) -> Json:
    return edit(world, call, text_content(call) | keyboard_of(call), drop={"text", "entities", "reply_markup"})


def edit_caption(world: World, call: Call) -> Json:
    drop = {"caption", "caption_entities", "reply_markup"}
    return edit(world, call, caption_content(call.params) | keyboard_of(call), drop)


def edit_keyboard(world: World, call: Call) -> Json:
    return edit(world, call, keyboard_of(call), drop={"reply_markup"})


def edit(world: World, call: Call, content: Json, drop: set[str]) -> Json:
    chat = world.get_chat(call.chat_id)
    old = chat.get_message(call.find("message_id"), "edit")
    if old["from"]["id"] != BOT_ID:
        raise bad_request("message can't be edited")
    check_kind(old, content)
    new = {name: value for name, value in old.items() if name not in drop} | content
    if new == old:
        raise REFUSALS[FaultKind.NOT_MODIFIED]
    new["edit_date"] = world.date()
    chat.messages[new["message_id"]] = new
    return new


def check_kind(old: Json, content: Json) -> None:
    """Words by themselves and words below a file are edited by different methods."""
    has_file = any(name in old for name in CAPTIONED)
    if "text" in content and has_file:
        raise bad_request("there is no text in the message to edit")
    if "caption" in content and not has_file:
        raise bad_request("there is no caption in the message to edit")


def delete_message(world: World, call: Call) -> bool:
    chat = world.get_chat(call.chat_id)
    message = chat.get_message(call.find("message_id"), "delete")
    check_age(world, message)
    if chat.is_group and message["from"]["id"] != BOT_ID:
        chat.check_right(BOT_ID, "can_delete_messages", "message can't be deleted")
    del chat.messages[message["message_id"]]
    return True


def check_age(world: World, message: Json) -> None:
    if world.date() - message["date"] > DELETABLE_FOR.total_seconds():
        raise bad_request("message can't be deleted for everyone")


def delete_messages(world: World, call: Call) -> bool:
    """Those that are there; what is gone is passed over."""
    chat = world.get_chat(call.chat_id)
    wanted = call.items("message_ids")
    if not 1 <= len(wanted) <= 100:
        raise bad_request("wrong number of message identifiers specified")
    found = [message_id for message_id in wanted if message_id in chat.messages]
    for message_id in found:
        check_age(world, chat.messages[message_id])
    for message_id in found:
        del chat.messages[message_id]
    return True


def copy_message(world: World, call: Call) -> Json:
    source = world.get_chat(call.find("from_chat_id")).get_message(call.find("message_id"), "copy")
    about = {"message_id", "from", "chat", "date", "edit_date", "message_thread_id", "is_topic_message"}
    left_out = about | {"reply_to_message", "reply_markup", "media_group_id"}
    content = {name: value for name, value in source.items() if name not in left_out}
    return {"message_id": send(world, call, content | caption_content(call.params))["message_id"]}


def set_reaction(world: World, call: Call) -> bool:
    chat = world.get_chat(call.chat_id)
    message = chat.get_message(call.find("message_id"), "react")
    if any(each.get("type") == "emoji" and each.get("emoji") not in REACTIONS for each in call.items("reaction")):
        raise bad_request("REACTION_INVALID")
    chat.messages[message["message_id"]] = message | {"reactions": call.items("reaction")}
    return True


def pin_message(world: World, call: Call) -> bool:
    chat = world.get_chat(call.chat_id)
    message = chat.get_message(call.find("message_id"), "pin")
    if chat.is_group:
        chat.check_right(BOT_ID, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    chat.pinned.append(message["message_id"])
    return True


def unpin_message(world: World, call: Call) -> bool:
    chat = world.get_chat(call.chat_id)
    message_id = call.find("message_id") or (chat.pinned[-1] if chat.pinned else None)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def send_chat_action(world: World, call: Call) -> bool:
    world.get_chat(call.chat_id).check_thread(call.find("message_thread_id"), BOT_ID)
    if not call.text("action"):
        raise bad_request("wrong parameter action in request")
    return True


def answer_press(world: World, call: Call) -> bool:
    """A press can be answered for 150 seconds."""
    press = world.presses.get(call.text("callback_query_id"))
    if press is None or world.clock.now() - press.at > timedelta(seconds=150):
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    press.answers.append(call.params)
    return True


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendContact": send_contact,
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_keyboard,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "copyMessage": copy_message,
    "setMessageReaction": set_reaction,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "sendChatAction": send_chat_action,
    "answerCallbackQuery": answer_press,
}
