from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

UNHANDLED: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
"""Handlers of signals that nobody has set anything for."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), as by a batch system when a job's time is over."""


@contextmanager
def one_interruption() -> Iterator[None]:
    """Let Ctrl-C end in KeyboardInterrupt, and SIGTERM in Terminated, whatever a library makes of it on the way.

    Compiled libraries that are interrupted while they call Python may raise an error of their own in the place of
    KeyboardInterrupt, and so may code that is on its way out. Once a signal came, any error is taken for its
    consequence. Outside the main thread, where signals do not arrive, and where a signal is ignored or handled by
    somebody else, nothing is changed.
    """
    came: list[type[KeyboardInterrupt]] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(Terminated if number == signal.SIGTERM else KeyboardInterrupt)
        raise came[-1]

    main = threading.current_thread() is threading.main_thread()
    ours = [number for number, handler in UNHANDLED.items() if main and signal.getsignal(number) is handler]
    for number in ours:
        signal.signal(number, note)
    try:
        yield
    except Exception as error:
        if came:
            raise came[0] from error
        raise
    else:
        # swallowed on the way, as in a clean-up
        if came:
            raise came[0]
    finally:
        for number in ours:
            signal.signal(number, UNHANDLED[number])
