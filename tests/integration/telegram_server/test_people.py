"""What people do reaches the bot as updates that aiogram understands."""

from typing import cast

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReactionTypeEmoji, Update

from tests.telegram_server.clock import ForwardClock
from tests.telegram_server.server import TelegramServer

GROUP = -1001


async def read(bot: Bot) -> list[Update]:
    """All that waits, confirmed."""
    updates = await bot.get_updates(allowed_updates=["message", "edited_message", "callback_query", "my_chat_member"])
    await bot.get_updates(offset=-1 if not updates else updates[-1].update_id + 1)
    return updates


async def test_everything_a_customer_can_send(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    anna.says("/start CODE")
    for kind in ("photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker"):
        anna.sends_file(kind)
    anna.sends_album([b"one", b"two"], caption="broken")
    anna.sends_contact("+8613800000000")
    anna.sends_location(31.2, 121.5)
    messages = [update.message for update in await read(bot) if update.message]
    kinds = [message.content_type for message in messages]
    files = ["photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker"]
    assert kinds == ["text", *files, "photo", "photo", "contact", "location"]
    assert messages[0].entities
    assert messages[0].entities[0].extract_from(messages[0].text or "") == "/start"
    assert messages[9].media_group_id == messages[10].media_group_id
    assert messages[11].contact
    assert messages[11].contact.user_id == 71


async def test_an_edited_message_keeps_its_number(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    said = anna.says("gren tea")
    anna.edits(said.message_id, "green tea")
    edited = (await read(bot))[-1].edited_message
    assert edited
    assert (edited.message_id, edited.text) == (said.message_id, "green tea")


async def test_a_button_on_the_screen_can_be_pressed_and_answered_for_150_seconds(
    server: TelegramServer, bot: Bot
) -> None:
    assert isinstance(server.clock, ForwardClock)
    anna = server.customer(71)
    buttons = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="y1")]])
    await bot.send_message(71, "Was this useful?", reply_markup=buttons)
    first, second = anna.presses("Yes"), anna.presses("y1")
    queries = [update.callback_query for update in await read(bot) if update.callback_query]
    assert [(query.id, query.data) for query in queries] == [(first, "y1"), (second, "y1")]
    await bot.answer_callback_query(first)
    server.clock.forward(seconds=151)
    with pytest.raises(
        TelegramBadRequest, match="query is too old and response timeout expired or query ID is invalid"
    ):
        await bot.answer_callback_query(second)
    assert len(server.world.presses[first].answers) == 1
    with pytest.raises(LookupError):
        anna.presses("No")


async def test_who_blocks_the_bot_gets_nothing_until_it_is_unblocked(server: TelegramServer, bot: Bot) -> None:
    anna = server.customer(71)
    anna.blocks_bot()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(71, "tea")
    anna.unblocks_bot()
    await bot.send_message(71, "tea")
    changes = [update.my_chat_member for update in await read(bot) if update.my_chat_member]
    assert [change.new_chat_member.status for change in changes] == ["kicked", "member"]


