"""Measuring on a machine that has other work too: slow once, it was the machine; slow each time, it is ours."""

from collections.abc import Awaitable, Callable

TRIES = 3


async def within(limit: float, measure: Callable[[int], Awaitable[float]]) -> None:
    """Passes with the first of a few measurements that is below `limit`; `measure` is given the number of the try."""
    measured: list[float] = []
    while len(measured) < TRIES:
        measured.append(await measure(len(measured)))
        if measured[-1] < limit:
            return
    raise AssertionError(f"{measured} and never below {limit}")
