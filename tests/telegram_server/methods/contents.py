"""What a message is made of: texts, entities, keyboards, replies, each checked as Telegram checks them."""

from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.chats import Chat
from tests.telegram_server.values import Json, bad_request, utf16_length

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_CALLBACK = 64


def text_content(call: Call) -> Json:
    text = call.text("text")
    if not text.strip():
        raise bad_request("message text is empty")
    if utf16_length(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return {"text": text} | entities_of(call.find("entities"), text, "entities")


def caption_content(fields: Json) -> Json:
    caption = fields.get("caption") or ""
    if utf16_length(caption) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    marks = entities_of(fields.get("caption_entities"), caption, "caption_entities")
    return {"caption": caption} | marks if caption else {}


def entities_of(entities: Any, text: str, name: str) -> Json:
    if not entities:
        return {}
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array")
    for entity in entities:
        check_entity(entity, utf16_length(text))
    return {name: entities}


def check_entity(entity: Any, text_length: int) -> None:
    try:
        start, length, kind = int(entity["offset"]), int(entity["length"]), str(entity["type"])
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request(f"can't parse entities: {error}") from error
    if start < 0 or length < 1 or start + length > text_length or not kind:
        raise bad_request(f"can't parse entities: entity at offset {start} ends after the text at {text_length}")


def keyboard_of(call: Call) -> Json:
    markup = call.find("reply_markup")
    if not markup:
        return {}
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    for button in list_buttons(markup):
        check_button(button)
    # Only an inline keyboard stays with the message; the others are shown under the input line.
    return {"reply_markup": markup} if "inline_keyboard" in markup else {}


def list_buttons(markup: Json) -> list[Json]:
    return [button for row in markup.get("inline_keyboard", []) for button in row]


def check_button(button: Json) -> None:
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: Text must be non-empty")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= LONGEST_CALLBACK:
        raise bad_request("BUTTON_DATA_INVALID")
    if len(button) < 2:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def reply_of(call: Call, chat: Chat) -> Json:
    reply = call.find("reply_parameters")
    if not reply:
        return {}
    target = chat.messages.get(reply.get("message_id"))
    if target is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return {"reply_to_message": target} if target else {}
