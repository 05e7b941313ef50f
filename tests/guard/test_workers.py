import os
import signal

import pytest

from creditgraph.guard import OptionError, WorkerError, cores, work_through, worker_count


def square(value):
    return value, value * value


def fail(value):
    raise OptionError("n", value, "something else")


def pressed(value):
    os.kill(os.getpid(), signal.SIGINT)
    return value


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


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked here")
def test_ctrl_c_does_not_reach_workers():
    """Guards against a traceback of a worker, to which terminals send Ctrl-C too, beside our one line."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    assert sorted(work_through(pressed, range(4), workers=2)) == [0, 1, 2, 3]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before == set()


@pytest.mark.filterwarnings("error")
def test_whoever_leaves_early_is_not_advised_by_a_library():
    """Guards against advice about iterators for a user who pressed Ctrl-C."""
    results = work_through(square, range(100), workers=2)
    next(results)
    results.close()


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
