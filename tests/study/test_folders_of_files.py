"""Folders of graph files are groups of networks: compared with each other, paired by name only if that is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from scipy import stats

from creditgraph.analysis import compare as likeness
from creditgraph.analysis import leiden, planted_structure
from creditgraph.graphs import WeightGraph, companions, graph_files, read_graph, write_graph
from creditgraph.guard import DataError, FileError, OptionError
from creditgraph.study import analyse, compare
from creditgraph.study.analyses.options import AnalysisOptions
from creditgraph.study.analyses.sources import source_of

QUICK = {"samples": 7, "restarts": 2, "directions": ["maximise"], "nulls": ["shuffle_nonzero"], "workers": 1}
NAMES = list("abcdefghijklmnopqrst")


def network(seed: int, *, communities: bool) -> WeightGraph:
    strength = 4.0 if communities else 1.0
    planted = planted_structure("block-diagonal", n=20, groups=2, strength=strength, seed=seed).graph
    return WeightGraph.from_matrix(planted.adjacency(), names=NAMES)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Six networks with communities, and six without; of one each, neurons are written in another order."""
    place = tmp_path_factory.mktemp("folders")
    for kind in ("wide", "deep"):
        (place / kind).mkdir()
        for seed in range(6):
            g = network(seed, communities=kind == "wide")
            write_graph(g.subgraph(np.arange(20)[::-1]) if seed == 3 else g, place / kind / f"seed{seed}.npz")
    return place


