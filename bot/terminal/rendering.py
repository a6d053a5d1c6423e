"""A message as lines of text."""

import re
from collections.abc import Callable
from pathlib import Path

from conversations.models import Message
from conversations.values import Attachment, Author

#: A text as its reader may read it.
ReadText = Callable[[str], str]
#: Finds a kept file by its id.
FindFile = Callable[[str], Path | None]

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def render(message: Message, read: ReadText, find_file: FindFile = lambda file_id: None) -> str:
    """What the person at the terminal sees; empty for their own words. Buttons are numbered, control codes left out.

    `read`: puts the codes of vouchers in. `find_file`: where a file lies on this machine, if it does.
    """
    if message.author is Author.CUSTOMER:
        return ""
    author = message.name or "Kefu"
    text = _LINK.sub(r"\1 <\2>", _BOLD.sub(r"\1", _CONTROL.sub("", read(message.text))))
    buttons = "".join(f"\n  {number}. {button.label}" for number, button in enumerate(message.buttons, 1))
    files = "".join(f"\n  [{_file(attachment, find_file)}]" for attachment in message.attachments)
    return f"{author}: {text}{files}{buttons}"


def _file(attachment: Attachment, find_file: FindFile) -> str:
    path = find_file(attachment.file_id) if attachment.file_id else None
    return f"{attachment.kind}: {path or attachment.name or ''}"
