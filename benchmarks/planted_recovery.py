"""How well planted communities are found: AMI against mixing, beside networkx and leidenalg.

    python benchmarks/planted_recovery.py [--quick] [--out DIR]

On networks with broad degrees and sizes (LFR-like) and on layered networks each optimiser gets as many restarts, and of
these the partition with the highest value of its own objective is compared with what was planted. All are given the
same undirected graph of absolute weights.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import igraph
import leidenalg
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from measure import parser, write_results
from scipy import stats

from creditgraph.analysis import Planted, compare, leiden, planted_communities, planted_layers
from creditgraph.graphs import WeightGraph
from creditgraph.guard import cores, work_through

RESTARTS = 5
LAYERS, GROUPS = (40, 60, 40, 20), 4
MIXINGS = {
    "LFR-like": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "layered": (0.5, 0.55, 0.6, 0.625, 0.65, 0.675, 0.7, 0.725, 0.75),
}
PEERS = ("networkx louvain", "leidenalg")
OURS = {"creditgraph, modularity": "modularity", "creditgraph, layered": "layered"}
STYLES = {
    "creditgraph, modularity": {"color": "#0072b2", "marker": "o", "linestyle": "-"},
    "creditgraph, layered": {"color": "#009e73", "marker": "D", "linestyle": "-"},
    "networkx louvain": {"color": "#d55e00", "marker": "s", "linestyle": "--"},
    "leidenalg": {"color": "#333333", "marker": "x", "linestyle": ":"},
}


class Case(NamedTuple):
    """A planted network."""

    network: str
    mixing: float
    seed: int

    def draw(self) -> Planted:
        """The network and its communities."""
        if self.network == "layered":
            return planted_layers(LAYERS, groups=GROUPS, mixing=self.mixing, seed=self.seed)
        return planted_communities(n=300, mixing=self.mixing, seed=self.seed)


def recovered(case: Case) -> list[dict[str, Any]]:
    """AMI and number of communities of each optimiser on one network."""
    planted = case.draw()
    found = {
        name: leiden(planted.graph, objective=objective, restarts=RESTARTS, seed=case.seed).membership
        for name, objective in OURS.items()
        if objective == "modularity" or case.network == "layered"
    }
    joined = undirected(planted.graph)
    found |= {"networkx louvain": louvain(joined, case.seed), "leidenalg": leiden_of_leidenalg(joined, case.seed)}
    return [
        case._asdict()
        | {"optimiser": name, "ami": compare(planted.membership, labels), "communities": len(np.unique(labels))}
        for name, labels in found.items()
    ]


def undirected(g: WeightGraph) -> nx.Graph:
    """Graph of networkx whose edges weigh the sum of both directions."""
    matrix = g.adjacency(weights="absolute")
    return nx.from_numpy_array(matrix + matrix.T)


def louvain(graph: nx.Graph, seed: int) -> np.ndarray:
    """Labels of networkx's best restart."""
    runs = [nx.community.louvain_communities(graph, weight="weight", seed=seed * RESTARTS + i) for i in range(RESTARTS)]
    best = max(runs, key=lambda run: nx.community.modularity(graph, run, weight="weight"))
    labels = np.empty(graph.number_of_nodes(), dtype=np.int64)
    for label, members in enumerate(best):
        labels[list(members)] = label
    return labels


def leiden_of_leidenalg(graph: nx.Graph, seed: int) -> np.ndarray:
    """Labels of leidenalg's best restart, each run to convergence."""
    weights = [weight for *_, weight in graph.edges(data="weight")]
    engine = igraph.Graph(graph.number_of_nodes(), list(graph.edges))
    runs = [
        leidenalg.find_partition(
            engine, leidenalg.ModularityVertexPartition, weights=weights, n_iterations=-1, seed=seed * RESTARTS + i
        )
        for i in range(RESTARTS)
    ]
    return np.array(max(runs, key=lambda run: run.quality()).membership)


def summary_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean AMI over networks with its 95 % interval (Student's t)."""
    grouped = rows.groupby(["network", "mixing", "optimiser"])["ami"]
    table = grouped.agg(["mean", "std", "count"]).reset_index()
    half = stats.t.ppf(0.975, table["count"] - 1) * table["std"] / np.sqrt(table["count"])
    table["low"], table["high"] = table["mean"] - half, table["mean"] + half
    return table.rename(columns={"mean": "ami", "count": "networks"}).drop(columns="std")


def differences_of(rows: pd.DataFrame) -> pd.DataFrame:
    """AMI of each of ours less that of each peer on the same network: mean, and the lowest mean over mixings."""
    wide = rows.pivot_table(index=["network", "mixing", "seed"], columns="optimiser", values="ami")
    found = []
    for network, group in wide.groupby("network"):
        for ours in OURS:
            for peer in PEERS:
                difference = (group[ours] - group[peer]).dropna()
                if len(difference):
                    by_mixing = difference.groupby("mixing").mean()
                    found.append((network, ours, peer, difference.mean(), by_mixing.min(), by_mixing.max()))
    return pd.DataFrame(found, columns=["network", "ours", "peer", "mean", "lowest mixing", "highest mixing"])


def figure_of(table: pd.DataFrame) -> Figure:
    """AMI against mixing, a panel for each kind of network."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for axes, network in zip(panels, MIXINGS, strict=True):
        for shift, (name, style) in zip(np.linspace(-0.006, 0.006, len(STYLES)), STYLES.items(), strict=True):
            own = table[(table["network"] == network) & (table["optimiser"] == name)]
            if len(own):
                errors = [own["ami"] - own["low"], own["high"] - own["ami"]]
                axes.errorbar(own["mixing"] + shift, own["ami"], yerr=errors, label=name, capsize=2, **style)
        axes.set(title=network, xlabel="mixing", ylim=(-0.05, 1.05))
    panels[1].axvline(1 - 1 / GROUPS, color="grey", linewidth=0.8)
    panels[1].annotate("no structure", (1 - 1 / GROUPS, 0.98), (-3, 0), textcoords="offset points", ha="right")
    panels[0].set_ylabel("AMI with the planted communities")
    panels[1].legend(frameon=False, loc="lower left")
    return figure


def main() -> None:
    """Search all networks, print and write the tables."""
    options = parser(__doc__).parse_args()
    seeds = 2 if options.quick else 10
    cases = [
        Case(network, mixing, seed)
        for network, mixings in MIXINGS.items()
        for mixing in (mixings[::4] if options.quick else mixings)
        for seed in range(seeds)
    ]
    found = [row for rows in work_through(recovered, cases, workers=cores()) for row in rows]
    rows = pd.DataFrame(found).sort_values(["network", "mixing", "seed", "optimiser"])
    table, differences = summary_of(rows), differences_of(rows)
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(table.pivot_table(index=["network", "mixing"], columns="optimiser", values="ami").round(3))
        print(differences.round(4).to_string(index=False))
    results = {"restarts": RESTARTS, "table": table, "differences": differences}
    write_results("planted_recovery", results, options.out, figure=figure_of(table))


if __name__ == "__main__":
    main()
