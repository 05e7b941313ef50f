"""Are trained networks clusterable? It depends on the number of clusters and on the null model.

    python benchmarks/clusterability.py [--quick] [--out DIR]

In kind Filan and others, "Clusterability in Neural Networks" (arXiv 2103.03386): networks of four hidden layers of 256
neurons, before and after training on digits with the credit rule, whole and with the strongest tenth of the weights of
each layer; their normalised cuts by spectral clustering beside those of several null models.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from measure import parser, write_results
from scipy import stats

from creditgraph.analysis import compare, false_discovery, mean_interval, null_statistics, spectral_communities
from creditgraph.analysis.normalised_cut import SpectralCuts
from creditgraph.analysis.significance import standing
from creditgraph.graphs import WeightGraph
from creditgraph.guard import cores, work_through
from creditgraph.train import LayeredNetwork, LayeredSweep, load_task, prune_smallest

LEARNING_RATE, TEST_FRACTION, PRUNED = 0.1, 0.2, 0.9
STATES = ("untrained", "trained")
SYNAPSES = {"all": 0.0, "strongest tenth": PRUNED}
# ours by name, and the shuffle of whole weight matrices, zeros with the rest, that Filan and others make
LAYERS = "shuffle_layer"
NULLS = {
    "shuffle_block": "weights shuffled between two layers",
    LAYERS: "the same, zeros too",
    "shuffle_nonzero": "weights shuffled in the whole network",
    "initial": "untrained networks",
}
MARKERS = dict(zip(NULLS, "osD^", strict=True))
COLOURS = dict(zip(NULLS, sns.color_palette("colorblind"), strict=False))


class Extent(NamedTuple):
    """How much is run."""

    hidden: list[int]
    seeds: int
    epochs: int
    samples: int
    counts: tuple[int, ...]


FULL = Extent([256] * 4, seeds=5, epochs=30, samples=19, counts=(2, 4, 8, 12, 16))
QUICK = Extent([32] * 4, seeds=2, epochs=3, samples=3, counts=(2, 4))


@dataclass(frozen=True)
class Untrained:
    """Weights of a network that has learned nothing, by seed."""

    sizes: list[int]

    def __call__(self, seed: int) -> WeightGraph:
        """Draw the weights."""
        start = LayeredNetwork(self.sizes, seed=[seed])
        return WeightGraph.from_layers([each[0].numpy() for each in start.weights])


@dataclass(frozen=True)
class Shuffled:
    """Weight matrices with all their entries permuted, by seed."""

    blocks: list[np.ndarray]

    def __call__(self, seed: int) -> WeightGraph:
        """Draw a permutation."""
        generator = np.random.default_rng(seed)
        return WeightGraph.from_layers(
            [generator.permutation(each.ravel()).reshape(each.shape) for each in self.blocks]
        )


class Case(NamedTuple):
    """A network and the null model that it is held against."""

    state: str
    synapses: str
    seed: int
    null: str
    blocks: list[np.ndarray]


def held(extent: Extent, case: Case) -> list[dict[str, Any]]:
    """Cut, mean of the null's, z and p of one network at each number of clusters; once how like its layers they are."""
    g = WeightGraph.from_layers(case.blocks)
    cuts = SpectralCuts(extent.counts)
    given: Any = None
    if case.null == LAYERS:
        given = Shuffled(case.blocks)
    elif case.null == "initial":
        given = Untrained([case.blocks[0].shape[1], *(len(each) for each in case.blocks)])
    null = "initial" if given is not None else case.null
    sampled = null_statistics(g, cuts, null=null, samples=extent.samples, seed=case.seed, initial=given)
    rows = []
    for clusters, observed, values in zip(extent.counts, cuts(g.view("absolute"), case.seed), sampled.T, strict=True):
        z, p_value = standing(float(observed), values, "minimise")
        row = {"clusters": clusters, "cut": observed, "null_cut": values.mean(), "z": z, "p": p_value}
        if case.null == "shuffle_block":
            communities = spectral_communities(g, clusters, seed=case.seed)
            row["layers"] = compare(communities, g.layers)
        rows.append(dict(zip(Case._fields[:4], case[:4], strict=True)) | row)
    return rows


def networks(extent: Extent) -> tuple[list[Case], pd.DataFrame]:
    """All networks with each null model, and their test accuracies."""
    seeds = list(range(extent.seeds))
    result = LayeredSweep(
        "digits",
        hidden=extent.hidden,
        learning_rates=[LEARNING_RATE],
        seeds=seeds,
        epochs=extent.epochs,
        test_fraction=TEST_FRACTION,
        snapshots=0,
    ).run()
    biases = [each.numpy() for each in result.biases]
    cases, accuracies = [], []
    for state, weights in zip(STATES, (result.initial_weights, result.weights), strict=True):
        for synapses, fraction in SYNAPSES.items():
            for seed in seeds:
                blocks = [prune_smallest(each[seed].numpy(), fraction) for each in weights]
                cases += [Case(state, synapses, seed, null, blocks) for null in NULLS if fraction or null != LAYERS]
                if state == "trained":
                    found = accuracy(blocks, [each[seed] for each in biases], seed)
                    accuracies.append({"synapses": synapses, "seed": seed, "accuracy": found})
    return cases, pd.DataFrame(accuracies)