@pytest.fixture(scope="module")
def compared(folders):
    """Both folders side by side."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("creditgraph.study.comparisons.pipeline.write_comparison", lambda content, folder: folder)
        yield {
            paired: compare([folders / "wide", folders / "deep"], folders / "out", paired=paired, **QUICK)
            for paired in ("auto", "names")
        }


def test_files_of_a_folder_are_the_networks_of_a_group(folders, compared):
    """Guards against files that count as groups of their own, and against an interval that is not over them."""
    found = compared["auto"]
    groups = found.tables["groups"].set_index("group")
    assert groups["seeds"].to_dict() == {"wide": 6, "deep": 6}
    assert found.analysed == 12
    scores = found.tables["scores"]
    excess = (scores["quality"] - scores["null_mean"]).groupby(scores["group"]).apply(list)
    one = found.tables["differences"].query("measure == 'excess'").iloc[0]
    assert one["basis"] == "independent networks"
    expected = stats.ttest_ind(excess["wide"], excess["deep"], equal_var=False)
    assert one["p_value"] == pytest.approx(expected.pvalue)
    assert one["difference_low"] == pytest.approx(expected.confidence_interval().low)
    best = leiden(read_graph(folders / "wide" / "seed2.npz"), restarts=2, seed=2)
    own = scores[(scores["group"] == "wide") & (scores["network"] == "seed2")]
    assert own["quality"].iloc[0] == best.quality
    assert found.tables["sources"]["kind"].tolist() == ["graph files"] * 2


def test_files_of_one_name_are_paired_where_that_is_said(compared):
    """Guards against pairs that nobody asked for, and against pairs that are not those of the names."""
    found = compared["names"]
    one = found.tables["differences"].query("measure == 'excess'").iloc[0]
    assert one["basis"] == "files of one name"
    scores = found.tables["scores"]
    excess = scores.assign(excess=scores["quality"] - scores["null_mean"])
    by_name = excess.pivot_table(index="network", columns="group", values="excess")
    assert one["p_value"] == pytest.approx(stats.ttest_rel(by_name["wide"], by_name["deep"]).pvalue)
    assert found.path != compared["auto"].path
    assert "--paired=names" not in compared["auto"].path.as_posix()


def test_neurons_of_all_files_correspond_by_name(folders, compared):
    """Guards against one order of neurons for all files of a folder, and against seeds that nobody shared."""
    parts = {
        kind: [
            dict(zip(g.names, leiden(g, restarts=2, seed=seed).membership.tolist(), strict=True))
            for seed in range(6)
            for g in [read_graph(folders / kind / f"seed{seed}.npz")]
        ]
        for kind in ("wide", "deep")
    }
    labels = {kind: [[each[name] for name in NAMES] for each in own] for kind, own in parts.items()}
    all_pairs = np.array([[likeness(one, other) for other in labels["deep"]] for one in labels["wide"]])
    for paired, found in compared.items():
        rows = found.tables["similarity"].query("method == 'ami' and group == 'wide' and other == 'deep'")
        (row,) = rows.to_dict("records")
        if paired == "auto":
            assert pd.isna(row["same_seed"])
            assert row["other_seed"] == pytest.approx(all_pairs.mean())
        else:
            assert row["same_seed"] == pytest.approx(np.diag(all_pairs).mean())


def test_files_of_other_names_cannot_be_paired(folders, tmp_path):
    """Guards against pairs by place in a folder of which files are missing."""
    (tmp_path / "few").mkdir()
    for seed in (0, 1):
        write_graph(network(seed, communities=True), tmp_path / "few" / f"net{seed}.npz")
    with pytest.raises(
        OptionError, match=r"expected auto for wide and few; they have files of other names, such as seed0"
    ):
        compare([folders / "wide", tmp_path / "few"], tmp_path / "out", paired="names", **QUICK)
    assert not (tmp_path / "out").exists()
    with pytest.raises(OptionError, match="it is for files of one name in two folders"):
        compare([folders / "wide", folders / "deep" / "seed0.npz"], tmp_path / "out", paired="names", **QUICK)
    long = "x" * 62
    for place, seeds in (("three", (0, 1)), ("four", (3, 4))):
        (tmp_path / place).mkdir()
        for seed in seeds:
            write_graph(network(seed, communities=True), tmp_path / place / f"{long}_seed{seed}.npz")
    with pytest.raises(OptionError, match=r"have files of other names, such as x*_seed0"):
        compare([tmp_path / "three", tmp_path / "four"], tmp_path / "out", paired="names", **QUICK)
    with pytest.raises(OptionError, match="paired: got 'name'"):
        compare([folders / "wide", folders / "deep"], tmp_path / "out", paired="name", **QUICK)


def test_one_folder_stands_beside_its_null_models_and_no_analysis_takes_it(folders, tmp_path, monkeypatch):
    """Guards against networks of one kind that cannot be tested together, and against the first file for all."""
    monkeypatch.setattr("creditgraph.study.comparisons.pipeline.write_comparison", lambda content, folder: folder)
    found = compare([folders / "wide"], tmp_path, **QUICK)
    assert found.tables["groups"]["seeds"].tolist() == [6]
    assert found.tables["differences"].empty
    assert "No two groups could be compared." in found.answer
    with pytest.raises(OptionError, match="creditgraph compare takes folders of graph files"):
        analyse(folders / "wide", tmp_path)
    with pytest.raises(OptionError, match="two or more to compare, or a folder of graph files"):
        compare([folders / "wide" / "seed0.npz"], tmp_path, **QUICK)


def test_which_files_of_a_folder_are_graphs(tmp_path):
    """Guards against tables of neurons, notes and hidden files that are read as networks."""
    g = network(0, communities=True)
    for name in ("b.graphml", "a.csv", "c.npz"):
        write_graph(g, tmp_path / name)
    for name in ("readme.md", ".hidden.csv", "figure.png"):
        (tmp_path / name).write_text("x")
    (tmp_path / "deeper.npz").mkdir()
    assert (tmp_path / "a.neurons.csv").exists()
    assert [file.name for file in graph_files(tmp_path)] == ["a.csv", "b.graphml", "c.npz"]
    with pytest.raises(FileError, match="cannot be read"):
        graph_files(tmp_path / "none")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "model.pt").touch()
    with pytest.raises(FileError, match=r"holds neither a run .* nor graph files"):
        source_of(empty, AnalysisOptions(), print)


def test_untrained_weights_are_those_of_the_same_name(tmp_path):
    """Guards against one file's untrained weights for all, and against results of such as have changed since."""
    generator = np.random.default_rng(0)
    for place in ("trained", "untrained"):
        (tmp_path / place).mkdir()
        for seed in range(2):
            blocks = {f"{i}.weight": generator.normal(size=shape) for i, shape in enumerate([(5, 4), (3, 5)])}
            save_file(blocks, tmp_path / place / f"{seed}.safetensors")
    told: list[str] = []
    options = AnalysisOptions(initial=str(tmp_path / "untrained"))
    found = source_of(tmp_path / "trained", options, told.append)
    for seed, each in enumerate(found.networks):
        names = [tmp_path / place / f"{seed}.safetensors" for place in ("trained", "untrained")]
        with pytest.warns(UserWarning, match="layers read"):
            assert each.load(options) == read_graph(names[0], initial=names[1])
    (note,) = told
    assert "0.safetensors and 1.safetensors: layers read as 0.weight (4 to 5), 1.weight (5 to 3)" in note
    save_file({name: 2 * block for name, block in blocks.items()}, tmp_path / "untrained" / "0.safetensors")
    assert source_of(tmp_path / "trained", options, told.append).checksum != found.checksum
    alone = source_of(tmp_path / "trained" / "1.safetensors", options, told.append)
    assert alone.networks[0].load(options) == found.networks[1].load(options)
    (tmp_path / "by_folder" / "trained").mkdir(parents=True)
    save_file(blocks, tmp_path / "by_folder" / "trained" / "1.safetensors")
    of_folder = AnalysisOptions(initial=str(tmp_path / "by_folder"))
    own = source_of(tmp_path / "trained" / "1.safetensors", of_folder, told.append).networks[0].load(options)
    assert own.initial is not None
    assert own.initial.adjacency().tolist() == WeightGraph.from_layers(list(blocks.values())).adjacency().tolist()


