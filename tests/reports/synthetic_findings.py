"""Tables of findings made up from a seed: what figures and pages draw where no analysis is run."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

from creditgraph.graphs import WeightGraph

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


def grid(**columns) -> pd.DataFrame:
    return pd.DataFrame(list(itertools.product(*columns.values())), columns=list(columns))


def memberships(
    positions: int = 6, neurons: int = 60, communities: int = 5, over: str = "learning_rate"
) -> pd.DataFrame:
    """Neurons that keep their community with probability 0.8 from one position to the next."""
    random = np.random.default_rng(0)
    now = random.integers(0, communities, neurons)
    tables = []
    for i in range(positions):
        place = float(f"{10 ** (-3 + 3 * i / max(positions - 1, 1)):.3g}") if over == "learning_rate" else 10 * i
        tables.append(pd.DataFrame({over: place, "neuron": np.arange(neurons), "community": now}))
        now = np.where(random.random(neurons) < 0.8, now, random.integers(0, communities, neurons))
    return pd.concat(tables, ignore_index=True)


def phases(rates=RATES, prunings=(0.5, 0.8, 0.95)) -> pd.DataFrame:
    """Effects in which z grows with learning rate and pruning."""
    table = grid(
        weights=["absolute"],
        direction=["maximise", "minimise"],
        null=["shuffle_nonzero", "initial"],
        learning_rate=[float(rate) for rate in rates],
        pruning=[float(pruning) for pruning in prunings],
    )
    z = 6 * (np.log10(table["learning_rate"]) + 2) * table["pruning"]
    z = z * np.where(table["direction"] == "maximise", 1, -1)
    return table.assign(z_mean=z, q_value=np.where(np.abs(z) > 3, 0.01, 0.5))


def roles(neurons: int = 120, communities: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "neuron": np.arange(neurons),
            "community": np.arange(neurons) % communities,
            "participation": random.beta(2, 2, neurons),
            "within_module_z": random.normal(0, 1.2, neurons),
        }
    )


def lesions(communities: int = 6, classes: int = 10) -> pd.DataFrame:
    random = np.random.default_rng(2)
    table = grid(community=range(communities), **{"class": range(classes)})
    excess = random.normal(0, 0.03, len(table)) + np.where(table["community"] == table["class"], 0.8, 0)
    return table.assign(excess=excess, q_value=np.where(excess > 0.3, 0.01, 0.6))


def selectivity(communities: int = 6) -> pd.DataFrame:
    random = np.random.default_rng(3)
    table = grid(community=range(communities), of=["neurons", "community"])
    values = random.uniform(0.2, 0.8, len(table))
    return table.assign(
        selectivity=values,
        null_mean=0.35,
        null_sd=0.04,
        q_value=np.where(values > 0.43, 0.01, 0.5),
        preferred=table["community"] % 10,
    )


def blocks(communities: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(4)
    table = grid(post=range(communities), pre=range(communities))
    own = (table["post"] == table["pre"]).to_numpy()
    strength = np.where(own, 3.0, 0.5) * random.uniform(0.8, 1.2, len(table))
    return table.assign(ratio=strength, mean=0.02 * strength, density=np.clip(0.2 * strength, 0, 1))


def similarity(groups: int = 6, each: int = 5) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Partitions of one group are alike at 0.8, of neighbours at 0.4, of others at 0.1."""
    group = np.repeat(np.arange(groups), each)
    far = np.abs(group[:, None] - group[None, :])
    matrix = np.select([far == 0, far == 1], [0.8, 0.4], 0.1)
    np.fill_diagonal(matrix, 1.0)
    return matrix, [f"r = {RATES[i % len(RATES)]:g}" if groups <= len(RATES) else f"g{i}" for i in group]


