"""Models that nobody checks, which the tests must catch."""

from importlib import resources
from pathlib import Path

import pytest

from knowledge_base import semantic
from knowledge_base.model_files import ModelFile
from knowledge_base.semantic import EnglishEmbedder
from tests.knowledge import test_models


def anything(file: ModelFile) -> Path:
    """Whatever lies there."""
    return Path(str(resources.files(file.package) / file.path))


@pytest.mark.parametrize("case", test_models.SPOILT, ids=lambda case: "+".join(case[0]))
def test_taking_models_without_a_look_at_their_files_is_caught(
    case: test_models.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semantic, "_missing", lambda effect, *files, needs=None: ())
    with pytest.raises(AssertionError):
        test_models.test_what_is_left_is_used_and_what_is_missing_is_said(*case, monkeypatch)


def test_taking_a_package_without_a_look_at_its_file_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelFile, "find", anything)
    with pytest.raises(pytest.fail.Exception):
        test_models.test_any_other_file_is_refused(b"other weights", tmp_path, monkeypatch)


def test_loading_a_model_without_a_look_at_its_file_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelFile, "find", anything)
    with pytest.raises(pytest.fail.Exception):
        test_models.test_a_file_that_is_spoilt_later_is_not_loaded("MINILM", EnglishEmbedder, monkeypatch)