def accuracy(blocks: list[np.ndarray], biases: list[np.ndarray], seed: int) -> float:
    """Share of the test samples that a tanh network classifies rightly."""
    task = load_task("digits", seed=seed, test_fraction=TEST_FRACTION)
    x = np.asarray(task.x_test)
    for block, bias in zip(blocks[:-1], biases[:-1], strict=True):
        x = np.tanh(x @ block.T + bias)
    return float(((x @ blocks[-1].T + biases[-1]).argmax(axis=1) == np.asarray(task.y_test)).mean())


def table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds, Student's 95 % interval of z, networks with p of at most 0.05, and q.

    q is Benjamini and Hochberg's over all rows, of p that Fisher's method combines over the seeds.
    """
    found = []
    for key, group in rows.groupby(["synapses", "state", "null", "clusters"], sort=False):
        low, high = mean_interval(group["z"])
        means = group[["cut", "null_cut", "z"]].mean().to_dict()
        found.append(
            dict(zip(("synapses", "state", "null", "clusters"), key, strict=True))
            | means
            | {"z_low": low, "z_high": high, "networks": len(group), "significant": int((group["p"] <= 0.05).sum())}
            | {"p": float(stats.combine_pvalues(group["p"], method="fisher").pvalue)}
        )
    table = pd.DataFrame(found)
    table["q"] = false_discovery(table.pop("p"))
    return table


def learned_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Cut after training minus cut before, paired within seeds: mean and Student's 95 % interval."""
    cuts = rows[rows["null"] == "shuffle_block"].pivot_table(
        index=["synapses", "clusters", "seed"], columns="state", values="cut", sort=False
    )
    found = []
    for key, change in (cuts["trained"] - cuts["untrained"]).groupby(["synapses", "clusters"], sort=False):
        low, high = mean_interval(change)
        found.append({"synapses": key[0], "clusters": key[1], "change": change.mean(), "low": low, "high": high})
    return pd.DataFrame(found)


def figure_of(table: pd.DataFrame, extent: Extent) -> Figure:
    """Mean z against the number of clusters, a line for each null model, a panel for each kind of network."""
    figure, panels = plt.subplots(2, 2, figsize=(10, 7.4), sharex=True, sharey="row", layout="constrained")
    for axes, (synapses, state) in zip(panels.flat, [(each, s) for each in SYNAPSES for s in STATES], strict=True):
        own = table[(table["synapses"] == synapses) & (table["state"] == state)]
        for null, group in own.groupby("null", sort=False):
            reach = np.abs(group[["z_low", "z_high"]].to_numpy(float).T - group["z"].to_numpy())
            axes.errorbar(
                group["clusters"],
                group["z"],
                yerr=reach,
                marker=MARKERS[null],
                color=COLOURS[null],
                capsize=3,
                label=NULLS[null],
            )
        axes.axhline(0, color="0.6", linewidth=1)
        axes.set_title(f"{state}, {synapses} {'synapses' if synapses == 'all' else 'of the synapses'}", loc="left")
        axes.set_xticks(extent.counts)
        axes.grid(axis="y", alpha=0.3)
    for axes in panels[:, 0]:
        axes.set_ylabel("z of the normalised cut\n(below 0: cut more cleanly than chance)")
    for axes in panels[1]:
        axes.set_xlabel("number of clusters")
    panels[1, 1].legend(frameon=False, fontsize="small", title="null model")
    figure.suptitle("Are networks clusterable? It depends on the clusters and on the null model", x=0.01, ha="left")
    sizes = "-".join(map(str, [64, *extent.hidden, 10]))
    figure.supxlabel(
        f"{sizes} on digits, credit rule, r = {LEARNING_RATE:g}, {extent.epochs} epochs; means of {extent.seeds} seeds"
        f" with 95 % Student intervals; {extent.samples} samples of each null model",
        fontsize="small",
    )
    return figure


def main() -> None:
    """Train, cut, print and write the table and the figure."""
    options = parser(__doc__, processor_only=True).parse_args()
    extent = QUICK if options.quick else FULL
    cases, accuracies = networks(extent)
    print(accuracies.groupby("synapses", sort=False)["accuracy"].agg(["mean", "min", "max"]).round(3).to_string())
    found = list(work_through(partial(held, extent), cases, workers=cores()))
    order = {case[:4]: place for place, case in enumerate(cases)}
    found.sort(key=lambda rows: order[tuple(rows[0][field] for field in Case._fields[:4])])
    rows = pd.DataFrame([row for each in found for row in each])
    table = table_of(rows)
    with pd.option_context("display.width", 200, "display.max_columns", None, "display.max_rows", None):
        print(table.round(4).to_string(index=False))
    learned = learned_of(rows)
    print("cut of trained networks minus that of the same networks before training")
    print(learned.round(4).to_string(index=False))
    layers = rows.pivot_table(index=["synapses", "state"], columns="clusters", values="layers", sort=False)
    print("AMI of communities and layers, mean over seeds, by number of clusters")
    print(layers.round(2).to_string())
    settings = extent._asdict() | {
        "learning_rate": LEARNING_RATE,
        "pruned": PRUNED,
        "accuracies": accuracies,
        "table": table,
        "learned": learned,
        "layers": layers.reset_index(),
        "networks": rows,
    }
    write_results("clusterability", settings, options.out, figure=figure_of(table, extent))


if __name__ == "__main__":
    main()
