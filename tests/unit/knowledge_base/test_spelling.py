"""What is mended in English words, and what is left as it was typed."""

import pytest

from knowledge_base.abbreviations import write_out
from knowledge_base.spelling import Speller
from knowledge_base.text import fold

SHOP = ("is there a heater in the room", "can i pay by card", "my parcel has not arrived", "who is alex")

CASES = [
    # A slip in a word of the shop
    ("my parcle has not arived", "my parcel has not arrived"),
    # A slip in a word that only the language has
    ("a brokne handle", "a broken handle"),
    # American spelling, a name and a place are words, however near a word of the shop is
    ("is the theater near", "is the theater near"),
    ("ask alexa", "ask alexa"),
    ("to romania", "to romania"),
    # Whatever stands for an apostrophe
    ("it didn`t arrive", "it didn't arrive"),
    ("it didn´t arrive", "it didn't arrive"),
]


@pytest.mark.parametrize(("typed", "read"), CASES)
def test_slips_are_mended_and_words_are_left(typed: str, read: str) -> None:
    assert Speller(SHOP).repair(fold(typed)) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        # Abbreviations of chats
        ("thx 4 ur info", "thanks 4 your information"),
        # At the end of a sentence
        ("can i come thru. pls", "can i come through. please"),
        # Initials are no abbreviation
        ("do you ship to the u.s.?", "do you ship to the u.s.?"),
    ],
)
def test_abbreviations_are_written_out(typed: str, read: str) -> None:
    assert write_out(typed, ()) == read
