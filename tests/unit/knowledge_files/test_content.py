"""What an article may say."""

from typing import Any

import pytest

from core.errors import InvalidInput
from knowledge_base.content import checked


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"question": " "}, {"question"}),  # nothing but a blank
        ({"answer": ""}, {"answer"}),  # no answer
        ({"answer": "x" * 20_001}, {"answer"}),  # longer than anybody reads
        ({"question": "几点\x00开门"}, {"question"}),  # a character that no database keeps
        ({"phrasings": ["a"] * 201}, {"phrasings"}),  # too many
        ({"related": ["a/b"]}, {"related.0"}),  # no key looks like this
        ({"valid_from": "2026-03-01"}, {"valid_from"}),  # no instant
        ({"colour": "red"}, {"colour"}),  # no such field
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked({"question": "几点开门？", "answer": "九点", **fields})
    assert {field["path"] for field in caught.value.data["fields"]} == wrong  # type: ignore[attr-defined]
