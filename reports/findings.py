from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..graphs import WeightGraph
from ..guard import DataError, finite_array, square_matrix
from . import labels
from .columns import require_columns

COLUMNS = {
    "memberships": ("learning_rate", "neuron", "community"),
    "course": ("step", "neuron", "community"),
    "blocks": ("post", "pre", "mean", "density", "ratio"),
    "structure": ("structure", "score", "null_mean", "z", "p_value", "q_value"),
    "roles": ("neuron", "community", "participation", "within_module_z"),
    "lesions": ("community", "class", "excess", "q_value"),
    "selectivity": ("community", "of", "selectivity", "preferred", "null_mean", "null_sd", "q_value"),
    "resolution": ("resolution", "communities"),
    "events": ("step", "event"),
    "matched": ("basis", "target", "learning_rate", "weights", "direction", "null", "difference_mean"),
    "matched_answers": ("target", "answer"),
    "power": ("effect", "seeds", "power"),
    "slices": ("step", "neuron", "community"),
    "plateaus": ("low", "high", "width", "communities"),
    "consensus": ("communities", "threshold", "similarity", "restarts"),
    "restart_agreement": ("objective", "direction", "restarts", "ami", "nmi", "ari", "vi", "element_centric"),
    "seed_agreement": ("learning_rate", "seeds", "ami", "nmi", "ari", "vi", "element_centric"),
    "neuron_agreement": ("learning_rate", "neuron", "seeds", "element_centric", "expected"),
}


def asked_of(table: pd.DataFrame) -> str:
    """`` of modularity (absolute weights)``: what was asked of which weights, where the table tells."""
    if not {"weights", "objective"} <= set(table.columns):
        return ""
    directed = "directed " if "directed" in table and bool(table["directed"].iloc[0]) else ""
    objective, weights = (str(table[name].iloc[0]) for name in ("objective", "weights"))
    return f" of {'the ' * (objective == 'cpm')}{directed}{labels.objective(objective)} ({labels.weights(weights)})"


@dataclass(frozen=True)
class Similarities:
    """How alike partitions are: a symmetric matrix, and what group (learning rate, say) each partition belongs to."""

    matrix: npt.NDArray[np.floating[Any]]
    groups: Sequence[str]

    def __post_init__(self) -> None:
        if len(square_matrix("similarities", self.matrix)) != len(self.groups):
            raise DataError(
                f"groups: got {len(self.groups)}, expected one for each of "
                f"{labels.counted(len(self.matrix), 'partition')}"
            )


@dataclass(frozen=True)
class Drawing:
    """A network to be drawn, whole (the figure picks its strongest synapses), and the community of each neuron."""

    graph: WeightGraph
    membership: npt.NDArray[np.integer[Any]]

    def __post_init__(self) -> None:
        count = len(finite_array("membership", self.membership, ndim=1))
        if count != self.graph.n:
            raise DataError(
                f"membership: got {labels.counted(count, 'entry', 'entries')}, expected one for each of "
                f"{labels.counted(self.graph.n, 'neuron')}"
            )


@dataclass(frozen=True)
class Findings:
    """What an analysis found beyond scores against nulls; what is None, or empty, is left out of the page.

    Tables are those of :mod:`creditgraph.analysis`, as its functions return them. Community labels should be aligned
    (:func:`creditgraph.analysis.align`), so that a colour means the same community in every figure.

    Parameters
    ----------
    network
        Which network the tables of a single network are of, in words, such as ``r = 0.1, seed 0``.
    memberships
        Communities of one seed across learning rates: learning_rate, neuron, community.
    course
        Communities of one network over training: step, neuron, community.
    similarities
        How alike the partitions of learning rates and seeds are.
    blocks, structure, roles, lesions, selectivity
        Of one network: `block_matrices(...).table()`, `structure(...).table`, `roles`, `lesions`,
        `community_selectivity`.
    verdict
        Which structure the network has, in words.
    drawing
        The network to be drawn.
    resolution
        Number of communities over resolutions: `resolution_profile(...).table`.
    events
        What happened to communities between snapshots.
    matched, matched_answers
        `matched_loss(...)`: its effects and its comparison.
    power
        `power_curve(...)`.
    slices
        Multislice communities of one network over training: step, neuron, community.
    plateaus
        Ranges of resolutions over which the communities stay: `resolution_profile(...).plateaus`.
    consensus
        One row: what the restarts of one network have in common, and the threshold of co-assignment.
    restart_agreement, seed_agreement
        How alike partitions are by every measure: of the restarts of one network, one row a score; of the seeds at each
        learning rate.
    neuron_agreement
        How alike the communities of each neuron are over seeds at one learning rate, beside chance.

    Raises
    ------
    DataError
        If a table lacks a column.
    """

    network: str = ""
    memberships: pd.DataFrame | None = None
    course: pd.DataFrame | None = None
    similarities: Similarities | None = None
    blocks: pd.DataFrame | None = None
    structure: pd.DataFrame | None = None
    verdict: str = ""
    roles: pd.DataFrame | None = None
    drawing: Drawing | None = None
    lesions: pd.DataFrame | None = None
    selectivity: pd.DataFrame | None = None
    resolution: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    matched: pd.DataFrame | None = None
    matched_answers: pd.DataFrame | None = None
    power: pd.DataFrame | None = None
    slices: pd.DataFrame | None = None
    plateaus: pd.DataFrame | None = None
    consensus: pd.DataFrame | None = None
    restart_agreement: pd.DataFrame | None = None
    seed_agreement: pd.DataFrame | None = None
    neuron_agreement: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            if getattr(self, name) is not None:
                require_columns(name, getattr(self, name), columns)

    def table(self, name: str) -> pd.DataFrame | None:
        """The table of that name, or None where there is none or it has no rows."""
        found = getattr(self, name)
        return found if found is not None and len(found) else None
