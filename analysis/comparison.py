"""Networks of different origin side by side: differences of their scores, and likeness of their communities."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from ..guard import DataError, choice, whole_number
from .effects import t_test
from .false_discovery import false_discovery
from .intervals import mean_interval
from .similarity import similarity_matrix
from .sweep_table import LEVEL, ROUNDING, column_of, excess_of, need, once, typed

MEASURES = ("excess", "quality")
BASES = ("paired seeds", "independent seeds", "one network beside seeds", "null samples")
ASKED = ["weights", "objective", "direction", "null"]
ORDERS = 5_000
"""Ways to pair seeds that are tried where there are more."""


def score_differences(
    scores: pd.DataFrame,
    pairs: Iterable[tuple[str, str]] | None = None,
    *,
    paired: Iterable[tuple[str, str]] = (),
) -> pd.DataFrame:
    r"""How far the scores of groups of networks are apart, with intervals.

    Two measures are compared. The *excess* is a score less the mean of the network's own null samples; it is what
    networks of different sizes and wiring can be compared by. The *quality* is the score itself; its level depends on
    size and density, so a difference of it means something only between networks that share both. With the groups'
    networks :math:`a_1 \dots a_n` and :math:`b_1 \dots b_m`, the difference is :math:`\bar a - \bar b` and its 95 %
    interval is that of

    - paired seeds: Student's t of the differences within seeds,
    - independent seeds: Welch's t (Welch 1947),
    - one network beside seeds: the prediction interval of a single network of the other group,
      :math:`(\bar a - b) \pm t_{n - 1} s_a \sqrt{1 + 1/n}` (Crawford and Howell 1998), as one network says nothing
      about others of its kind; or :math:`\pm t_\nu \sqrt{s_a^2 / n + s_b^2}` if that is wider, with the standard
      deviation :math:`s_b` of its null samples, since its score is known no better than that, and Welch's
      :math:`\nu = (n - 1) (1 + n s_b^2 / s_a^2)^2` for a known :math:`s_b` (ours),
    - null samples, where each group is one network: :math:`\pm 1.96 \sqrt{s_a^2 + s_b^2}` with the standard deviations
      of their null samples; there is no p, for two networks are no sample of anything. Only for the excess.

    Parameters
    ----------
    scores
        One row per network and question: `group`, `seed` (missing for a network that no seed made), `weights`,
        `objective`, `direction`, `null`, `quality`, `null_mean`, `null_sd`.
    pairs
        Groups to compare, by default each with each, in the order of the table.
    paired
        Those pairs whose networks of one seed belong together (the same initial weights and data).

    Returns
    -------
    DataFrame
        One row per question, measure and pair that both answer: `group`, `other`, `networks`, `other_networks`,
        `basis`, `difference_mean`, `difference_low`, `difference_high`, `p_value`, `q_value` (Benjamini and Hochberg
        over all rows of a measure that have a p), and `note`, which says what too few networks leave open.

    Raises
    ------
    DataError
        If the table lacks a column or a value, or has a network twice.

    References
    ----------
    Welch, Biometrika 34 (1947). Crawford and Howell, The Clinical Neuropsychologist 12 (1998).
    """
    need("scores", scores, ["group", "seed", *ASKED], ["quality", "null_mean", "null_sd"])
    once("scores", scores, ["group", "seed", *ASKED])
    groups = list(dict.fromkeys(scores["group"]))
    chosen = list(itertools.combinations(groups, 2)) if pairs is None else list(pairs)
    belong = {frozenset(pair) for pair in _known("paired", list(paired), groups)}
    _known("pairs", chosen, groups)
    rows = []
    for asked, of_question in scores.groupby(ASKED, sort=False):
        of_group = dict(iter(of_question.groupby("group", sort=False)))
        for (one, other), measure in itertools.product(chosen, MEASURES):
            if one in of_group and other in of_group:
                found = _difference(of_group[one], of_group[other], measure, frozenset((one, other)) in belong)
                keys = dict(zip(ASKED, asked, strict=True))
                rows.append({**keys, "measure": measure, "group": one, "other": other, **found})
    columns = (
        *(*ASKED, "measure", "group", "other", "networks", "other_networks", "basis"),
        *("difference_mean", "difference_low", "difference_high", "p_value", "q_value", "note"),
    )
    table = pd.DataFrame(rows, columns=list(columns))
    numbers = ("difference_mean", "difference_low", "difference_high", "p_value", "q_value")
    table = typed(table, numbers=numbers, counts=("networks", "other_networks"))
    for measure in MEASURES:
        tested = (table["measure"] == measure) & table["p_value"].notna()
        if tested.any():
            table.loc[tested, "q_value"] = false_discovery(table.loc[tested, "p_value"])
    return table


def group_similarity(
    partitions: Mapping[str, Mapping[Any, npt.ArrayLike]],
    pairs: Iterable[tuple[str, str]] | None = None,
    *,
    method: str = "ami",
    seed: int = 0,
) -> pd.DataFrame:
    r"""How alike the communities of groups are, where their neurons correspond.

    For groups that share seeds, the likeness of networks of one seed (the same initial weights and data) stands beside
    that of networks of different seeds. If seeds made no difference, every way to pair them would be as good; `p_value`
    is the share of ways whose mean likeness is at least that of the true one, over all :math:`n!` ways, or over 5,000
    drawn at random (then (1 + count) / (1 + 5000)).

    Parameters
    ----------
    partitions
        For each group, the communities of each of its networks by seed, shape (n,) each, neurons in the same order in
        all of them.
    pairs
        Groups to compare, by default each with each and with itself.
    method
        "ami", "nmi", "ari" or "element_centric", see :func:`compare`: the larger the more alike.
    seed
        Of the ways to pair that are drawn; each pair's p is the same whatever the other pairs.

    Returns
    -------
    DataFrame
        One row a pair: `group`, `other`, `method`; `same_seed`, `same_seed_low`, `same_seed_high`, mean and 95 %
        interval (Student) over the shared seeds, and their count `seeds`; `other_seed`, the mean over pairs of
        different seeds; `p_value`. Of a group with itself only `other_seed` is there: how alike its own seeds are.

    Raises
    ------
    DataError
        If partitions are of different numbers of neurons.
    """
    choice("method", method, ("ami", "nmi", "ari", "element_centric"))
    whole_number("seed", seed, 0)
    if not isinstance(partitions, Mapping) or not all(isinstance(own, Mapping) for own in partitions.values()):
        raise DataError("partitions: expected for each group its partitions by seed, such as {'a': {0: labels}}")
    names = list(partitions)
    chosen = list(itertools.combinations_with_replacement(names, 2)) if pairs is None else list(pairs)
    _known("pairs", chosen, names)
    rows = []
    for one, other in chosen:
        first, second = partitions[one], partitions[other]
        likeness = similarity_matrix([*first.values(), *second.values()], method=method)[: len(first), len(first) :]
        row: dict[str, Any] = {"group": one, "other": other, "method": method}
        at = {key: place for place, key in enumerate(second)}
        if one == other:
            apart = ~np.eye(len(first), dtype=bool)
            row |= {"seeds": len(first), "other_seed": likeness[apart].mean() if apart.any() else None}
            rows.append(row)
            continue
        shared = [key for key in first if key in at]
        places = [list(first).index(key) for key in shared], [at[key] for key in shared]
        apart = np.ones(likeness.shape, dtype=bool)
        apart[places] = False
        same = likeness[places]
        low, high = mean_interval(same) if len(same) else (None, None)
        row |= {
            "seeds": len(shared),
            "same_seed": same.mean() if len(same) else None,
            "same_seed_low": low,
            "same_seed_high": high,
            "other_seed": likeness[apart].mean() if apart.any() else None,
            "p_value": _share_of_pairings(likeness[np.ix_(*places)], seed) if len(shared) > 1 else None,
        }
        rows.append(row)
    numbers = ("same_seed", "same_seed_low", "same_seed_high", "other_seed", "p_value")
    columns = ["group", "other", "method", "seeds", *numbers]
    return typed(pd.DataFrame(rows).reindex(columns=columns), numbers=numbers, counts=("seeds",))


def _known(option: str, pairs: Sequence[Any], groups: Sequence[Any]) -> Sequence[Any]:
    """Pairs of groups that there are."""
    for pair in pairs:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise DataError(f"{option}: got {pair!r}, expected pairs of groups, such as ('a', 'b')")
        unknown = [name for name in pair if name not in groups]
        if unknown:
            raise DataError(
                f"{option}: there is no group {', '.join(map(repr, unknown))} among {', '.join(map(str, groups))}"
            )
    return pairs


def _difference(one: pd.DataFrame, other: pd.DataFrame, measure: str, paired: bool) -> dict[str, Any]:
    """Difference of two groups of networks in one question, and on what its interval rests."""
    first, second = _values(one, measure), _values(other, measure)
    counts = {"networks": len(one), "other_networks": len(other)}
    if paired:
        both = one.assign(value=first)[["seed", "value"]].merge(
            other.assign(value=second)[["seed", "value"]], on="seed"
        )
        differences = (both["value_x"] - both["value_y"]).to_numpy(np.float64)
        if len(differences):
            low, high = mean_interval(differences, level=1 - LEVEL)
            note = "" if low is not None else "1 seed: no interval"
            return _row(
                {"networks": len(both), "other_networks": len(both)},
                BASES[0],
                differences.mean(),
                low,
                high,
                t_test(differences),
                note,
            )
    apart = float(first.mean() - second.mean())
    if len(first) > 1 and len(second) > 1:
        return _row(counts, BASES[1], apart, *_welch(first, second))
    if len(first) > 1 or len(second) > 1:
        group, single = (first, other) if len(first) > 1 else (second, one)
        return _row(counts, BASES[2], apart, *_single(group, column_of("scores", single, "null_sd")[0], apart))
    if measure == "quality":
        return _row(counts, BASES[3], apart, None, None, None, "one network each: no interval")
    spread = 1.96 * float(np.hypot(column_of("scores", one, "null_sd")[0], column_of("scores", other, "null_sd")[0]))
    return _row(counts, BASES[3], apart, apart - spread, apart + spread, None, "one network each: no test")


def _row(
    counts: dict[str, int],
    basis: str,
    mean: float,
    low: float | None,
    high: float | None,
    p_value: float | None,
    note: str = "",
) -> dict[str, Any]:
    return {
        **counts,
        "basis": basis,
        "difference_mean": float(mean),
        "difference_low": low,
        "difference_high": high,
        "p_value": p_value,
        "note": note,
    }


def _values(group: pd.DataFrame, measure: str) -> npt.NDArray[np.float64]:
    return excess_of(group) if measure == "excess" else column_of("scores", group, "quality")


def _welch(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]
) -> tuple[float | None, float | None, float | None, str]:
    """Interval and p of the difference of two means."""
    if max(np.ptp(first), np.ptp(second)) <= ROUNDING:
        return None, None, None, "equal values: no interval, no test"
    found = stats.ttest_ind(first, second, equal_var=False)
    interval = found.confidence_interval(1 - LEVEL)
    return float(interval.low), float(interval.high), float(found.pvalue), ""


def _single(
    group: npt.NDArray[np.float64], null_sd: float, apart: float
) -> tuple[float | None, float | None, float | None, str]:
    """Interval and p of the difference of a group's mean and a single network, whose null samples spread so much."""
    n, spread = len(group), float(group.std(ddof=1))
    if spread <= ROUNDING:
        return None, None, None, "equal values: no interval, no test"
    errors = spread * np.sqrt([1 + 1 / n, 1 / n + (null_sd / spread) ** 2])
    freedom = (n - 1) * np.array([1.0, (1 + n * (null_sd / spread) ** 2) ** 2])
    reach = float((stats.t.ppf(1 - LEVEL / 2, freedom) * errors).max())
    return apart - reach, apart + reach, float(2 * np.max(stats.t.sf(abs(apart) / errors, freedom))), ""


def _share_of_pairings(likeness: npt.NDArray[np.float64], seed: int) -> float:
    """Share of the ways to pair rows with columns whose mean is at least that of the diagonal."""
    n = len(likeness)
    true = float(np.trace(likeness)) - n * ROUNDING
    orders: Sequence[Any]
    if n <= 6:
        orders = list(itertools.permutations(range(n)))
        return float(np.mean(likeness[np.arange(n), np.asarray(orders)].sum(axis=1) >= true))
    generator = np.random.default_rng(seed)
    orders = [generator.permutation(n) for _ in range(ORDERS)]
    reached = int((likeness[np.arange(n), np.asarray(orders)].sum(axis=1) >= true).sum())
    return (1 + reached) / (1 + ORDERS)
