import os
import signal

import pytest

from creditgraph.guard import OptionError, WorkerError, cores, work_through, worker_count


def square(value):
    return value, value * value


def fail(value):
    raise OptionError("n", value, "something else")


def die(value):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_worked_on_once(workers):
    """Guards against an item lost or done twice by the pool."""
    assert sorted(work_through(square, range(7), workers=workers)) == [(i, i * i) for i in range(7)]
    assert list(work_through(square, [], workers=workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_worker_reaches_the_caller_as_it_is(workers):
    """Guards against the user's own mistake coming back as a pool's traceback."""
    with pytest.raises(OptionError, match="n: got 1, expected something else"):
        list(work_through(fail, [1, 1], workers=workers))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:A worker stopped:UserWarning")
def test_a_killed_worker_is_told_in_one_line():
    """Guards against a bare traceback when the system kills a process for want of memory."""
    with pytest.raises(WorkerError, match="fewer workers"):
        list(work_through(die, [1, 2], workers=2))


def test_worker_count():
    """Guards against zero workers, which would wait for ever."""
    assert worker_count(None) == cores() >= 1
    assert worker_count(3) == 3
    with pytest.raises(OptionError, match="workers: got 0"):
        worker_count(0)
