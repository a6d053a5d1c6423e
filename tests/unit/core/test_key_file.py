"""The installation's secret, where no KEFU_SECRET is set."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.secretbox import KEY_FILE, read_or_make_key


def test_all_who_start_at_once_have_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(read_or_make_key, [tmp_path] * 40))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["", "\n", "half a secr"])
def test_a_file_that_was_cut_short_is_no_secret(tmp_path: Path, left: str) -> None:
    (tmp_path / KEY_FILE).write_text(left)
    with pytest.raises(InvalidInput, match="put your copy of it back"):
        read_or_make_key(tmp_path)
