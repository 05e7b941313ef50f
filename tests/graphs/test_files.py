"""Files of our own: what is written is read back equal, whatever the names are."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creditgraph.graphs import GraphFileWarning, WeightGraph, read_graph, write_graph
from creditgraph.guard import DataError, FileError, OptionError

FILES = ["g.graphml", "g.gexf", "g.csv", "g.tsv", "g.npz", "g.xlsx"]

# what XML 1.0 lacks
CONTROLS = "".join(map(chr, set(range(32)) - {9, 10, 13})) + "\ufffe\uffff"

HOSTILE = [
    "<b>bold</b>&amp;",
    "q\"uo'te",
    "line\nfeed\ttab",
    "\u202eright to left",
    "x" * 10_000,
    "a,b;c d",
    "=1+1",
    " around ",
    "",
    "NA",
    "№ é 🧠",
    "#comment",
    "nan",
    "7",
]


def hostile() -> WeightGraph:
    """All fields, hostile names, extreme weights, a self-synapse, an isolated neuron."""
    n = len(HOSTILE)
    generator = np.random.default_rng(0)
    matrix = generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3)
    matrix[3], matrix[:, 3] = 0.0, 0.0
    matrix[2, 2], matrix[0, 1], matrix[1, 0], matrix[0, 2] = 0.1 / 3, 5e-324, 1.7976931348623157e308, -1e22
    return WeightGraph.from_matrix(
        matrix,
        layers=[i % 3 for i in range(n)],
        roles=["input"] * n,
        names=HOSTILE,
        types=["excitatory"] * (n - 1) + ["mixed & more"],
        positions=generator.normal(size=(n, 3)),
        initial=generator.normal(size=(n, n)) * (generator.random((n, n)) < 0.3),
    )


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("part", ["all", "bare", "flat", "empty"])
def test_round_trip(tmp_path: Path, file: str, part: str) -> None:
    """Fails when a weight changes in its last bit, an attribute or isolated neuron is lost, or a plain file warns."""
    g = hostile()
    g = {
        "all": g,
        "bare": WeightGraph(g.n, g.pre, g.post, g.weight),
        "flat": replace(g, positions=g.positions[:, :2], initial=None),  # type: ignore[index]
        "empty": WeightGraph.from_matrix(np.zeros((3, 3)), names=["a", "b", "b"]),
    }[part]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_graph(write_graph(g, tmp_path / "new folder" / file)) == g


@pytest.mark.parametrize("orientation", ["post_pre", "pre_post"])
@pytest.mark.parametrize("file", ["g.csv", "g.xlsx"])
def test_matrices_say_their_orientation(tmp_path: Path, file: str, orientation: str) -> None:
    """Fails when the corner of a table is not believed, or a contradiction to it is."""
    g = replace(hostile(), initial=None)
    options = {"format": "adjacency"} if file == "g.csv" else {}
    path = write_graph(g, tmp_path / file, orientation=orientation, **options)
    assert read_graph(path) == g
    assert read_graph(path, orientation=orientation) == g
    other = {"post_pre": "pre_post", "pre_post": "post_pre"}[orientation]
    with pytest.raises(OptionError, match=f"orientation: got '{other}', expected {orientation}, as the corner"):
        read_graph(path, orientation=other)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    names=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=3, max_size=3),
    weights=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
    file=st.sampled_from(FILES),
)
def test_any_text_and_any_number(tmp_path: Path, names: list[str], weights: list[float], file: str) -> None:
    """Fails when a text or number is changed on its way; what a format cannot hold must be refused in one line."""
    g = WeightGraph(3, [0, 1, 2], [1, 2, 2], weights, names=names)  # type: ignore[arg-type]
    unfit = {"g.graphml": CONTROLS, "g.gexf": CONTROLS, "g.xlsx": CONTROLS + "\r"}.get(file, "")
    if set("".join(names)) & set(unfit):
        with pytest.raises(DataError, match="holds a character that"):
            write_graph(g, tmp_path / file)
    else:
        assert read_graph(write_graph(g, tmp_path / file)) == g


def test_what_a_format_cannot_hold(tmp_path: Path) -> None:
    """Fails when a text is cut, replaced or makes a file that nobody can read."""
    for name in ("bell\a", "half \ud800"):
        g = WeightGraph.from_matrix([[1.0]], names=[name])
        for file in ("g.graphml", "g.gexf", "g.xlsx"):
            with pytest.raises(DataError, match="names: that of neuron 0 holds a character that"):
                write_graph(g, tmp_path / file)
        assert read_graph(write_graph(g, tmp_path / "g.npz")) == g
    with pytest.raises(DataError, match="a text file cannot hold"):
        write_graph(g, tmp_path / "g.csv")
    with pytest.raises(DataError, match="initial: an adjacency table has no room"):
        write_graph(hostile(), tmp_path / "g.csv", format="adjacency")
    wide = WeightGraph(16_384, [0], [1], [1.0])  # type: ignore[arg-type]
    with pytest.raises(DataError, match="neurons: got 16384, expected at most 16383 in a spreadsheet"):
        write_graph(wide, tmp_path / "g.xlsx")
    assert list(tmp_path.iterdir()) == [tmp_path / "g.npz"]


def test_a_carriage_return_is_no_line_feed(tmp_path: Path) -> None:
    """Fails when XML's own reading of line ends changes a name."""
    g = WeightGraph.from_matrix([[1.0]], names=["a\rb\r\nc"])
    for file in ("g.graphml", "g.gexf", "g.csv"):
        assert read_graph(write_graph(g, tmp_path / file)) == g


def test_files_are_the_same_each_time(tmp_path: Path) -> None:
    """Fails when the bytes of a file depend on when it was written."""
    for file in ("g.graphml", "g.csv", "g.npz"):
        first = write_graph(hostile(), tmp_path / file).read_bytes()
        assert write_graph(hostile(), tmp_path / file).read_bytes() == first


def test_formats(tmp_path: Path) -> None:
    """Fails when a format is guessed from an unknown suffix, or an option without meaning is ignored."""
    g = WeightGraph.from_matrix(np.eye(2))
    with pytest.raises(FileError, match=r"ends on '\.mat', expected \.graphml"):
        write_graph(g, tmp_path / "g.mat")
    with pytest.raises(OptionError, match="did you mean 'graphml'"):
        write_graph(g, tmp_path / "g.mat", format="grapml")
    with pytest.raises(OptionError, match=r"orientation: .*nothing for a file of format edges"):
        write_graph(g, tmp_path / "g.csv", orientation="pre_post")
    with pytest.raises(DataError, match="g: got a value of type ndarray"):
        write_graph(np.eye(2), tmp_path / "g.csv")  # type: ignore[arg-type]
    path = write_graph(g, tmp_path / "g.mat", format="npz")
    assert read_graph(path, format="npz") == g


def test_wishes_hold_for_our_own_files_too(tmp_path: Path) -> None:
    """Fails when self-synapses or isolated neurons of an archive stay though they were to be dropped."""
    g = hostile()
    for file in ("g.npz", "g.graphml"):
        path = write_graph(g, tmp_path / file)
        with pytest.warns(GraphFileWarning, match=r"\d self-synapses? dropped; \d isolated neurons? dropped"):
            read = read_graph(path, self_synapses="drop", isolated="drop")
        assert read.n == g.n - 1
        assert (read.pre != read.post).all()
