"""Every sentence that customers read."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import conversations
from conversations.texts import LANGUAGES, Texts, UnknownText
from core.shop_facts import SLOTS, Localised, ShopFacts

TEXTS = Texts.shipped()
ROOT = Path(conversations.__file__).parent.parent
ENGINE = ("conversations",)
SPEAKERS = ("conversations", "bot", "admin", "scheduler")


def test_both_languages_have_every_sentence_with_the_same_slots() -> None:
    for key, by_language in TEXTS.by_key.items():
        assert set(by_language) == set(LANGUAGES), key
        slots = [set(re.findall(r"\{(.*?)\}", sentence)) - SLOTS for sentence in by_language.values()]
        assert slots[0] == slots[1], key


def test_the_tone_holds() -> None:
    """The rules of words.md: no exclamation marks, no 亲 as an address, no "unfortunately", no "valued customer"."""
    for key, by_language in TEXTS.by_key.items():
        for sentence in by_language.values():
            assert not re.search(r"[!！]|亲爱|^亲|unfortunately|valued|dear ", sentence, re.IGNORECASE), key
        assert "你" not in by_language["zh"], key


def test_no_sentence_carries_an_emoji() -> None:
    for key, by_language in TEXTS.by_key.items():
        assert not any(ord(sign) >= 0x1F000 for sentence in by_language.values() for sign in sentence), key


def _keys_in_the_code(rooms: Sequence[str]) -> set[str]:
    """Literals of the product's code that look like a text key."""
    areas = {key.split(".")[0] for key in TEXTS.by_key}
    found = set()
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py") if not path.name.endswith("models.py")]
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            area, dot, rest = node.value.partition(".")
            if dot and area in areas and re.fullmatch(r"[a-z_]*[a-z]", rest):
                found.add(node.value)
    return found


def test_every_key_in_the_code_has_its_sentence() -> None:
    assert _keys_in_the_code(ENGINE) - set(TEXTS.by_key) == set()


def test_every_sentence_is_used() -> None:
    built = {"answer.only_zh", "answer.only_en"}
    built |= {key for key in TEXTS.by_key if key.startswith(("shop.", "button.", "telegram."))}
    assert set(TEXTS.by_key) - _keys_in_the_code(SPEAKERS) - built == set()


def test_a_shops_own_wording_is_used_and_the_other_language_stays() -> None:
    shop = ShopFacts(name=Localised(zh="西湖春"), texts={"small_talk.thanks": Localised(zh="{shop}谢谢您")})
    assert TEXTS.voice("zh", shop).say("small_talk.thanks") == "西湖春谢谢您"
    assert TEXTS.voice("en", shop).say("small_talk.thanks").startswith("You're welcome")


@pytest.mark.parametrize(
    ("key", "sentence", "path"),
    [
        ("small_talk.thank", "谢谢", "texts.small_talk.thank"),  # no such key
        ("choice.out_of_range", "1 到 {number}", "texts.choice.out_of_range.zh"),  # no such placeholder there
        ("small_talk.thanks", "{count}", "texts.small_talk.thanks.zh"),  # another sentence's placeholder
        ("small_talk.thanks", "{shop.__class__}", "texts.small_talk.thanks.zh"),  # code is no placeholder
    ],
)
def test_an_unknown_key_or_placeholder_is_refused_by_name(key: str, sentence: str, path: str) -> None:
    with pytest.raises(UnknownText) as refused:
        TEXTS.check_overrides({key: Localised(zh=sentence)})
    assert [field["path"] for field in refused.value.data["fields"]] == [path]  # type: ignore[attr-defined]


def test_a_good_override_passes_and_is_said() -> None:
    own = {"choice.out_of_range": Localised(zh="{shop}：1 到 {count}", en="1 to {count}")}
    TEXTS.check_overrides(own)
    shop = ShopFacts(name=Localised(zh="茶铺"), texts=own)
    assert TEXTS.voice("zh", shop).say("choice.out_of_range", count="3") == "茶铺：1 到 3"


def test_what_customers_write_is_never_read_as_a_slot() -> None:
    said = TEXTS.voice("zh", ShopFacts()).say("answer.text", answer="价格 {shop} {x} {}")
    assert said == "价格 {shop} {x} {}"