def test_only_two_folders_share_seeds_where_three_are_compared(folders, tmp_path, monkeypatch):
    """Guards against the seeds of two folders that count for a third of other names too."""
    monkeypatch.setattr("creditgraph.study.comparisons.pipeline.write_comparison", lambda content, folder: folder)
    (tmp_path / "one").mkdir()
    write_graph(network(9, communities=True), tmp_path / "one" / "zzz.npz")
    three = [folders / "wide", folders / "deep", tmp_path / "one"]
    found = compare(three[::2], tmp_path, **QUICK).tables["similarity"]
    assert found.query("group != other")["same_seed"].isna().all()
    with pytest.raises(OptionError, match="have files of other names"):
        compare(three, tmp_path, paired="names", **QUICK)


def test_copies_are_no_further_networks(tmp_path):
    """Guards against one network that counts as several independent ones, in whatever format."""
    for name in ("a.npz", "b.graphml"):
        write_graph(network(1, communities=True), tmp_path / name)
    with pytest.raises(DataError, match=r"b\.graphml: has the same weights as a\.npz, and would count as another"):
        source_of(tmp_path, AnalysisOptions(), print)
    (tmp_path / "tables").mkdir()
    rows = ["a,b,1", "b,c,2", "c,a,3", "a,c,4"]
    for name, order in (("one", rows), ("two", rows[::-1])):
        (tmp_path / "tables" / f"{name}.csv").write_text("\n".join(["pre,post,weight", *order]))
    with pytest.raises(DataError, match=r"two\.csv: has the same weights as one\.csv"):
        source_of(tmp_path / "tables", AnalysisOptions(), print)


def test_every_network_has_a_name_of_its_own(tmp_path):
    """Guards against files of one stem that share a folder of results."""
    for seed, name in enumerate(("a-2.npz", "a.graphml", "a.npz", "a!.npz", "a?.npz")):
        write_graph(network(seed, communities=True), tmp_path / name)
    names = [each.name for each in source_of(tmp_path, AnalysisOptions(), print).networks]
    assert len(set(names)) == 5


