"""BERT's word pieces (Devlin et al. 2018): what the English model reads, and thereby which words it knows."""

from functools import cache, lru_cache
from importlib import import_module
from string import punctuation as punctuation_marks
from typing import Any

from knowledge_base.model_files import BERT_WORDS, ModelUnusable

_LONGEST = 126
_UNKNOWN = 100


def word_pieces(text: str) -> list[int]:
    """Numbers of the first 126 pieces, without the marks around a sentence; raises ModelUnusable."""
    library, vocabulary = _tokenizer()
    pieces = library.text_to_ids(vocabulary, text.lower(), _LONGEST, _UNKNOWN, no_padding=True)
    return [int(piece) for piece in pieces]


@lru_cache(maxsize=4096)
def is_usual(word: str) -> bool:
    """Frequent enough in English texts to be one piece; no word is, where the tokenizer is not installed."""
    try:
        pieces = word_pieces(word)
    except ModelUnusable:
        return False
    return len(pieces) == 1 and pieces[0] != _UNKNOWN


@cache
def punctuation() -> frozenset[int]:
    """The pieces that are marks between words."""
    return frozenset(piece for mark in punctuation_marks for piece in word_pieces(mark) if piece != _UNKNOWN)


@cache
def _tokenizer() -> tuple[Any, Any]:
    file = BERT_WORDS.find()
    library: Any = import_module("blingfire")
    return library, library.load_model(str(file))
