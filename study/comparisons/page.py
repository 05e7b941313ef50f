"""From the tables of a comparison to its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...reports.comparison import ComparisonContent
from ...reports.content import MatrixExample
from ..analyses.options import AnalysisOptions
from ..analyses.page import LARGEST_MATRIX
from ..analyses.tables import Tables
from ..result_folder import ResultFolder
from .groups import Group, groups_of
from .sources import Compared

MOST_MATRICES = 12


def content_of(
    compared: Sequence[Compared],
    made: Tables,
    found: Mapping[str, Tables],
    folder: ResultFolder,
    *,
    title: str,
    question: str,
    options: AnalysisOptions,
    command: str,
    notes: Sequence[str],
) -> ComparisonContent:
    """What the page of a comparison shows, with notes beside those of its sources."""
    matrices = [
        example for each in compared[:MOST_MATRICES] for example in _example(each, made, found[each.label], options)
    ]
    of_sources = [f"{each.label}: {note}" for each in compared for note in each.source.notes]
    return ComparisonContent(
        title=title,
        question=question,
        sources=made["sources"],
        groups=made["groups"],
        differences=made["differences"],
        scores=made["scores"],
        networks=made["networks"],
        matrices=matrices,
        configuration={"analysis": options.to_dict()},
        environment=folder.read_json("environment.json"),
        command=command,
        notes=[*notes, *of_sources],
        **{name: made[name] for name in ("accuracy", "similarity") if name in made},
    )


def _example(compared: Compared, made: Tables, found: Tables, options: AnalysisOptions) -> list[MatrixExample]:
    """The first network of the source's group of best accuracy, or of its middle learning rate; none if too large."""
    group = _shown(compared, made)
    seed, name = next(iter(group.networks.items()))
    network = next(each for each in compared.source.networks if each.name == name)
    graph = network.load(options)
    if graph.n > LARGEST_MATRIX:
        return []
    neurons = found["neurons"][found["neurons"]["network"] == name].sort_values("neuron")
    scores = found["scores"]
    row = scores[(scores["network"] == name) & (scores["direction"] == "maximise")].iloc[0]
    anti = neurons["anti_community"].to_numpy(np.int64) if "anti_community" in neurons else None
    return [
        MatrixExample(
            learning_rate=group.learning_rate or 0.0,
            pruning=group.pruning,
            seed=max(seed, 0),
            label="",
            matrix=graph.adjacency(),
            membership=neurons["community"].to_numpy(np.int64),
            quality=float(row["quality"]),
            null_mean=float(row["null_mean"]),
            z=float(row["z"]),
            p_value=float(row["p_value"]),
            minimal=anti,
            name=group.name if seed < 0 else f"{group.name}, {name if compared.study is None else f'seed {seed}'}",
        )
    ]


def _shown(compared: Compared, made: Tables) -> Group:
    groups = groups_of(compared)
    if "accuracy" in made:
        own = made["accuracy"][made["accuracy"]["source"] == compared.label]
        if len(own):
            best = own["group"].iloc[int(own["accuracy_mean"].astype(float).to_numpy().argmax())]
            return next(group for group in groups if group.name == best)
    return groups[len(groups) // 2]
