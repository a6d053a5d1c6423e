"""Buttons as Telegram carries them: typed callback data of at most 64 bytes, opaque to clients, which may forge it."""

from collections.abc import Sequence

import structlog
from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from conversations.values import Button

log = structlog.get_logger(__name__)

_LONGEST_LABEL = 64
#: Buttons as short as this stand side by side.
_SHORT = 12
_MOST_IN_A_ROW = 3


class ButtonPress(CallbackData, prefix="b", sep="|"):
    """`button` is the engine's own id; whether it is still offered, and to this customer, the engine looks up."""

    button: str


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """The buttons of a new message.

    Telegram asks for a phone number only in place of the keyboard, where other buttons send their words.
    """
    if any(button.asks == "phone" for button in buttons):
        rows = [[KeyboardButton(text=b.label[:_LONGEST_LABEL], request_contact=b.asks == "phone")] for b in buttons]
        return ReplyKeyboardMarkup(keyboard=rows, resize_keyboard=True, one_time_keyboard=True)
    return inline_keyboard(buttons)


def inline_keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons below a message, long ones below each other; None when there are none."""
    shown = [packed for button in buttons if (packed := _pack(button)) is not None]
    if not shown:
        return None
    fit_side_by_side = len(shown) <= _MOST_IN_A_ROW and all(len(button.text) <= _SHORT for button in shown)
    return InlineKeyboardMarkup(inline_keyboard=[shown] if fit_side_by_side else [[button] for button in shown])


def _pack(button: Button) -> InlineKeyboardButton | None:
    try:
        data = ButtonPress(button=button.id).pack()
    except ValueError:
        log.error("telegram.button_too_long", button=button.id)  # its words can be typed all the same
        return None
    return InlineKeyboardButton(text=button.label[:_LONGEST_LABEL] or "·", callback_data=data)


def read_press(data: str) -> str:
    """The engine's id of the pressed button; for what is not ours an id that nothing has."""
    try:
        return ButtonPress.unpack(data).button
    except (ValueError, TypeError):
        return "unknown"
