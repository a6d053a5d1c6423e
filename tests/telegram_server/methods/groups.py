"""Chats, their members, and the topics of forums."""

from tests.telegram_server.calls import Call
from tests.telegram_server.chats import Chat, Topic
from tests.telegram_server.values import Json, bad_request
from tests.telegram_server.world import BOT_ID, Method, World


def get_chat(world: World, call: Call) -> Json:
    chat = world.get_chat(call.chat_id)
    return chat.full_facts() | ({"pinned_message": chat.messages[chat.pinned[-1]]} if chat.pinned else {})


def get_member(world: World, call: Call) -> Json:
    chat = world.get_chat(call.chat_id)
    user_id = call.number("user_id")
    if user_id not in chat.members:
        raise bad_request("user not found")
    return chat.members[user_id].facts()


def list_administrators(world: World, call: Call) -> list[Json]:
    chat = world.get_chat(call.chat_id)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    return [member.facts() for member in chat.members.values() if member.status in {"creator", "administrator"}]


def count_members(world: World, call: Call) -> int:
    return len(world.get_chat(call.chat_id).members)


def leave_chat(world: World, call: Call) -> bool:
    chat = world.get_chat(call.chat_id)
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[BOT_ID].status = "left"
    chat.barrier = f"Forbidden: bot is not a member of the {chat.type} chat"
    return True


def forum_of(world: World, call: Call) -> Chat:
    """The chat, if it is a forum in which the bot may manage topics. Raises ApiError 400."""
    chat = world.get_chat(call.chat_id)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    chat.check_right(BOT_ID, "can_manage_topics", "not enough rights to manage topics")
    return chat


def topic_of(world: World, call: Call) -> Topic:
    return forum_of(world, call).get_topic(call.number("message_thread_id"))


def create_topic(world: World, call: Call) -> Json:
    chat = forum_of(world, call)
    if not 1 <= len(call.text("name")) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY")
    topic = world.open_topic(chat, world.bot_user, call.text("name"), call.number_or("icon_color", 7322096))
    topic.icon = call.text("icon_custom_emoji_id")
    return topic.facts()


def edit_topic(world: World, call: Call) -> bool:
    """What is not said stays as it is."""
    topic = topic_of(world, call)
    name, icon = call.text("name") or topic.name, str(call.params.get("icon_custom_emoji_id", topic.icon))
    if len(name) > 128:
        raise bad_request("TOPIC_TITLE_INVALID")
    if (name, icon) == (topic.name, topic.icon):
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name, topic.icon = name, icon
    announce(world, call, {"forum_topic_edited": {"name": name}})
    return True


def close_topic(world: World, call: Call) -> bool:
    return set_closed(world, call, True, {"forum_topic_closed": {}})


def reopen_topic(world: World, call: Call) -> bool:
    return set_closed(world, call, False, {"forum_topic_reopened": {}})


def set_closed(world: World, call: Call, is_closed: bool, announcement: Json) -> bool:
    topic = topic_of(world, call)
    if topic.is_closed is is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = is_closed
    announce(world, call, announcement)
    return True


def announce(world: World, call: Call, content: Json) -> None:
    """Each change of a topic leaves a line in it."""
    world.post_as_bot(call, content)


def delete_topic(world: World, call: Call) -> bool:
    topic = topic_of(world, call)
    world.get_chat(call.chat_id).forget_topic(topic.thread_id)
    return True


METHODS: dict[str, Method] = {
    "getChat": get_chat,
    "getChatMember": get_member,
    "getChatAdministrators": list_administrators,
    "getChatMemberCount": count_members,
    "leaveChat": leave_chat,
    "createForumTopic": create_topic,
    "editForumTopic": edit_topic,
    "closeForumTopic": close_topic,
    "reopenForumTopic": reopen_topic,
    "deleteForumTopic": delete_topic,
}
