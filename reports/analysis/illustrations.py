"""The figures of an analysis that are drawn from its own tables, with captions."""

from __future__ import annotations

import pandas as pd

from .. import labels
from ..figures import community_table, reordered_matrix, score_samples, weight_table
from ..figures.style import LEVEL
from ..illustrations import Illustration
from .answer import beyond
from .content import SCORE_KEYS, AnalysisContent


def samples(content: AnalysisContent) -> list[Illustration]:
    """The scores among those of the null models."""
    drawn = int(content.nulls.groupby(list(SCORE_KEYS)).size().min()) if len(content.nulls) else 0
    nulls = labels.listed([labels.null(name) for name in labels.distinct(content.scores, "null")])
    caption = (
        "The network (diamonds; n = 1 network of "
        f"{labels.counted(int(content.networks['neurons'].iloc[0]), 'neuron')}) among "
        f"{labels.counted(drawn, 'sample')} of each null model (points): {nulls}. Data and null models got the same "
        "optimiser and the same number of restarts."
    )
    passed = sum(beyond(row) for row in content.scores.to_dict("records"))
    alternative = (
        f"Point plots. {passed} of {labels.counted(len(content.scores), 'comparison')} have q of at most {LEVEL:g}."
    )
    data = pd.concat([content.scores.assign(sample=-1), content.nulls], ignore_index=True)[
        [*SCORE_KEYS, "sample", "quality"]
    ]
    return [Illustration("scores", score_samples(content.scores, content.nulls), caption, alternative, data)]


def matrix(content: AnalysisContent) -> list[Illustration]:
    """The weights, reordered by community."""
    if content.matrix is None:
        return []
    example = content.matrix
    n = example.matrix.shape[0]
    minimal = "" if example.minimal is None else ", and by the groups of minimal Q"
    caption = (
        f"Weights{labels.backbone(content.configuration)} (n = {labels.counted(n, 'neuron')}, one "
        f"network): Q = {labels.score(example.quality)}, null mean "
        f"{labels.score(example.null_mean)} ({labels.null(str(content.scores['null'].iloc[0]))}), z = "
        f"{labels.number(example.z)}. Rows are post-, columns presynaptic neurons: in their own order, "
        f"by the communities of maximal Q{minimal}, the largest first, outlined. Colours "
        "saturate at the 99th percentile of the sizes of existing synapses."
    )
    alternative = (
        f"Weight matrix in {'two' if example.minimal is None else 'three'} orders, with "
        f"{labels.counted(int(content.networks['communities'].iloc[0]), 'block')} "
        "on the diagonal of the second."
    )
    figure, further = reordered_matrix(example), {"weights": weight_table([example])}
    return [Illustration("matrix", figure, caption, alternative, community_table([example]), further=further)]
