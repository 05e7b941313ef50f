"""Which groups are compared: at one learning rate where sources share some, and as docs/compare.md says."""

from __future__ import annotations

import pandas as pd

from creditgraph.graphs import write_graph
from creditgraph.study import compare
from creditgraph.study.comparisons import pipeline
from creditgraph.study.comparisons.groups import AS_THEY_ARE, EVERY, SAME, Group, pairs_of


def groups(source: str, rates, prunings=(None,)) -> list[Group]:
    return [
        Group(f"{source} {rate} {pruning}", source, rate, pruning, {0: "n"}) for rate in rates for pruning in prunings
    ]


def paired(ones, others) -> set[tuple[str, str, str]]:
    return {(pair.group, pair.other, pair.at) for pair in pairs_of([*ones, *others], pd.DataFrame())}


def test_only_learning_rates_that_both_have_are_paired():
    """Guards against every learning rate beside every other where some are the same."""
    assert paired(groups("a", (0.1, 0.3)), groups("b", (0.3, 1.0))) == {("a 0.3 None", "b 0.3 None", SAME)}


def test_other_prunings_do_not_undo_that():
    """Guards against all pairs of learning rates where two studies of the same ones prune unlike."""
    found = paired(groups("a", (0.1, 0.3), (0.6,)), groups("b", (0.1, 0.3), (0.8,)))
    assert found == {("a 0.1 0.6", "b 0.1 0.8", SAME), ("a 0.3 0.6", "b 0.3 0.8", SAME)}
    found = paired(groups("a", (0.1,), (0.6, 0.8)), groups("b", (0.1,), (0.8, 0.95)))
    assert found == {("a 0.1 0.8", "b 0.1 0.8", SAME)}


def test_where_nothing_is_shared_all_are_paired():
    """Guards against a file, or other learning rates, that is compared with nothing."""
    assert {at for *_, at in paired(groups("a", (0.1, 0.3)), groups("file", (None,)))} == {EVERY}
    assert len(paired(groups("a", (0.1, 0.3)), groups("b", (0.2, 1.0)))) == 4
    assert {at for *_, at in paired(groups("file", (None,)), groups("other", (None,)))} == {AS_THEY_ARE}


def test_learning_rates_of_algorithm_1_and_of_a_task_are_not_the_same():
    """Guards against r = 0.1 of algorithm 1 being set beside r = 0.1 of a task as if that were one thing."""
    found = paired(groups("algorithm", (0.1, 0.3), (0.8,)), groups("task", (0.1, 0.3)))
    assert {at for *_, at in found} == {EVERY}
    assert len(found) == 4


def test_no_pruning_is_told_of_files(planted, tmp_path, monkeypatch):
    """Guards against tables that have a pruning of networks that nobody pruned."""
    monkeypatch.setattr(pipeline, "write_comparison", lambda content, folder: folder)
    files = [write_graph(planted.graph, tmp_path / f"{name}.graphml") for name in ("one", "two")]
    found = compare(files, tmp_path / "out", samples=3, restarts=2, workers=1)
    for name, table in found.tables.items():
        assert not [column for column in table if "pruning" in column], name
