"""Figures of the weights of single networks, reordered by community."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .. import labels
from ..content import MatrixExample, ReportContent
from ..figures import community_table, reordered_matrices, reordered_matrix, weight_table
from ..figures.matrices import NULLS_NAMED
from ..figures.style import pick
from .illustration import Illustration, extent


def matrices(content: ReportContent) -> list[Illustration]:
    """The weights of a low, a middle and a high learning rate side by side: one figure for each pruning."""
    groups: dict[float | None, list[MatrixExample]] = {}
    for example in content.matrices:
        if example.label:
            groups.setdefault(example.pruning, []).append(example)
    illustrations = []
    for i, (pruning, examples) in enumerate(groups.items()):
        n = examples[0].matrix.shape[0]
        at = "" if pruning is None else f", pruning {pruning:g}"
        caption = (
            f"Weights{_backbone(content)} of {labels.counted(len(examples), 'single network')} (n = "
            f"{labels.counted(n, 'neuron')}{at}; seeds and learning "
            "rates above each), as figure 4 of Fan and Mysore (2024) shows them. " + _orders_in_words(content, examples)
        )
        alternative = " ".join(_example_in_words(example) for example in examples)
        name = "matrices" if len(groups) == 1 else f"matrices-{i + 1}"
        figure = reordered_matrices(examples, scores=_scores(content))
        further = {"weights": weight_table(examples)}
        illustrations.append(
            Illustration(name, figure, caption, alternative, community_table(examples), further=further)
        )
    return illustrations


def every_matrix(content: ReportContent) -> list[Illustration]:
    """The weights of each example on its own, to go through by learning rate, the strongest pruning first.

    None where :func:`matrices` shows them all.
    """
    if all(example.label for example in content.matrices):
        return []
    illustrations = []
    ordered = sorted(content.matrices, key=lambda each: (-(each.pruning or 0.0), each.learning_rate, each.seed))
    for i, example in enumerate(ordered):
        label = f"r = {labels.rate(example.learning_rate)}"
        label += "" if example.pruning is None else f", pruning {example.pruning:g}"
        label += f", seed {example.seed}"
        caption = (
            f"Weights{_backbone(content)} of one network (n = "
            f"{labels.counted(example.matrix.shape[0], 'neuron')}, {label}). "
            f"{_orders_in_words(content, [example])}"
        )
        figure = reordered_matrix(example, scores=_scores(content))
        illustrations.append(
            Illustration(
                f"matrix-{i + 1}",
                figure,
                caption,
                _example_in_words(example),
                community_table([example]),
                label=label,
                further={"weights": weight_table([example])},
            )
        )
    return illustrations


def _backbone(content: ReportContent) -> str:
    return labels.backbone(content.configuration.get("analysis"))


def _scores(content: ReportContent) -> pd.DataFrame | None:
    """The scores of the view of the weights that the examples show: the study's first."""
    if content.communities.empty:
        return None
    return pick(content.communities, weights=content.communities["weights"].iloc[0])


def _orders_in_words(content: ReportContent, examples: Sequence[MatrixExample]) -> str:
    names = [labels.null(name) for name in labels.distinct(content.communities, "null")]
    nulls = labels.listed(names) or "null model"
    if len(names) > NULLS_NAMED:
        nulls += f" (the first {NULLS_NAMED} above each matrix, all of them in the table of networks)"
    minimal = any(example.minimal is not None for example in examples)
    return (
        "Rows are post-, columns presynaptic neurons: in their own order, then by the communities of maximal Q"
        + (" and by the groups of minimal Q" if minimal else "")
        + ", the largest first, outlined. Colours saturate at the 99th percentile of the sizes of existing synapses, "
        f"for each network its own. z: that network against its null: {_samples(content)}{nulls}."
    )


def _samples(content: ReportContent) -> str:
    counts = labels.sample_counts(content.communities)
    return f"{counts} of " if counts else ""


def _example_in_words(example: MatrixExample) -> str:
    sizes = np.unique(example.membership, return_counts=True)[1]
    return (
        f"{labels.capital(f'{example.label} learning rate'.strip())} {labels.rate(example.learning_rate)}: "
        f"{labels.counted(len(sizes), 'community', 'communities')} of "
        f"{extent(f'{sizes.min()}', f'{sizes.max()}')} neurons, Q = {labels.score(example.quality)} beside "
        f"{labels.score(example.null_mean)} of the null, z = {labels.number(example.z)}."
    )