async def test_a_forum_has_topics_with_a_life_of_their_own(server: TelegramServer, bot: Bot) -> None:
    server.group(GROUP, is_forum=True)
    li = server.member(GROUP, 5, "Li")
    topic = await bot.create_forum_topic(GROUP, "#1042 Anna")
    thread = topic.message_thread_id
    await bot.send_message(GROUP, "A broken tin", message_thread_id=thread)
    li.says("I take it", thread=thread)
    await bot.edit_forum_topic(GROUP, thread, name="#1042 Anna · Li")
    await bot.close_forum_topic(GROUP, thread)
    with pytest.raises(TelegramBadRequest, match="TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(GROUP, thread)
    await bot.reopen_forum_topic(GROUP, thread)
    (update,) = await read(bot)
    assert update.message
    assert (update.message.message_thread_id, update.message.is_topic_message) == (thread, True)
    li.deletes_topic(thread)
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(GROUP, "lost", message_thread_id=thread)


async def test_every_call_for_a_topic_that_was_deleted_by_hand_says_so(server: TelegramServer, bot: Bot) -> None:
    server.group(GROUP, is_forum=True)
    thread = (await bot.create_forum_topic(GROUP, "#1042")).message_thread_id
    card = await bot.send_message(GROUP, "A broken tin", message_thread_id=thread)
    server.member(GROUP, 5).deletes_topic(thread)
    for call in (
        bot.edit_forum_topic(GROUP, thread, name="#1042 Li"),
        bot.close_forum_topic(GROUP, thread),
        bot.reopen_forum_topic(GROUP, thread),
        bot.delete_forum_topic(GROUP, thread),
    ):
        with pytest.raises(TelegramBadRequest, match="TOPIC_ID_INVALID"):
            await call
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("A mended tin", chat_id=GROUP, message_id=card.message_id)
    with pytest.raises(TelegramBadRequest, match="message to pin not found"):
        await bot.pin_chat_message(GROUP, card.message_id)


async def test_a_closed_topic_is_open_to_who_manages_topics(server: TelegramServer, bot: Bot) -> None:
    server.group(GROUP, is_forum=True)
    li = server.member(GROUP, 5)
    thread = (await bot.create_forum_topic(GROUP, "#1042")).message_thread_id
    await bot.close_forum_topic(GROUP, thread)
    await bot.send_message(GROUP, "resolved", message_thread_id=thread)
    li.promotes_bot("can_pin_messages")
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await bot.send_message(GROUP, "more", message_thread_id=thread)
    li.switches_topics(False)
    with pytest.raises(TelegramBadRequest, match="not a forum"):
        await bot.create_forum_topic(GROUP, "#1043")


async def test_an_anonymous_administrator_writes_as_the_group_and_presses_as_herself(
    server: TelegramServer, bot: Bot
) -> None:
    server.group(GROUP)
    li = server.member(GROUP, 5, "Li", status="administrator", anonymous=True)
    li.says("I take it")
    li.presses_data("take", 1)
    said, pressed = await read(bot)
    assert said.message
    assert said.message.from_user
    assert said.message.sender_chat
    assert pressed.callback_query
    assert (said.message.from_user.username, said.message.sender_chat.id) == ("GroupAnonymousBot", GROUP)
    assert pressed.callback_query.from_user.id == 5
    administrators = await bot.get_chat_administrators(GROUP)
    assert [getattr(member, "is_anonymous", None) for member in administrators if member.user.id == 5] == [True]


async def test_reactions_go_both_ways_and_a_check_mark_is_none(server: TelegramServer, bot: Bot) -> None:
    server.group(GROUP)
    done = server.member(GROUP, 5).says("It has gone out")
    await bot.set_message_reaction(GROUP, done.message_id, [ReactionTypeEmoji(emoji="👍")])
    assert server.screen(GROUP)[-1]["reactions"] == [{"type": "emoji", "emoji": "👍"}]
    with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
        await bot.set_message_reaction(GROUP, done.message_id, [ReactionTypeEmoji(emoji="✅")])
    server.updates.allow(["message_reaction"])
    server.member(GROUP, 6).reacts(done.message_id, "👀")
    reactions = [update.message_reaction for update in await bot.get_updates() if update.message_reaction]
    assert [reaction.message_id for reaction in reactions] == [done.message_id]


async def test_rights_members_and_leaving(server: TelegramServer, bot: Bot) -> None:
    server.group(GROUP, "Desk", is_forum=True, bot="member")
    server.member(GROUP, 5, "Li", status="creator")
    assert (await bot.get_chat(GROUP)).is_forum
    assert [member.user.first_name for member in await bot.get_chat_administrators(GROUP)] == ["Li"]
    assert (await bot.get_chat_member(GROUP, bot.id)).status == "member"
    with pytest.raises(TelegramBadRequest, match="not enough rights"):
        await bot.create_forum_topic(GROUP, "#1")
    await bot.leave_chat(GROUP)
    with pytest.raises(TelegramForbiddenError, match="not a member"):
        await bot.send_message(GROUP, "tea")


async def test_a_member_with_privacy_mode_hears_commands_answers_and_service_lines_only(
    server: TelegramServer, bot: Bot
) -> None:
    server.group(GROUP, bot="member")
    li = server.member(GROUP, 5, "Li")
    post = await bot.send_message(GROUP, "Hello")
    acts = [
        li.joins(),
        li.says("just talk"),
        li.says("/desk CODE"),
        li.says("yes?", reply_to=post.message_id),
        li.leaves(),
    ]
    assert [act.update_id is not None for act in acts] == [True, False, True, True, True]
    server.world.bot["can_read_all_group_messages"] = True
    assert li.says("just talk").update_id is not None
    assert len(await read(bot)) == 5


async def test_a_group_that_grows_moves_to_another_id(server: TelegramServer, bot: Bot) -> None:
    server.group(-5, "Desk")
    li = server.member(-5, 5, "Li")
    server.upgrade(-5, GROUP, li)
    with pytest.raises(TelegramMigrateToChat) as refusal:
        await bot.send_message(-5, "tea")
    assert refusal.value.migrate_to_chat_id == GROUP
    await bot.send_message(GROUP, "tea")
    messages = [update.message for update in await read(bot) if update.message]
    assert [(m.chat.id, m.migrate_to_chat_id, m.migrate_from_chat_id) for m in messages] == [
        (-5, GROUP, None),
        (GROUP, None, -5),
    ]


async def test_numbers_may_start_anywhere_after_a_quiet_week(server: TelegramServer, bot: Bot) -> None:
    high = cast(int, server.customer(71).says("before").update_id)
    await read(bot)
    server.updates.next_id = 17
    server.customer(71).says("after")
    assert [update.update_id for update in await bot.get_updates()] == [17]
    assert high > 17
