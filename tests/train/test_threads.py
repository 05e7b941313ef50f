"""Parts shared among threads: each done once, none left behind, and torch's number of threads as it was."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
import torch

from creditgraph.train.threads import in_threads, one_thread_each


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("parts", [0, 1, 2, 7])
def test_every_part_is_done_once(threads: int, parts: int) -> None:
    done: list[int] = []
    in_threads(done.extend, range(parts))
    assert sorted(done) == list(range(parts))
    assert one_thread_each(lambda part: part**2, range(parts)) == [part**2 for part in range(parts)]


def test_as_many_threads_as_torch_is_set_to_use_work_at_the_same_time(threads: int) -> None:
    together = threading.Barrier(threads, timeout=30)
    met: list[int] = []
    in_threads(lambda _: met.append(together.wait()), range(threads))
    assert sorted(met) == list(range(threads))
    assert sorted(one_thread_each(lambda _: together.wait(), range(threads))) == list(range(threads))


def test_a_part_has_one_thread_of_torch_and_the_caller_has_its_own_again(threads: int) -> None:
    for _ in range(2):
        assert one_thread_each(lambda _: torch.get_num_threads(), range(4)) == [1] * 4
        assert torch.get_num_threads() == threads


@pytest.mark.parametrize("failing", [0, 1])
def test_what_is_under_way_ends_before_an_error_is_told(threads: int, failing: int) -> None:
    if threads == 1:
        pytest.skip("one after the other")
    ended: list[int] = []

    def work(part: int) -> None:
        if part == failing:
            raise ValueError(part)
        time.sleep(0.05)
        ended.append(part)

    def share(parts: Sequence[int]) -> None:
        for part in parts:
            work(part)

    with pytest.raises(ValueError, match=str(failing)):
        in_threads(share, range(2))
    assert ended == [1 - failing]
    with pytest.raises(ValueError, match=str(failing)):
        one_thread_each(work, range(2))
    assert ended == [1 - failing] * 2
    assert torch.get_num_threads() == threads


def test_a_fork_has_threads_of_its_own(threads: int) -> None:
    in_threads(lambda _: None, range(threads))
    child = multiprocessing.get_context("fork").Process(target=in_threads, args=(tuple, range(threads)))
    child.start()
    child.join(30)
    assert child.exitcode == 0
