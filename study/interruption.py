from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def one_interruption() -> Iterator[None]:
    """Let Ctrl-C end in KeyboardInterrupt, whatever a library or a clean-up makes of it on the way.

    Compiled libraries that are interrupted while they call Python may raise an error of their own in the place of
    KeyboardInterrupt, and so may code that is on its way out. Once Ctrl-C was pressed, any error is taken for its
    consequence. Outside the main thread, where signals do not arrive, and where Ctrl-C is ignored or handled by
    somebody else, nothing is changed.
    """
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.default_int_handler(number, frame)

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield
    except Exception as error:
        if pressed:
            raise KeyboardInterrupt from error
        raise
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
