"""A snapshot on disk: facts as JSON, arrays as .npy files that every process maps instead of copying."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FACTS = "snapshot.json"
Array = NDArray[Any]


def write(directory: Path, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Fills a directory; the facts come last, so that a half-written one is never taken for a snapshot."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array)
    (directory / _FACTS).write_text(json.dumps(facts, ensure_ascii=False), "utf-8")


def read(directory: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Facts and mapped arrays; raises FileNotFoundError when there is no snapshot."""
    facts: dict[str, Any] = json.loads((directory / _FACTS).read_text("utf-8"))
    return facts, {file.stem: np.load(file, mmap_mode="r") for file in sorted(directory.glob("*.npy"))}
