from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError, choice, counted, finite_array, whole_number
from .composition import attribute_values
from .false_discovery import false_discovery
from .membership import community_labels
from .significance import standing

INDICES = ("contrast", "eta_squared")
OF = ("neurons", "community")

Floats = npt.NDArray[np.float64]


def selectivity(rates: Any, classes: Any, *, index: str = "eta_squared") -> Floats:
    r"""How much the rates of neurons depend on the class of the stimulus.

    With :math:`\bar x_k` the mean rate over the samples of class k:

    - "contrast", for rates of at least 0: :math:`(\bar x_{max} - \bar x_{rest}) / (\bar x_{max} + \bar x_{rest})`, the
      class with the greatest mean beside the mean of all other classes' means; 1 for a neuron that fires for a single
      class, 0 for one that fires alike for all, or never.
    - "eta_squared", for any rates: :math:`\sum_k n_k (\bar x_k - \bar x)^2 / \sum_s (x_s - \bar x)^2`, the share of the
      variance over samples that the classes explain, from 0 to 1; 0 for a rate that never changes.

    Parameters
    ----------
    rates
        Shape (samples, neurons).
    classes
        Class of each sample, whole numbers or texts, length samples; at least two different ones.
    index
        "contrast" or "eta_squared".

    Returns
    -------
    ndarray
        Shape (neurons,).

    Raises
    ------
    DataError
        If shapes disagree, there is a single class, or "contrast" is asked of negative rates.

    References
    ----------
    Morcos, Barrett, Rabinowitz and Botvinick, "On the importance of single directions for generalization", ICLR (2018),
    for the contrast.

    Examples
    --------
    >>> rates = [[1.0, 2.0, 5.0], [1.0, 0.0, 5.0], [0.0, 1.0, 5.0], [0.0, 1.0, 5.0]]
    >>> selectivity(rates, [0, 0, 1, 1], index="contrast").tolist()
    [1.0, 0.0, 0.0]
    >>> selectivity(rates, [0, 0, 1, 1]).tolist()
    [1.0, 0.0, 0.0]
    """
    return _index(*_rates_and_classes(rates, classes, index), index)


def community_selectivity(
    rates: Any,
    classes: Any,
    membership: Any,
    *,
    index: str = "eta_squared",
    strata: Any = None,
    samples: int = 199,
    smallest: int = 2,
    seed: int = 0,
) -> pd.DataFrame:
    """Class selectivity of communities, beside that of communities of shuffled neurons.

    Parameters
    ----------
    rates, classes, index
        As for :func:`selectivity`.
    membership
        A partition, or whole numbers, shape (neurons,).
    strata
        A value for each neuron, texts or whole numbers, such as its layer: neurons are shuffled among those with the
        same, so that a community is not called selective for the layer that it is in. By default among all.
    samples
        How many shuffles, at least 2; the smallest p-value is ``1 / (1 + samples)``.
    smallest
        Communities of fewer neurons are left out of the table.
    seed
        Seed of the shuffles.

    Returns
    -------
    DataFrame
        Two rows per community: `community`, `size`, `of`, `selectivity`, `preferred` (the class with the greatest mean
        rate of the community), `null_mean`, `null_sd`, `z`, `p_value` (one-sided, as selective or more),
        `q_value` (Benjamini-Hochberg over all rows). Where `of` is "neurons" it is the mean index of the community's
        neurons: are they selective? Where it is "community" it is the index of their mean rate: do they agree?

    Raises
    ------
    DataError
        As for :func:`selectivity`, or if there is not one community, or stratum, for each neuron.

    Examples
    --------
    >>> rates = np.repeat(np.eye(2), 5, axis=0).repeat([10, 10], axis=1) + 0.1
    >>> found = community_selectivity(rates, [0] * 5 + [1] * 5, [0] * 10 + [1] * 10, index="contrast")
    >>> found[["of", "preferred", "p_value"]].to_numpy().tolist()[:2]
    [['neurons', 0, 1.0], ['community', 0, 0.005]]
    """
    values, kind = _rates_and_classes(rates, classes, index)
    names = np.unique(np.asarray(classes))
    n = values.shape[1]
    own = community_labels(membership, n)
    layers = np.zeros(n, dtype=np.int64) if strata is None else attribute_values("strata", strata, n)
    groups = np.unique(layers, return_inverse=True)[1]
    whole_number("samples", samples, 2)
    whole_number("smallest", smallest, 1)
    whole_number("seed", seed, 0)
    labels, sizes = np.unique(np.asarray(getattr(membership, "membership", membership)), return_counts=True)
    kept = np.flatnonzero(sizes >= smallest)
    single = _index(values, kind, index)

    def measured(member: npt.NDArray[np.int64]) -> Floats:
        """Both statistics of all communities, shape (2, communities)."""
        pooled = values @ (member[:, None] == np.arange(len(sizes))) / sizes
        return np.stack([np.bincount(member, single) / sizes, _index(pooled, kind, index)])

    generator = np.random.default_rng(seed)
    observed = measured(own)
    null = np.stack([measured(own[_permuted(groups, generator)]) for _ in range(samples)])
    preferred = names[np.argmax(_class_means(values, kind) @ (own[:, None] == np.arange(len(sizes))), axis=0)]
    rows = []
    for community in kept:
        for which, of in enumerate(OF):
            drawn = null[:, which, community]
            z, p = standing(float(observed[which, community]), drawn, "maximise")
            rows.append(
                {
                    "community": int(labels[community]),
                    "size": int(sizes[community]),
                    "of": of,
                    "selectivity": float(observed[which, community]),
                    "preferred": preferred[community],
                    "null_mean": float(drawn.mean()),
                    "null_sd": float(drawn.std(ddof=1)),
                    "z": z,
                    "p_value": p,
                }
            )
    if not rows:
        raise DataError(f"membership: no community has {counted(smallest, 'neuron')}, expected at least one")
    table = pd.DataFrame(rows)
    table["q_value"] = false_discovery(table["p_value"].to_numpy(np.float64))
    return table


