import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

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


def test_whoever_leaves_early_is_not_told_of_a_librarys_troubles(monkeypatch, recwarn):
    """Guards against advice about iterators, or a traceback of a thread, for a user who pressed Ctrl-C."""
    raised = []
    monkeypatch.setattr(threading, "excepthook", raised.append)
    for _ in range(8):
        results = work_through(square, range(100), workers=2)
        next(results)
        results.close()
    assert not raised
    assert not [each for each in recwarn if "tasks" in str(each.message)]


CALLER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from creditgraph.guard import work_through
from test_workers import tell_and_wait

if __name__ == "__main__":
    list(work_through(tell_and_wait, [sys.argv[2]] * 2, workers=2))
"""


def tell_and_wait(folder):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(600)


def is_there(process):
    """Whether a process runs; one that has ended may wait for somebody to ask how."""
    try:
        return "\nState:\tZ" not in (Path("/proc") / process / "status").read_text()
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="this system does not tell which processes run")
def test_workers_end_with_a_caller_that_is_killed(tmp_path):
    """Guards against processes that go on, or wait, when whoever wanted their results is gone."""
    told = tmp_path / "workers"
    told.mkdir()
    (tmp_path / "caller.py").write_text(CALLER)
    with subprocess.Popen(
        [sys.executable, tmp_path / "caller.py", Path(__file__).parent, told], stderr=subprocess.DEVNULL
    ) as caller:
        deadline = time.monotonic() + 120
        while len(list(told.iterdir())) < 2:
            assert time.monotonic() < deadline, "no worker began"
            time.sleep(0.05)
        caller.kill()
    workers = [path.name for path in told.iterdir()]
    deadline = time.monotonic() + 120
    while any(map(is_there, workers)):
        assert time.monotonic() < deadline, "workers are left"
        time.sleep(0.1)


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


def test_two_pools_at_once_leave_errors_of_threads_to_whoever_had_them(monkeypatch):
    """Guards against errors of threads that are passed over for good because two pools ended in another order."""
    caught = []
    monkeypatch.setattr(threading, "excepthook", caught.append)
    one, other = (work_through(square, range(8), workers=2) for _ in range(2))
    next(one)
    next(other)
    one.close()
    other.close()
    worker = threading.Thread(target={}.__getitem__, args=(1,), name="ExecutorManagerThread")
    worker.start()
    worker.join()
    assert [raised.exc_type for raised in caught] == [KeyError]
