"""Control: counting in each process's memory lets through twice as much, which the test of two processes catches."""

from admin.api.limits import MinuteLimit
from core.errors import LimitExceeded
from tests.integration.conversations.test_sender_limits import ANN
from tests.support.clock import FakeClock


def test_two_processes_let_through_twice_as_much(clock: FakeClock) -> None:
    processes = [MinuteLimit(clock, ANN.most, ANN.what) for _ in range(2)]
    passed = 0
    for process in processes:
        for _ in range(20):
            try:
                process.spend(ANN.sender)
                passed += 1
            except LimitExceeded:
                continue
    assert passed == 2 * ANN.most
