"""Article numbers, error codes, model names: where letters decide, not meaning."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from knowledge_base.lexical import Floats

_CODE = re.compile(r"(?<![a-z0-9-])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9-])")
_SHORTEST_NUMBER = 3
_WEIGHT = 0.15


class CodeIndex:
    """Which wordings name which code."""

    def __init__(self, wordings: Sequence[str]) -> None:
        self._wordings = wordings

    def favour(self, folded: str) -> Floats | None:
        """What to add to each wording's likeness: for one that names the same code, against one that names another.

        None when the text names no code that the knowledge base knows.
        """
        same = {row for code in codes_of(folded) for row in self._rows.get(code, ())}
        if not same:
            return None
        favour = np.zeros(len(self._wordings), np.float32)
        favour[self._with_codes] = -_WEIGHT
        favour[list(same)] = _WEIGHT
        return favour

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, wording in enumerate(self._wordings):
            for code in codes_of(wording):
                rows.setdefault(code, []).append(row)
        return rows

    @cached_property
    def _with_codes(self) -> list[int]:
        return sorted({row for rows in self._rows.values() for row in rows})


def codes_of(folded: str) -> Iterable[str]:
    """Tokens with a digit that are more than a count: a letter too, or three digits. Hyphens do not matter."""
    found = (code.replace("-", "") for code in _CODE.findall(folded))
    return {code for code in found if not code.isdigit() or len(code) >= _SHORTEST_NUMBER}
