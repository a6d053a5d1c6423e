"""What a bot may send, and what stands on the screen afterwards."""

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MenuButtonCommands,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyParameters,
)

from tests.telegram_server.clock import ForwardClock
from tests.telegram_server.server import TelegramServer

GROUP = -1001


def keyboard(text: str, data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)]])


async def test_a_message_arrives_with_all_that_belongs_to_it(server: TelegramServer, bot: Bot) -> None:
    question = server.customer(71).says("Where is my tea?")
    sent = await bot.send_message(
        71,
        "On its way",
        entities=[MessageEntity(type="bold", offset=0, length=2)],
        reply_markup=keyboard("Thanks", "t"),
        reply_parameters=ReplyParameters(message_id=question.message_id),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        disable_notification=True,
    )
    (delivery,) = server.log.to(71)
    assert (delivery.text, delivery.message_id) == ("On its way", sent.message_id)
    assert delivery.message["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert delivery.message["reply_to_message"]["text"] == "Where is my tea?"
    assert delivery.params["link_preview_options"] == {"is_disabled": True}
    assert delivery.params["disable_notification"] is True
    assert sent.reply_markup
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "t"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x" * 4096, True),
        ("x" * 4097, False),
        ("😀" * 2048, True),  # two UTF-16 units each
        ("😀" * 2049, False),
        ("茶" * 4096, True),
    ],
)
async def test_4096_utf_16_units_are_the_limit(server: TelegramServer, bot: Bot, text: str, fits: bool) -> None:
    server.customer(71)
    if fits:
        assert (await bot.send_message(71, text)).text == text
    else:
        with pytest.raises(TelegramBadRequest, match="message is too long"):
            await bot.send_message(71, text)


