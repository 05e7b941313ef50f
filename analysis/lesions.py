from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..graphs import WeightGraph
from ..graphs.weight_graph import weight_graph
from ..guard import DataError, OptionError, counted, finite_array, whole_number
from .false_discovery import false_discovery
from .membership import community_labels
from .significance import standing

SPARED_ROLES = ("input", "output")

Evaluate = Callable[[npt.NDArray[np.int64]], Any]

NUMBERS = ("intact", "loss", "control_mean", "control_sd", "excess", "z", "p_value", "q_value")


def lesions(
    evaluate: Evaluate,
    g: WeightGraph,
    membership: Any,
    *,
    spared: Any = None,
    controls: int = 99,
    smallest: int = 2,
    seed: int = 0,
) -> pd.DataFrame:
    r"""What communities do: the loss of each class without them, beside that without as many other neurons.

    A community is silenced, and so are random sets of neurons with the same composition: as many neurons of every
    layer, role and type (excitatory or inhibitory, say). Each set is drawn from all neurons that may be silenced, the
    community's own among them, so that a community that is nothing special is one more such set. For each class,

    .. math:: \text{excess} = L(\text{community}) - \frac{1}{C} \sum_c L(\text{control}_c), \quad
        p = \frac{1 + \#\{L(\text{control}_c) \ge L(\text{community})\}}{1 + C}

    Parameters
    ----------
    evaluate
        Function of the indices of the neurons to silence, shape (any,), that returns the loss of each class on test
        data, shape (classes,); called once for each community, control and the intact network. For networks of
        creditgraph, see ``creditgraph.train.ablated_loss``.
    g
        The graph, for its layers, roles and types; where it has none, all neurons count as alike.
    membership
        A partition, or whole numbers, shape (n,).
    spared
        Indices of neurons that are never silenced. By default those whose role is "input" or "output": without them the
        task itself would be another. Of a graph without roles, none.
    controls
        Random sets per community, at least 2; the smallest p-value is ``1 / (1 + controls)``.
    smallest
        Communities of fewer neurons, spared ones included, are left out of the table.
    seed
        Seed of the random sets. Those of a community depend on it and the rank of its label only.

    Returns
    -------
    DataFrame
        One row per community and class: `community`, `class` (from 0), `neurons` (silenced), `intact` (loss of the
        whole network), `loss`, `control_mean`, `control_sd` (n - 1), `excess`, `z`, `p_value`, `q_value`
        (Benjamini-Hochberg over all rows). Where all neurons of a community are spared, `neurons` is 0 and the numbers
        are missing. A community that is a whole layer is its own control: p is 1.

    Raises
    ------
    DataError
        If `evaluate` does not return finite losses, always as many, or the membership has another length.

    Examples
    --------
    Losses that count silenced neurons of the first community, class 0, and of the second, class 1:

    >>> def evaluate(neurons):
    ...     return [(neurons < 10).sum(), (neurons >= 10).sum()]
    >>> g = WeightGraph.from_matrix(np.ones((20, 20)))
    >>> found = lesions(evaluate, g, [0] * 10 + [1] * 10)
    >>> found[["community", "class", "loss", "p_value"]].to_numpy().tolist()
    [[0, 0, 10.0, 0.01], [0, 1, 0.0, 1.0], [1, 0, 0.0, 1.0], [1, 1, 10.0, 0.01]]
    """
    own = community_labels(membership, weight_graph("g", g).n)
    whole_number("controls", controls, 2)
    whole_number("smallest", smallest, 1)
    whole_number("seed", seed, 0)
    if not callable(evaluate):
        raise OptionError("evaluate", evaluate, "a function of the neurons to silence")
    open_to = ~_spared(g, spared)
    strata = composition_strata(g)
    intact = _losses(evaluate, np.empty(0, dtype=np.int64), None)
    classes = len(intact)
    labels = np.unique(np.asarray(getattr(membership, "membership", membership)))
    frames = []
    for community in np.flatnonzero(np.bincount(own) >= smallest):
        silenced = np.flatnonzero((own == community) & open_to)
        table = pd.DataFrame(
            {"community": int(labels[community]), "class": np.arange(classes), "neurons": len(silenced)}
        )
        if len(silenced):
            loss = _losses(evaluate, silenced, classes)
            generator = np.random.default_rng((seed, int(community)))
            sets = [matched_set(silenced, open_to, strata, generator) for _ in range(controls)]
            null = np.stack([_losses(evaluate, chosen, classes) for chosen in sets])
            standings = [standing(float(loss[k]), null[:, k], "maximise") for k in range(classes)]
            table["intact"], table["loss"] = intact, loss
            table["control_mean"], table["control_sd"] = null.mean(axis=0), null.std(axis=0, ddof=1)
            table["excess"] = loss - null.mean(axis=0)
            table["z"], table["p_value"] = np.array(standings).T
        frames.append(table)
    if not frames:
        raise DataError(f"membership: no community has {counted(smallest, 'neuron')}, expected at least one to lesion")
    found = pd.concat(frames, ignore_index=True).reindex(columns=["community", "class", "neurons", *NUMBERS])
    tested = found["neurons"] > 0
    found.loc[tested, "q_value"] = false_discovery(found.loc[tested, "p_value"].to_numpy(np.float64))
    return found.astype(dict.fromkeys(NUMBERS, "Float64"))