def _rates_and_classes(rates: Any, classes: Any, index: str) -> tuple[Floats, npt.NDArray[np.int64]]:
    choice("index", index, INDICES)
    values = finite_array("rates", rates, ndim=2).astype(np.float64)
    names, kind = np.unique(attribute_values("classes", classes, len(values)), return_inverse=True)
    if len(names) < 2:
        raise DataError(f"classes: got {len(names)} different, expected at least two")
    if index == "contrast" and (values < 0).any():
        raise DataError("rates: some are negative, which the contrast does not allow; ask for index='eta_squared'")
    return values, kind


def _index(rates: Floats, kind: npt.NDArray[np.int64], index: str) -> Floats:
    means = _class_means(rates, kind)
    if index == "contrast":
        best = means.max(axis=0)
        rest = (means.sum(axis=0) - best) / (len(means) - 1)
        whole = best + rest
        return np.where(whole > 0, (best - rest) / np.where(whole > 0, whole, 1.0), 0.0)
    # of any size: squares of the largest rates are none any more, and of the smallest 0
    largest = np.abs(rates).max(axis=0, initial=0.0)
    rates = rates / np.where(largest > 0, largest, 1.0)
    means = _class_means(rates, kind)
    centred = rates - rates.mean(axis=0)
    total = (centred**2).sum(axis=0)
    between = np.bincount(kind) @ (means - rates.mean(axis=0)) ** 2
    # a rate that is constant but for rounding does not change
    changes = total > 1e-24 * len(rates)
    return np.where(changes, between / np.where(changes, total, 1.0), 0.0)


def _class_means(rates: Floats, kind: npt.NDArray[np.int64]) -> Floats:
    """Mean rate in each class, shape (classes, neurons)."""
    counts = np.bincount(kind)
    return np.asarray((kind == np.arange(len(counts))[:, None]).astype(np.float64) @ rates / counts[:, None])


def _permuted(groups: npt.NDArray[np.int64], generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Random permutation of neurons that stay in their group."""
    order = np.empty(len(groups), dtype=np.int64)
    order[np.argsort(groups, kind="stable")] = np.lexsort((generator.random(len(groups)), groups))
    return order
