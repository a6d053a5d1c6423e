"""Whether a change of the database's file was somebody else's."""

import pytest

from core.listeners import FileWatch

#: Each look: (the file's version, own commits so far, whether others have surely or perhaps written).
QUIET = [(5, 0, False), (5, 0, False), (5, 0, False)]
SOMEBODY_ELSE = [(5, 0, False), (6, 0, True), (6, 0, False), (8, 0, True)]
#: Our own commit: nobody can know, so that everybody looks once, a second later.
OURSELVES = [(5, 0, False), (6, 1, False), *[(6, 1, False)] * 3, (6, 1, True), (6, 1, False)]
#: A commit is counted just before it shows.
COUNTED_EARLY = [(5, 0, False), (5, 1, False), (6, 1, False), *[(6, 1, False)] * 3, (6, 1, True)]
#: Writing all the time: once in five looks.
BUSY = [(n, n, n > 0 and n % 5 == 0) for n in range(21)]


@pytest.mark.parametrize("looks", [QUIET, SOMEBODY_ELSE, OURSELVES, COUNTED_EARLY, BUSY])
def test_others_are_told_from_ourselves(looks: list[tuple[int, int, bool]]) -> None:
    watch = FileWatch()
    assert [watch.has_others(version, commits) for version, commits, _ in looks] == [wanted for *_, wanted in looks]
