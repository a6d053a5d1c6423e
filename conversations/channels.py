"""Kinds of channel: push channels are sent to through the outbox; on the others what is committed is delivered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PushChannel:
    """`text_limit` is the longest message, in UTF-16 units, that the channel takes in one piece."""

    text_limit: int


TELEGRAM = "telegram"
TEST = "test"
WEB = "web"
HTTP = "http"
TERMINAL = "terminal"

PUSH_CHANNELS = {TELEGRAM: PushChannel(text_limit=4096), TEST: PushChannel(text_limit=4096)}
