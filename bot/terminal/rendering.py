"""A message as lines of text."""

import re

from conversations.models import Message
from conversations.values import Author

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def render(message: Message) -> str:
    """What the person at the terminal sees; empty for their own words. Buttons are numbered, control codes left out."""
    if message.author is Author.CUSTOMER:
        return ""
    author = message.name or "Kefu"
    text = _LINK.sub(r"\1 <\2>", _BOLD.sub(r"\1", _CONTROL.sub("", message.text)))
    buttons = "".join(f"\n  {number}. {button.label}" for number, button in enumerate(message.buttons, 1))
    files = "".join(f"\n  [{attachment.kind}: {attachment.name or ''}]" for attachment in message.attachments)
    return f"{author}: {text}{files}{buttons}"
