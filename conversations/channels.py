"""Kinds of channel: push channels are sent to through the outbox; on the others what is committed is delivered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PushChannel:
    """What the channel takes in one piece: `text_limit` is the longest message and `caption_limit` the longest text
    below a picture or file, in UTF-16 units (0: none); `album_limit` is how many files may come as one message;
    `shares_phone`: a button can ask for the writer's own number.
    """

    text_limit: int
    caption_limit: int = 0
    album_limit: int = 1
    shares_phone: bool = False


TELEGRAM = "telegram"
TEST = "test"
WEB = "web"
HTTP = "http"
TERMINAL = "terminal"

PUSH_CHANNELS = {
    TELEGRAM: PushChannel(text_limit=4096, caption_limit=1024, album_limit=10, shares_phone=True),
    TEST: PushChannel(text_limit=4096),
}
