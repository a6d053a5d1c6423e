"""Time zones as people name them. Pure."""

from functools import cache
from zoneinfo import available_timezones

from conversations.phrases import bare

_CHINA = "Asia/Shanghai"
#: Places whose zone has another name, and Chinese names of places; 北京, 上海 and the like are one zone.
_PLACES = {
    "北京": _CHINA, "上海": _CHINA, "杭州": _CHINA, "广州": _CHINA, "深圳": _CHINA, "成都": _CHINA, "中国": _CHINA,
    "beijing": _CHINA, "china": _CHINA, "hangzhou": _CHINA, "shenzhen": _CHINA, "guangzhou": _CHINA,
    "香港": "Asia/Hong_Kong", "澳门": "Asia/Macau", "台北": "Asia/Taipei", "台湾": "Asia/Taipei",
    "新加坡": "Asia/Singapore", "吉隆坡": "Asia/Kuala_Lumpur", "东京": "Asia/Tokyo", "日本": "Asia/Tokyo",
    "首尔": "Asia/Seoul", "韩国": "Asia/Seoul",
    "曼谷": "Asia/Bangkok", "迪拜": "Asia/Dubai", "悉尼": "Australia/Sydney",
    "墨尔本": "Australia/Melbourne", "伦敦": "Europe/London", "英国": "Europe/London", "uk": "Europe/London",
    "england": "Europe/London", "巴黎": "Europe/Paris", "法国": "Europe/Paris", "柏林": "Europe/Berlin",

    "德国": "Europe/Berlin", "莫斯科": "Europe/Moscow", "纽约": "America/New_York", "波士顿": "America/New_York",
    "芝加哥": "America/Chicago", "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "西雅图": "America/Los_Angeles",
    "boston": "America/New_York", "多伦多": "America/Toronto", "温哥华": "America/Vancouver",
}  # fmt: skip


def find_zone(text: str) -> str | None:
    """The zone of a place (`London`, 上海, `America/New_York`); None for a place that is not known."""
    said = bare(text)
    return _PLACES.get(said) or _by_name().get(said.replace(" ", "_"))


@cache
def _by_name() -> dict[str, str]:
    """Whole names and cities, folded."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    cities = {name.rpartition("/")[2].lower(): name for name in reversed(names)}
    return cities | {name.lower(): name for name in names}
