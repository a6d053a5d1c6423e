"""Long texts reach the customer in order and whole, with their formatting unbroken."""

import random

import pytest

from conversations.formatted import Entity, FormattedText, utf16_length
from conversations.splitting import split

# text, entities as (offset, length), limit, the pieces
TABLE: list[tuple[str, list[tuple[int, int]], int, list[str]]] = [
    ("short", [], 10, ["short"]),
    ("exactly ten", [], 11, ["exactly ten"]),
    # a paragraph ends before a line, a line before a sentence, a sentence before a word
    ("one two.\n\nthree. four", [], 16, ["one two.\n\n", "three. four"]),
    ("one two.\nthree. four", [], 16, ["one two.\n", "three. four"]),
    ("One two. Three four", [], 13, ["One two. ", "Three four"]),
    ("one two three four", [], 12, ["one two ", "three four"]),
    ("茶罐破了。茶叶也碎了。怎么办？", [], 12, ["茶罐破了。茶叶也碎了。", "怎么办？"]),
    # a break in the first half is no reason for a short piece
    ("a. bcdefghijklmnop", [], 10, ["a. bcdefgh", "ijklmnop"]),
    # no break at all
    ("abcdefghij", [], 4, ["abcd", "efgh", "ij"]),
    # an entity across the cut goes to the next piece as a whole
    ("abcd [link] x", [(5, 6)], 8, ["abcd ", "[link] x"]),
    # two entities that touch may be parted
    ("aaaabbbb", [(0, 4), (4, 4)], 6, ["aaaa", "bbbb"]),
    # nested entities: outside the outer one
    ("ab cdefgh", [(3, 6), (4, 2)], 7, ["ab ", "cdefgh"]),
    # an entity longer than a message has to be cut, at a break
    ("aaaa bbbb cccc", [(0, 14)], 8, ["aaaa ", "bbbb ", "cccc"]),
    # an emoji is two units and is not torn apart
    ("😀😀😀", [], 5, ["😀😀", "😀"]),
    # a family, a flag, an accent and a skin tone stay together
    ("abc👩‍👧", [], 5, ["abc", "👩‍👧"]),
    ("abcd🇨🇳", [], 6, ["abcd", "🇨🇳"]),
    ("ab🇨🇳🇬🇧", [], 8, ["ab🇨🇳", "🇬🇧"]),
    ("abce\u0301f", [], 4, ["abc", "e\u0301f"]),
    ("abc👍🏽", [], 5, ["abc", "👍🏽"]),
    # white space alone is no message
    ("abcd      ", [], 4, ["abcd"]),
    ("   ", [], 4, []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "spans", "limit", "pieces"), TABLE)
def test_a_text_is_cut_where_a_reader_would_pause(
    text: str, spans: list[tuple[int, int]], limit: int, pieces: list[str]
) -> None:
    entities = tuple(Entity("bold", offset, length) for offset, length in spans)
    assert [piece.text for piece in split(FormattedText(text, entities), limit)] == pieces


def covered(message: FormattedText, entity: Entity) -> str:
    raw = message.text.encode("utf-16-le")
    return raw[2 * entity.offset : 2 * entity.end].decode("utf-16-le")


def test_entities_cover_the_same_words_after_the_cut() -> None:
    text = "😀 bold words here, and a link behind them"
    bold, link = Entity("bold", 3, 10), Entity("text_link", 26, 4, url="https://shop.example")
    pieces = split(FormattedText(text, (bold, link)), 22)
    found = [(entity.type, entity.url, covered(piece, entity)) for piece in pieces for entity in piece.entities]
    assert found == [("bold", None, "bold words"), ("text_link", "https://shop.example", "link")]


def test_an_entity_longer_than_a_message_is_shared_out() -> None:
    pieces = split(FormattedText("aaaa bbbb cccc", (Entity("pre", 0, 14),)), 8)
    assert [covered(piece, entity) for piece in pieces for entity in piece.entities] == ["aaaa ", "bbbb ", "cccc"]


@pytest.mark.parametrize("seed", range(30))
def test_random_texts_lose_nothing_and_fit(seed: int) -> None:
    dice = random.Random(seed)
    text = "".join(dice.choices("ab茶😀 .。\n", weights=[9, 9, 9, 3, 4, 1, 1, 1], k=400))
    starts = sorted(dice.sample(range(0, utf16_length(text) - 20, 25), 8))
    entities = tuple(Entity("bold", start, dice.randint(1, 20)) for start in starts)
    pieces = split(FormattedText(text, entities), 60)
    assert "".join(piece.text for piece in pieces).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(
        " ", ""
    )
    assert max(utf16_length(piece.text) for piece in pieces) <= 60
    assert sum(len(piece.entities) for piece in pieces) == len(entities)
    assert sum(entity.length for piece in pieces for entity in piece.entities) == sum(e.length for e in entities)
