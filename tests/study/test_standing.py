import io
import json
import time

import pytest
from rich.console import Console

from creditgraph.study import standing as standing_module
from creditgraph.study.progress import Bars, in_words
from creditgraph.study.standing import FILE, Bulletin, Standing, watched
from creditgraph.train import SweepSummary


def test_batches_add_up_to_one_standing():
    """Guards against members counted twice, and a best accuracy that is not the best."""
    parts = [Standing(4, 4.0, 4.0, 3, 0.5), Standing(2, 0.5, 0.25, 2, 0.75), Standing(3, 0.0, 0.0, 3, None)]
    assert Standing.total(parts) == Standing(9, 4.5, 4.25, 8, 0.75)
    assert Standing.total(parts[2:]).best_accuracy is None
    assert Standing.of(SweepSummary(3, 4, 0.9, None), 0.75, 0.5) == Standing(4, 3.0, 2.0, 3, 0.9)


def test_the_time_left_goes_by_what_this_call_did():
    """Guards against a resumed run that promises to end at once, for what was done before."""
    standing = Standing(members=10, done=8.0, before=7.0, alive=10, best_accuracy=None)
    assert standing.seconds_left(60.0) == pytest.approx(120.0)
    assert Standing(10, 7.0, 7.0, 10, None).seconds_left(60.0) is None
    assert Standing(10, 10.0, 7.0, 10, None).seconds_left(60.0) == 0.0


def test_a_bulletin_is_written_at_most_twice_a_second_and_comes_back(tmp_path, monkeypatch):
    """Guards against training that is slowed by its bar."""
    clock, asked = [100.0], []
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    bulletin = Bulletin(tmp_path / "batch", "this")
    for moment, done in ((100.0, 0.5), (100.3, 0.6), (100.49, 0.7), (100.5, 0.8)):
        clock[0] = moment
        bulletin.tell(lambda done=done: asked.append(done) or Standing(1, done, 0.0, 1, None))
    assert asked == [0.5, 0.8]
    assert bulletin.read() == Standing(1, 0.8, 0.0, 1, None)
    assert [path.name for path in (tmp_path / "batch").iterdir()] == [FILE]


def test_what_an_earlier_call_told_was_done_before(tmp_path):
    """Guards against a bar whose pace counts the work of a call that was killed."""
    Bulletin(tmp_path, "killed").tell(lambda: Standing(4, 3.0, 1.0, 4, 0.5))
    assert Bulletin(tmp_path, "this").read() == Standing(4, 3.0, 3.0, 4, 0.5)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"call": "this"}', "\x00\xff", '{"call": "this", "done": 1}'])
def test_a_bulletin_that_is_garbage_is_none(tmp_path, content):
    """Guards against a torn file that stops the run for the sake of its bar."""
    assert Bulletin(tmp_path, "this").read() is None
    (tmp_path / FILE).write_text(content, encoding="latin-1")
    assert Bulletin(tmp_path, "this").read() is None


def test_a_bulletin_that_cannot_be_written_is_left_out(tmp_path):
    """Guards against training that ends because its progress has no room."""
    (tmp_path / "file").write_text("")
    bulletin = Bulletin(tmp_path / "file", "this")
    bulletin.tell(lambda: Standing(1, 0.0, 0.0, 1, None))
    assert bulletin.read() is None
    assert (tmp_path / "file").read_text() == ""


def test_all_batches_are_shown_together_until_the_end(tmp_path, monkeypatch):
    """Guards against a bar that stands still, loses a batch when it is done, or ends short of all."""
    monkeypatch.setattr(standing_module, "SECONDS_BETWEEN", 0.02)
    shown = []
    begun = {"a": Standing(2, 2.0, 2.0, 1, 0.5), "b": Standing(2, 0.0, 0.0, 2, None)}
    bulletin = Bulletin(tmp_path, "this")
    with watched(begun, {"b": bulletin}, shown.append) as finished:
        bulletin.tell(lambda: Standing(2, 1.0, 0.0, 2, 0.25))
        deadline = time.monotonic() + 10
        while len(shown) < 2 or shown[-1].done < 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert shown[-1] == Standing(4, 3.0, 2.0, 3, 0.5)
        finished("b", Standing(2, 2.0, 0.0, 2, 0.75))
        (tmp_path / FILE).write_text(json.dumps({"call": "this"}))
    assert shown[0] == Standing(4, 2.0, 2.0, 3, 0.5)
    assert shown[-1] == Standing(4, 4.0, 2.0, 3, 0.75)


def test_the_bar_says_who_is_alive_the_best_accuracy_and_the_time_left():
    """Guards against a bar without what a user waits to see."""
    assert in_words(Standing(40, 3.0, 0.0, 38, None)) == "38 of 40 alive"
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    with Bars(console).training() as show:
        show(Standing(40, 30.0, 20.0, 38, 0.9725))
    drawn = console.file.getvalue()
    assert "75%" in drawn
    assert "38 of 40 alive, best 97.2 %" in drawn
    assert "left 0:00:00" in drawn
