"""Nobody goes on before what they began has ended."""

import asyncio

import pytest

from core.tasks import end, finish


async def test_who_ends_a_task_goes_on_when_it_has_tidied_up() -> None:
    tidy = False

    async def work() -> None:
        nonlocal tidy
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            tidy = True

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    await end(task)
    assert tidy


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_what_is_to_be_finished_is_finished_however_often_somebody_gives_up(times: int) -> None:
    may_end, is_done = asyncio.Event(), False

    async def work() -> None:
        nonlocal is_done
        await may_end.wait()
        is_done = True

    task = asyncio.create_task(finish(work()))
    for _ in range(times):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_done


async def test_what_goes_wrong_is_heard_of() -> None:
    async def work() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await finish(work())
