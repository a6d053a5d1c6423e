"""Every sentence of the pages, by key, in both languages."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def words(language: str) -> Mapping[str, str]:
    text = (resources.files("admin.pages") / "words" / f"{language}.toml").read_text("utf-8")
    loaded: dict[str, str] = tomllib.loads(text)
    return loaded
