"""What the search reads of an answer."""

import pytest

from knowledge_base.answer_text import LONGEST, opening

CASES = [
    # As it stands
    ("We open at nine.", "We open at nine."),
    # Lines and lists become one line
    ("Bring:\n- your receipt\n- the parcel", "Bring: - your receipt - the parcel"),
    # Bold print and the words of a link stay, their marks and the address go
    ("**Never** by post, see [our terms](https://shop.example/terms).", "Never by post, see our terms ."),
    # An address alone says nothing
    ("Follow it at https://track.example/?n=1 please", "Follow it at please"),
    # A fact of the shop is not known here
    ("We are open {hours}.", "We are open ."),
    # Nothing but a fact
    ("{hours}", ""),
]


@pytest.mark.parametrize(("answer", "read"), CASES)
def test_it_reads_plain_words(answer: str, read: str) -> None:
    assert opening(answer) == read


def test_it_reads_the_beginning_of_a_long_one() -> None:
    assert opening("茶" * 500) == "茶" * LONGEST
