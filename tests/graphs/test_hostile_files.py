"""Files that are missing, damaged, of another format, or out for harm: one clear line each."""

from __future__ import annotations

import io
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from creditgraph.graphs import WeightGraph, read_graph, write_graph
from creditgraph.guard import CreditgraphError, DataError, FileError

FILES = ["g.graphml", "g.gexf", "g.csv", "g.npz", "g.xlsx"]


def whole(tmp_path: Path, file: str) -> Path:
    generator = np.random.default_rng(0)
    g = WeightGraph.from_matrix(generator.normal(size=(6, 6)), names=list("abcdef"))
    return write_graph(g, tmp_path / file)


def refusal(path: Path) -> str | None:
    """What is said of a file that is refused in the project's own words; any other exception is the test's failure."""
    try:
        read_graph(path)
    except CreditgraphError as error:
        return str(error)
    return None


@pytest.mark.parametrize("file", FILES)
def test_missing_empty_and_of_another_format(tmp_path: Path, file: str) -> None:
    """Fails when any of these gives a library's error, or a graph."""
    path = tmp_path / file
    contents = {"none": None, "nothing": b"", "binary": bytes(range(256)) * 4, "prose": b"It was a dark night.\n"}
    contents |= {other: whole(tmp_path / "other", other).read_bytes() for other in FILES if other != file}
    for what, content in contents.items():
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(CreditgraphError) as caught:
            read_graph(path)
        message = str(caught.value)
        assert message.startswith(str(path)), what
        assert "\n" not in message
        assert len(message) < 600 + len(str(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(FileError, match="cannot be read"):
        read_graph(path)


@pytest.mark.parametrize("file", FILES)
def test_truncated_and_damaged(tmp_path: Path, file: str) -> None:
    """Fails when half a file passes for a whole one, or damage gives a library's error."""
    path = whole(tmp_path, file)
    content = path.read_bytes()
    generator = np.random.default_rng(1)
    for length in generator.integers(1, len(content) - 1, 12):
        # a table may end after any row: that cannot be seen
        if file == "g.csv" and content[length - 1 : length + 1].count(b"\n"):
            continue
        path.write_bytes(content[:length])
        assert refusal(path) is not None or file == "g.csv"
    for place in generator.integers(0, len(content), 40):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        path.write_bytes(bytes(damaged))
        assert "\n" not in (refusal(path) or "")


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<graph edgedefault="directed"><node id="&b;"/></graph></graphml>"""
STEALER = BOMB.replace('"&a;&a;&a;&a;&a;&a;&a;&a;"', 'SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize("text", [BOMB, STEALER])
@pytest.mark.parametrize("file", ["g.graphml", "g.gexf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(tmp_path: Path, text: str, file: str, encoding: str) -> None:
    """Fails when a file may define entities, which fill the memory or read other files."""
    (tmp_path / file).write_bytes(text.replace("1.0", f'1.0" encoding="{encoding}').encode(encoding))
    with pytest.raises(FileError, match="defines a document type, which may hold entities"):
        read_graph(tmp_path / file)


def test_entities_of_spreadsheets_are_refused(tmp_path: Path) -> None:
    """Fails when the XML within a spreadsheet may define entities."""
    path = whole(tmp_path, "g.xlsx")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = b'<!DOCTYPE x [<!ENTITY a "1">]>' + members[sheet].split(b"?>", 1)[-1]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(FileError, match="defines a document type"):
        read_graph(path)


@pytest.mark.parametrize("file", ["g.npz", "g.xlsx"])
def test_archives_that_would_fill_the_memory(tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when a small file may unpack to any size."""
    path = whole(tmp_path, file)
    from creditgraph.graphs.files import archives

    monkeypatch.setattr(archives, "LARGEST", 100)
    with pytest.raises(FileError, match="unpacks to"):
        read_graph(path)


def test_an_array_that_says_it_is_huge(tmp_path: Path) -> None:
    """Fails when a header of a few bytes can ask for all memory there is."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**7, 10**7)})
    with zipfile.ZipFile(tmp_path / "g.npz", "w") as archive:
        archive.writestr("w.npy", header.getvalue())
    with pytest.raises(FileError, match=r"g\.npz: "):
        read_graph(tmp_path / "g.npz")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path(sys.argv[0]).with_name("sprung"),))  # type: ignore[return-value]


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    """Fails when an archive may run code."""
    array = io.BytesIO()
    np.save(array, np.array([Trap()], dtype=object), allow_pickle=True)
    assert pickle.dumps(Trap())
    with zipfile.ZipFile(tmp_path / "g.npz", "w") as archive:
        archive.writestr("weight.npy", array.getvalue())
    with pytest.raises(FileError, match="allow_pickle"):
        read_graph(tmp_path / "g.npz")
    assert not Path(sys.argv[0]).with_name("sprung").exists()


def test_indices_outside_of_a_sparse_matrix(tmp_path: Path) -> None:
    """Fails when compiled code follows an index of a damaged file out of the array."""
    np.savez(
        tmp_path / "g.npz",
        format=b"csr",
        shape=np.array([2, 2]),
        data=np.ones(2),
        indices=np.array([0, 999_999_999], dtype=np.int32),
        indptr=np.array([0, 1, 2], dtype=np.int32),
    )
    with pytest.raises(FileError, match="is it damaged"):
        read_graph(tmp_path / "g.npz")


@pytest.mark.parametrize("weight", ["nan", "NaN", "inf", "-inf", "1e999", "heavy", "1,5"])
def test_weights_that_are_no_numbers(tmp_path: Path, weight: str) -> None:
    """Fails when NaN or a text passes for a weight, or for a missing one."""
    (tmp_path / "g.csv").write_text(f'pre,post,weight\na,b,1\nb,a,"{weight}"\n')
    with pytest.raises(
        DataError, match=r"g.csv: weight: (got '.*', expected a (finite )?number|.* no weight, the first)"
    ):
        read_graph(tmp_path / "g.csv")
    text = whole(tmp_path, "g.graphml").read_text()
    start = text.index(">", text.index("<edge ") + text[text.index("<edge ") :].index("<data")) + 1
    (tmp_path / "g.graphml").write_text(text[:start] + weight + text[text.index("<", start) :])
    with pytest.raises(CreditgraphError, match=r"g.graphml: "):
        read_graph(tmp_path / "g.graphml")


def test_rows_without_ends(tmp_path: Path) -> None:
    """Fails when a synapse from or to nobody is read as one of a neuron without a name."""
    (tmp_path / "g.csv").write_text("pre,post,weight\na,b,1\n,a,2\n")
    with pytest.raises(DataError, match="source: 1 row has none, the first of them row 3 of the table"):
        read_graph(tmp_path / "g.csv")
    (tmp_path / "g.csv").write_text("pre,post,weight\n")
    with pytest.raises(DataError, match="the file has no neurons"):
        read_graph(tmp_path / "g.csv")


def test_without_openpyxl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails when the lack of the extra gives an ImportError."""
    path = whole(tmp_path, "g.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for call in (lambda: read_graph(path), lambda: write_graph(WeightGraph.from_matrix([[1.0]]), path)):
        with pytest.raises(FileError, match=r"pip install openpyxl"):
            call()


def test_a_word_in_the_first_row_of_a_matrix_is_named(tmp_path):
    """Guards against a slip in a matrix that is answered as if it were a table of edges."""
    (tmp_path / "matrix.csv").write_text("0,1,x\n1,0,2\n3,4,0\n")
    with pytest.raises(DataError, match=r"got 'x' in row 1, column 3, expected a number$"):
        read_graph(tmp_path / "matrix.csv")
