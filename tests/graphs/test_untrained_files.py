"""Untrained weights from a second file, whatever its format."""

from __future__ import annotations

from pathlib import Path

import pytest

from creditgraph.graphs import GraphFileWarning, read_graph, write_graph
from creditgraph.guard import DataError, OptionError


def test_untrained_weights_of_a_table_are_matched_by_name(tmp_path: Path) -> None:
    """Guards against rows in another order, and against neurons that one of the files lacks."""
    (tmp_path / "after.csv").write_text("pre,post,weight\na,b,2\nb,c,3\n", encoding="utf-8")
    (tmp_path / "before.csv").write_text("pre,post,weight\nc,a,5\nb,c,1\na,b,2\n", encoding="utf-8")
    (tmp_path / "few.csv").write_text("pre,post,weight\nb,a,5\n", encoding="utf-8")
    g = read_graph(tmp_path / "after.csv", initial=tmp_path / "before.csv")
    assert g.names == ("a", "b", "c")
    assert g.initial is not None
    assert g.initial.adjacency().tolist() == [[0, 0, 5], [2, 0, 0], [0, 1, 0]]
    with pytest.raises(DataError, match=r"few\.csv: the names of its 2 neurons and of the 3 .* differ, for one 'c'"):
        read_graph(tmp_path / "after.csv", initial=tmp_path / "few.csv")
    whole = write_graph(g, tmp_path / "whole.npz")
    with pytest.raises(OptionError, match="has untrained weights itself"):
        read_graph(whole, initial=tmp_path / "before.csv")
    (tmp_path / "pruned.csv").write_text("pre,post,weight\na,b,2\n", encoding="utf-8")
    (tmp_path / "neurons.csv").write_text("name\na\nb\nc\n", encoding="utf-8")
    with pytest.warns(GraphFileWarning, match="1 isolated neuron dropped"):
        pruned = read_graph(
            tmp_path / "pruned.csv",
            initial=tmp_path / "before.csv",
            neurons=tmp_path / "neurons.csv",
            isolated="drop",
        )
    assert pruned.names == ("a", "b")
    assert pruned.initial is not None
    assert pruned.initial.adjacency().tolist() == [[0, 0], [2, 0]]
