"""Why something is as it is: a stable key for scripts, a sentence for people."""

from collections.abc import Mapping

from pydantic import BaseModel, Field


class BecauseShape(BaseModel):
    key: str = Field(examples=["blocked"])
    values: dict[str, str]
    text: str = Field(examples=["the customer has blocked the shop on this channel"])


_DELIVERY_REASONS: Mapping[str, Mapping[str, str]] = {
    "blocked": {"zh": "顾客在这个渠道上屏蔽了店铺", "en": "the customer has blocked the shop on this channel"},
    "dismissed": {"zh": "同事决定不再发送", "en": "a colleague gave it up"},
    "expired": {"zh": "过了有效时间", "en": "its time had passed"},
    "not_composed": {"zh": "这条消息写不出来，原因在日志里", "en": "it could not be put into words; the log says why"},
    "not_written": {"zh": "一直连不上这个渠道", "en": "the channel could not be reached"},
    "overtaken": {
        "zh": "当时没发出去，后面的话已经先到了",
        "en": "it was not sent in time, and later words have arrived",
    },
    "sender_stopped": {
        "zh": "发送中程序停了，不知道是否送到",
        "en": "the program stopped while sending; it may have arrived",
    },
    "with_person": {
        "zh": "同事已经接手，机器人的话不再发送",
        "en": "a person took over before the bot's words went out",
    },
}


def delivery_reason(key: str | None, language: str) -> BecauseShape | None:
    """The reason in `language`; one that a channel gave in its own words stands for itself."""
    if key is None:
        return None
    return BecauseShape(key=key, values={}, text=_DELIVERY_REASONS.get(key, {}).get(language, key.replace("_", " ")))