def test_files_that_were_named_beside_are_no_networks(tmp_path):
    """Guards against untrained weights, or a table of neurons, that count as one more network."""
    for seed in range(2):
        table = pd.DataFrame({"pre": list("abc"), "post": list("bca"), "weight": [1.0, 2.0, 3.0 + seed]})
        table.to_csv(tmp_path / f"{seed}.csv", index=False)
    pd.DataFrame({"neuron": list("cab"), "layer": [0, 0, 1]}).to_csv(tmp_path / "marks.csv", index=False)
    pd.DataFrame({"pre": ["a"], "post": ["b"], "weight": [1.0]}).to_csv(tmp_path / "before.csv", index=False)
    options = AnalysisOptions(neuron_table=str(tmp_path / "marks.csv"), initial=str(tmp_path / "before.csv"))
    found = source_of(tmp_path, options, print)
    assert [each.name for each in found.networks] == ["0", "1"]
    assert not any("not read" in note for note in found.notes)
    assert found.networks[0].load(options).initial is not None


def test_the_table_of_neurons_beside_a_file_is_part_of_it(tmp_path):
    """Guards against the results of neurons that have been marked otherwise since."""
    (tmp_path / "g.csv").write_text("pre,post,weight\na,b,1\nb,c,2\n")
    checksums = set()
    for layers in ("", ",layer"):
        marks = "".join(f"{name}{',1' if layers else ''}\n" for name in "abc")
        (tmp_path / "g.neurons.csv").write_text(f"neuron{layers}\n{marks}")
        checksums.add(source_of(tmp_path / "g.csv", AnalysisOptions(), print).checksum)
    assert len(checksums) == 2
    assert companions(tmp_path / "g.csv") == [tmp_path / "g.neurons.csv"]
    assert companions(tmp_path / "g.npz") == []


def test_what_is_odd_in_a_folder_is_told(tmp_path):
    """Guards against networks of two kinds in one group, files that are left out, and advice for a file by itself."""
    write_graph(network(0, communities=True), tmp_path / "a.npz")
    write_graph(WeightGraph.from_matrix(np.eye(5, k=1)), tmp_path / "b.npz")
    (tmp_path / "more.pt").touch()
    (tmp_path / "inner").mkdir()
    told: list[str] = []
    found = source_of(tmp_path, AnalysisOptions(), told.append)
    assert found.notes == (
        "the networks differ in size or layers (20 and 5), though they are one group",
        "not read: inner and more.pt",
    )
    assert [f"{tmp_path}: {note}" for note in found.notes] == told
    with pytest.raises(FileError) as caught:
        source_of(tmp_path, AnalysisOptions(initial=str(tmp_path / "inner")), print)
    assert "move out" not in str(caught.value)
    (tmp_path / "log.csv").write_text("a,b\n")
    with pytest.raises(DataError, match=r"all graph files of .* are read: move out what is none"):
        source_of(tmp_path, AnalysisOptions(), print)


def test_two_folders_share_a_folder_of_untrained_weights(tmp_path, monkeypatch):
    """Guards against two conditions that started alike and cannot be compared by what training changed."""
    monkeypatch.setattr("creditgraph.study.comparisons.pipeline.write_comparison", lambda content, folder: folder)
    generator = np.random.default_rng(1)
    for place in ("init", "real", "shuf"):
        (tmp_path / place).mkdir()
        for seed in range(2):
            blocks = {f"{i}.weight": generator.normal(size=shape) for i, shape in enumerate([(6, 5), (4, 6)])}
            save_file(blocks, tmp_path / place / f"{seed}.safetensors")
    options = {**QUICK, "nulls": ["shuffle_block"], "weights": "absolute_change", "initial": str(tmp_path / "init")}
    found = compare([tmp_path / "real", tmp_path / "shuf"], tmp_path / "out", paired="names", **options)
    own = found.tables["scores"].query("group == 'shuf' and network == '1' and objective == 'modularity'")
    files = [tmp_path / place / "1.safetensors" for place in ("shuf", "init")]
    with pytest.warns(UserWarning, match="layers read"):
        g = read_graph(files[0], initial=files[1])
    assert own["quality"].iloc[0] == leiden(g, weights="absolute_change", restarts=2, seed=1).quality
    with pytest.raises(OptionError, match=r"initial: .* a folder with a file of the same name for each"):
        compare([tmp_path / "real", tmp_path / "shuf"], tmp_path, initial=str(files[1]), **QUICK)