async def test_an_edit_changes_the_screen_and_an_equal_one_is_refused(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    sent = await bot.send_message(71, "On its way")
    await bot.edit_message_text("Delivered", chat_id=71, message_id=sent.message_id)
    assert [message["text"] for message in server.screen(71)] == ["Delivered"]
    assert server.log.texts(71) == ["On its way"]
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("Delivered", chat_id=71, message_id=sent.message_id)


async def test_the_words_of_others_cannot_be_edited(server: TelegramServer, bot: Bot) -> None:
    said = server.customer(71).says("tea")
    with pytest.raises(TelegramBadRequest, match="can't be edited"):
        await bot.edit_message_text("coffee", chat_id=71, message_id=said.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("coffee", chat_id=71, message_id=999)


async def test_a_message_can_be_deleted_for_48_hours(server: TelegramServer, bot: Bot) -> None:
    assert isinstance(server.clock, ForwardClock)
    server.customer(71)
    young, old = [await bot.send_message(71, text) for text in ("young", "old")]
    assert await bot.delete_message(71, young.message_id)
    server.clock.forward(hours=48, seconds=1)
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.delete_message(71, old.message_id)
    assert [message["text"] for message in server.screen(71)] == ["old"]


async def test_files_are_sent_once_and_then_known_by_their_id(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    upload = BufferedInputFile(b"a broken tin", "tin.jpg")
    photo = await bot.send_photo(71, upload, caption="The tin")
    assert photo.photo
    again = await bot.send_photo(71, photo.photo[-1].file_id)
    assert again.photo == photo.photo
    file = await bot.get_file(photo.photo[-1].file_id)
    content = await bot.download_file(file.file_path or "")
    assert content
    assert content.read() == b"a broken tin"
    assert server.log.texts(71) == ["The tin", ""]


async def test_each_kind_of_media_comes_back_as_itself(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    upload = BufferedInputFile(b"content", "file.bin")
    assert (await bot.send_document(71, upload)).document
    assert (await bot.send_voice(71, upload)).voice
    assert (await bot.send_video(71, upload)).video
    assert (await bot.send_video_note(71, upload)).video_note
    assert (await bot.send_sticker(71, upload)).sticker
    assert (await bot.send_audio(71, upload)).audio
    assert (await bot.send_animation(71, upload)).animation


async def test_an_album_is_one_call_and_several_messages(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    pictures = [InputMediaPhoto(media=BufferedInputFile(name.encode(), name), caption=name) for name in ("a", "b")]
    sent = await bot.send_media_group(71, list(pictures))
    assert len({message.media_group_id for message in sent}) == 1
    assert server.log.texts(71) == ["a", "b"]
    assert len(server.log.called("sendMediaGroup")) == 1


async def test_a_file_above_20_mb_cannot_be_fetched(server: TelegramServer, bot: Bot) -> None:
    sent = server.customer(71).sends_file("video", size=21 * 1024 * 1024)
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(sent.message["video"]["file_id"])


async def test_a_copy_has_the_content_without_its_author(server: TelegramServer, bot: Bot) -> None:
    said = server.customer(71).sends_file("photo", caption="The tin")
    server.group(GROUP)
    await bot.copy_message(GROUP, 71, said.message_id)
    (copy,) = server.log.messages(GROUP)
    assert copy.text == "The tin"
    assert copy.message["from"]["is_bot"]
    assert copy.message["photo"] == said.message["photo"]


async def test_a_reaction_a_pin_and_typing_are_in_the_log(server: TelegramServer, bot: Bot) -> None:
    said = server.customer(71).says("tea")
    await bot.send_chat_action(71, "typing")
    await bot.set_message_reaction(71, said.message_id, [ReactionTypeEmoji(emoji="👍")])
    await bot.pin_chat_message(71, said.message_id)
    await bot.unpin_chat_message(71, message_id=said.message_id)
    methods = [delivery.method for delivery in server.log.to(71)]
    assert methods == ["sendChatAction", "setMessageReaction", "pinChatMessage", "unpinChatMessage"]
    assert server.screen(71)[0]["reactions"] == [{"type": "emoji", "emoji": "👍"}]
    assert server.log.texts(71) == []


async def test_the_bot_s_profile_is_kept_by_language(server: TelegramServer, bot: Bot) -> None:
    await bot.set_my_name("Kefu")
    await bot.set_my_name("客服", language_code="zh")
    await bot.set_my_description("Ask us", language_code="en")
    await bot.set_my_short_description("Tea")
    await bot.set_my_commands([BotCommand(command="help", description="Help")], language_code="en")
    await bot.set_my_commands([BotCommand(command="next", description="Next")], scope=BotCommandScopeChat(chat_id=71))
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_my_name("zh")).name == "客服"
    assert (await bot.get_my_name("fr")).name == "Kefu"
    assert (await bot.get_my_commands(language_code="en"))[0].command == "help"
    assert set(server.world.profile["commands"]) == {"default/en", "chat:71/"}
    assert (await bot.get_chat_menu_button()).type == "commands"
    assert (await bot.get_me()).can_read_all_group_messages is False


@pytest.mark.parametrize(
    ("data", "refusal"),
    [("x" * 64, None), ("x" * 65, "BUTTON_DATA_INVALID"), ("茶" * 22, "BUTTON_DATA_INVALID")],  # 64 bytes, not letters
)
async def test_callback_data_has_64_bytes(server: TelegramServer, bot: Bot, data: str, refusal: str | None) -> None:
    server.customer(71)
    if refusal is None:
        await bot.send_message(71, "Choose", reply_markup=keyboard("A", data))
    else:
        with pytest.raises(TelegramBadRequest, match=refusal):
            await bot.send_message(71, "Choose", reply_markup=keyboard("A", data))


async def test_entities_must_lie_inside_the_text(server: TelegramServer, bot: Bot) -> None:
    server.customer(71)
    with pytest.raises(TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(71, "tea", entities=[MessageEntity(type="bold", offset=2, length=2)])
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(71, " ")
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(71, "tea", reply_parameters=ReplyParameters(message_id=9))
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(404, "tea")
