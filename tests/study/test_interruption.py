import contextlib
import os
import signal
import threading

import pytest

from creditgraph.guard import DataError
from creditgraph.study import cli, command_parser
from creditgraph.study.interruption import Terminated, one_interruption


def interrupt(number=signal.SIGINT):
    os.kill(os.getpid(), number)
    # the handler runs before the next statement is done
    for _ in range(1000):
        pass


@pytest.fixture(autouse=True)
def default_handler():
    """pytest's own handler is Python's, but a runner's may not be."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    signal.signal(signal.SIGINT, before)


def test_an_error_that_an_interrupted_library_makes_of_ctrl_c_is_ctrl_c():
    """Guards against a library's traceback where somebody pressed Ctrl-C at a bad moment."""

    @one_interruption()
    def library():
        try:
            interrupt()
        except KeyboardInterrupt:
            raise SystemError("returned a result with an exception set") from None

    with pytest.raises(KeyboardInterrupt) as caught:
        library()
    assert isinstance(caught.value.__cause__, SystemError)


def test_ctrl_c_itself_passes_and_other_errors_stay_what_they_are():
    """Guards against a wrapper that swallows Ctrl-C, or takes every error for it."""
    with pytest.raises(KeyboardInterrupt), one_interruption():
        interrupt()
    with pytest.raises(DataError), one_interruption():
        raise DataError("no interruption")


def test_nothing_is_handled_outside_the_main_thread_or_over_a_handler_of_somebody_else():
    """Guards against an error of signal.signal in threads, and against a host program that loses its handler."""
    caught = []

    def work():
        try:
            with one_interruption():
                pass
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not caught

    def own(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, own)
    with one_interruption():
        assert signal.getsignal(signal.SIGINT) is own
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_the_command_answers_a_broken_interruption_in_one_line(monkeypatch, capsys):
    """Guards against exit codes other than 130, and tracebacks, after Ctrl-C."""

    def broken(options):
        try:
            interrupt()
        except KeyboardInterrupt:
            raise ImportError("numpy.core.multiarray failed to import") from None

    monkeypatch.setattr(command_parser, "verify_rule", broken)
    assert cli.main(["verify"]) == 130
    assert capsys.readouterr().err.strip().startswith("creditgraph: interrupted")


def test_the_end_of_a_jobs_time_is_taken_as_ctrl_c_is(monkeypatch, capsys):
    """Guards against a batch system's SIGTERM that ends the command without a word, its workers left behind."""
    with pytest.raises(Terminated), one_interruption():
        interrupt(signal.SIGTERM)
    monkeypatch.setattr(command_parser, "verify_rule", lambda options: interrupt(signal.SIGTERM))
    assert cli.main(["verify"]) == 143
    assert capsys.readouterr().err.strip().startswith("creditgraph: terminated; what is done is kept")


def test_a_signal_that_a_clean_up_swallows_is_not_lost():
    """Guards against a command that goes on to its end although it was asked to stop."""
    with pytest.raises(Terminated), one_interruption(), contextlib.suppress(KeyboardInterrupt):
        interrupt(signal.SIGTERM)
