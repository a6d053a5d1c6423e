"""Whether something of a person is left in a file that is read a piece at a time."""

from pathlib import Path

import pytest

from customers import privacy

_WORDS = ("李小明", "li@example.com", "13800008000")


@pytest.mark.parametrize("before", range(20))  # wherever a piece ends within the word
@pytest.mark.parametrize("word", _WORDS)
def test_a_word_is_found_wherever_the_pieces_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, word: str, before: int
) -> None:
    monkeypatch.setattr(privacy, "_PIECE", 8)
    file = tmp_path / "kefu.db"
    file.write_bytes(b"." * before + word.encode() + b"." * 20)
    assert privacy._has_trace(file, _WORDS)
    file.write_bytes(b"." * before + word.encode()[:-1] + b"." * 20)
    assert not privacy._has_trace(file, _WORDS)
