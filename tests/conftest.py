import contextlib
import fcntl
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

# the same examples in every run: a test that fails now and then says nothing of the change it fails on
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

# where there is no GPU, its kernels run in an interpreter; it must be asked for before they are imported
if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")

Context = Callable[[], contextlib.AbstractContextManager[None]]


def pytest_configure(config: pytest.Config) -> None:
    # workers are given files in the order below, not in that of their numbers of tests
    config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no worker begins one when the others have nothing left to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@contextlib.contextmanager
def _without(*steps: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for step in steps:
            patched.setattr(f"creditgraph.reports.page.{step}", lambda figure: b"<svg/>")
        yield


@pytest.fixture(scope="session")
def svg_alone() -> Context:
    """A context in which pages have no PNG and PDF of their figures, which take most of a page's time."""
    return functools.partial(_without, "png", "pdf")


@pytest.fixture(scope="session")
def undrawn() -> Context:
    """A context in which pages have all their words and data, and empty drawings."""
    return functools.partial(_without, "lay_out", "svg", "png", "pdf")


@pytest.fixture
def no_png_and_pdf(svg_alone: Context) -> Iterator[None]:
    """A test under `svg_alone`."""
    with svg_alone():
        yield


@pytest.fixture
def no_drawings(undrawn: Context) -> Iterator[None]:
    """A test under `undrawn`."""
    with undrawn():
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """A folder of that name, filled by the first worker that asks for it and only read by all."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(folder)
                done.touch()
        return folder

    return once