def layered_graph(sizes: tuple[int, ...] = (16, 24, 20, 10)) -> tuple[WeightGraph, npt.NDArray[np.int64]]:
    """Synapses that are strong within four communities that span the layers."""
    random = np.random.default_rng(5)
    blocks = []
    for pre, post in itertools.pairwise(sizes):
        same = (np.arange(post) * 4 // post)[:, None] == (np.arange(pre) * 4 // pre)[None, :]
        blocks.append(random.normal(0, 1, (post, pre)) * np.where(same, 1.0, 0.15))
    return WeightGraph.from_layers(blocks), np.concatenate([np.arange(size) * 4 // size for size in sizes])


def all_to_all_graph(n: int = 60) -> tuple[WeightGraph, npt.NDArray[np.int64]]:
    random = np.random.default_rng(6)
    membership = np.arange(n) * 5 // n
    same = membership[:, None] == membership[None, :]
    return WeightGraph.from_matrix(random.normal(0, 1, (n, n)) * np.where(same, 1.0, 0.2)), membership


def profile(points: int = 30) -> pd.DataFrame:
    """A plateau of 4 communities, and one of 12."""
    gamma = np.geomspace(0.1, 10, points)
    counts = np.select([gamma < 0.3, gamma < 1.5, gamma < 2.0, gamma < 6.0], [1, 4, 8, 12], (gamma * 5).astype(int))
    plateau = pd.array(np.select([counts == 4, counts == 12], [0, 1], -1), dtype="Int64")
    plateau[plateau == -1] = pd.NA
    stable = np.isin(counts, (1, 4, 12))
    return pd.DataFrame(
        {
            "resolution": gamma,
            "communities": counts,
            "agreement": np.where(stable, 0.97, 0.5),
            "next_similarity": np.where(stable, 0.99, 0.6),
            "plateau": plateau,
        }
    )


def events(steps: int = 8, learning_rates: tuple[float, ...] = (0.01, 0.03, 0.1)) -> pd.DataFrame:
    random = np.random.default_rng(8)
    table = grid(
        learning_rate=learning_rates,
        seed=range(3),
        step=[2**i for i in range(steps)],
        event=["birth", "growth", "merge", "split", "contraction", "death"],
    )
    return table[random.random(len(table)) < 0.4].reset_index(drop=True)


def matched_loss() -> pd.DataFrame:
    """A trend at a fixed step that is a third at matched loss; the lowest learning rate does not reach the losses."""
    table = grid(
        target=[pd.NA, 0.5, 0.1],
        weights=["absolute"],
        direction=["maximise", "minimise"],
        null=["shuffle_nonzero", "initial"],
        learning_rate=RATES,
    )
    fixed = table["target"].isna().to_numpy()
    place = np.log10(table["learning_rate"]) + 3
    mean = np.where(fixed, 0.03, 0.01) * np.where(table["direction"] == "maximise", 1, -1) * place
    table = table.assign(
        target=table["target"].astype("Float64"),
        basis=np.where(fixed, "fixed step", "matched loss"),
        difference_mean=mean,
        difference_low=mean - 0.01,
        difference_high=mean + 0.01,
        seeds=5,
    )
    return table[fixed | (table["learning_rate"] >= 0.003)].reset_index(drop=True)


def power(effects: tuple[float, ...] = (0.3, 0.5, 0.8, 1.2, 2.0)) -> pd.DataFrame:
    table = grid(effect=effects, seeds=[2, 3, 5, 8, 10, 15, 20, 30])
    return table.assign(power=1 - np.exp(-(table["effect"] ** 2) * table["seeds"] / 4))


def structure() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "structure": ["block-diagonal", "off-diagonal", "core-periphery"],
            "score": [0.3, -0.1, 0.2],
            "null_mean": [0.1, -0.1, 0.19],
            "null_sd": 0.01,
            "z": [20.0, 0.1, 1.0],
            "p_value": [0.01, 0.6, 0.2],
            "q_value": [0.03, 0.6, 0.3],
            "holds": [True, False, False],
        }
    )


def matched_answers() -> pd.DataFrame:
    table = grid(weights=["absolute"], direction=["maximise"], null=["shuffle_nonzero", "initial"], target=[0.5, 0.1])
    return table.assign(
        fixed_trend="increasing",
        fixed_q=0.001,
        matched_trend="none",
        matched_q=0.4,
        left_out="0.001",
        answer="only at a fixed step",
        note="",
    )


def balance() -> pd.DataFrame:
    """Networks that become one-sided, the faster the higher the learning rate, while their credits shrink."""
    table = grid(learning_rate=[0.01, 0.1, 0.3], seed=[0, 1], epoch=range(11))
    course = 1 - np.exp(-table["epoch"] * table["learning_rate"])
    aside = 0.01 * table["seed"]
    return table.assign(
        ei_imbalance=0.1 + 0.5 * course + aside, mean_balance=0.9 - 0.4 * course + aside, credit_norm=2 - course + aside
    )


def scores() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A network of higher maximal and lower minimal Q than the samples of its first null model, not of its second."""
    random = np.random.default_rng(9)
    questions = grid(
        weights=["absolute", "signed"],
        objective=["modularity"],
        direction=["maximise", "minimise"],
        null=["shuffle_nonzero", "rewire"],
    )
    sign = np.where(questions["direction"] == "maximise", 1, -1)
    samples = questions.loc[np.repeat(questions.index, 20)].reset_index(drop=True)
    middle = np.repeat(sign * np.where(questions["null"] == "rewire", 0.3, 0.1), 20)
    samples = samples.assign(sample=np.tile(range(20), len(questions)), quality=random.normal(middle, 0.02))
    return questions.assign(quality=0.3 * sign, z=3.0), samples


def amplitudes() -> pd.DataFrame:
    """What the retrograde signal goes with: balance, state, and the correlations of both."""
    parts = [
        *(("balance", f"{place:g}") for place in (0.1, 0.3, 0.5, 0.7, 0.9)),
        *(("state", name) for name in ("silent", "balanced", "saturated")),
        *(("correlation", name) for name in ("balance", "credit", "balance and credit")),
    ]
    table = grid(network=["sigmoid", "tanh"], seed=[0, 1, 2], part=range(len(parts)))
    place = table["part"].to_numpy()
    return table.assign(
        by=[parts[i][0] for i in place],
        group=[parts[i][1] for i in place],
        value=0.1 + 0.07 * place + 0.02 * table["seed"] + np.where(table["network"] == "tanh", 0.1, 0.0),
    ).drop(columns="part")