def composition_strata(g: WeightGraph) -> npt.NDArray[np.int64]:
    """Number of each neuron's layer, role and type together, shape (n,); all 0 where the graph has none of them."""
    strata = np.zeros(g.n, dtype=np.int64)
    for marks in (g.layers, g.roles, g.types):
        if marks is not None:
            ranks = np.unique(np.asarray(marks), return_inverse=True)[1]
            strata = np.unique(strata * (int(ranks.max()) + 1) + ranks, return_inverse=True)[1]
    return np.asarray(strata, dtype=np.int64)


def matched_set(
    neurons: npt.NDArray[np.int64],
    open_to: npt.NDArray[np.bool_],
    strata: npt.NDArray[np.int64],
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Random neurons of those that are open, as many of every stratum as `neurons` has; rising."""
    wanted = np.bincount(strata[neurons], minlength=int(strata.max()) + 1)
    candidates = np.flatnonzero(open_to)
    drawn = candidates[np.lexsort((generator.random(len(candidates)), strata[candidates]))]
    sizes = np.bincount(strata[candidates], minlength=len(wanted))
    place = np.arange(len(drawn)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(drawn[place < wanted[strata[drawn]]])


def _spared(g: WeightGraph, spared: Any) -> npt.NDArray[np.bool_]:
    if spared is None:
        return np.array([role in SPARED_ROLES for role in g.roles or [""] * g.n])
    if isinstance(spared, str) or not isinstance(spared, Iterable):
        raise OptionError("spared", spared, "indices of neurons")
    indices = np.asarray(finite_array("spared", list(spared), ndim=1))
    if not indices.size:
        return np.zeros(g.n, dtype=bool)
    if indices.dtype.kind not in "ui" or indices.min() < 0 or indices.max() >= g.n:
        raise OptionError("spared", spared, f"indices of neurons from 0 to {g.n - 1}")
    return np.isin(np.arange(g.n), indices)


def _losses(evaluate: Evaluate, neurons: npt.NDArray[np.int64], classes: int | None) -> npt.NDArray[np.float64]:
    losses = finite_array("evaluate", evaluate(neurons), ndim=1).astype(np.float64)
    if not len(losses) or classes not in (None, len(losses)):
        expected = "at least one" if classes is None else f"{classes}, as of the intact network"
        raise DataError(f"evaluate: it returned {counted(len(losses), 'loss', 'losses')}, expected {expected}")
    return losses
