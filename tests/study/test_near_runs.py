from __future__ import annotations

import os

from creditgraph.study.near_runs import runs_below


def test_the_runs_in_a_folder_are_named_the_latest_first(tmp_path, monkeypatch):
    """Guards against a user who named the folder of a study being left to find the hashes in it."""
    monkeypatch.chdir(tmp_path)
    for place, name in enumerate("abcde"):
        run = tmp_path / "runs" / "study" / name
        run.mkdir(parents=True)
        (run / "study.yaml").touch()
        os.utime(run / "study.yaml", (place, place))
    named = "below it are runs/study/e, runs/study/d, runs/study/c and 2 others: name one of them"
    assert runs_below(tmp_path / "runs") == runs_below(tmp_path / "runs" / "study") == named
    assert runs_below(tmp_path / "runs", "analysis.yaml") == ""
    (tmp_path / "runs" / "study" / "a" / "analysis.yaml").touch()
    assert runs_below(tmp_path / "runs", "analysis.yaml") == "below it is one: runs/study/a"
