"""How buttons look in Telegram."""

from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.telegram.buttons import keyboard
from conversations.values import Button


def test_buttons_stand_below_the_message() -> None:
    shown = keyboard([Button(id="yes:1:0", label="Yes"), Button(id="no:1:1", label="No")])
    assert isinstance(shown, InlineKeyboardMarkup)
    assert [button.text for button in shown.inline_keyboard[0]] == ["Yes", "No"]


def test_one_that_asks_for_the_phone_number_takes_the_place_of_the_keyboard_and_goes_away_with_its_use() -> None:
    shown = keyboard([Button(id="a:1:0", label="Send my number", asks="phone"), Button(id="b:1:1", label="No, thanks")])
    assert isinstance(shown, ReplyKeyboardMarkup)
    asked, other = (row[0] for row in shown.keyboard)
    assert (asked.text, asked.request_contact, other.request_contact) == ("Send my number", True, False)
    assert shown.one_time_keyboard


def test_without_buttons_there_is_no_keyboard() -> None:
    assert keyboard([]) is None
