"""Communities followed over the training of a network: which live on, begin and end, and when."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..guard import DataError, OptionError, counted, finite_array, fraction, real_number, whole_number
from .membership import community_labels
from .transitions import Labels, Transition

EVENTS = ("birth", "split", "merge", "death", "growth", "contraction")
COUNTS = {"birth": "births", "split": "splits", "merge": "merges", "death": "deaths"}

EVENT_COLUMNS = {
    "step": "int64",
    "event": "str",
    "community": "int64",
    "other": "Int64",
    "neurons_before": "Int64",
    "neurons_after": "Int64",
    "jaccard": "Float64",
}


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """Communities followed over snapshots of a network.

    Parameters
    ----------
    steps
        Training step of each snapshot, rising, shape (snapshots,).
    labels
        Community of each neuron in each snapshot, the same number for the same community throughout, shape
        (snapshots, n); -1 for neurons in communities too small to count.
    events
        What happened between snapshots; see :func:`trajectory`.
    lifetimes
        One row per community; see :func:`trajectory`.
    threshold, ancestry, change, smallest
        What was asked.
    """

    steps: Labels
    labels: Labels
    events: pd.DataFrame
    lifetimes: pd.DataFrame
    threshold: float
    ancestry: float
    change: float
    smallest: int

    def __repr__(self) -> str:
        return (
            f"Trajectory(snapshots={len(self.steps)}, neurons={self.labels.shape[1]},"
            f" communities={len(self.lifetimes)}, events={len(self.events)})"
        )


def trajectory(
    memberships: Mapping[int, Any],
    *,
    threshold: float = 0.3,
    ancestry: float = 0.5,
    change: float = 0.1,
    smallest: int = 2,
) -> Trajectory:
    r"""When communities are born, merge, split, grow, shrink and die.

    Communities a and b of consecutive snapshots are compared by :math:`J = |a \cap b| / |a \cup b|` (Jaccard). Pairs
    are taken in falling order of J, down to `threshold`; the first pair that has either of them makes b the
    continuation of a, which keeps its number. Then, of the rest,

    - *split*: at least the share `ancestry` of a new community's neurons comes from one old community;
    - *merge*: at least that share of an ended community's neurons goes to one new community;
    - *birth*: a new community of neither kind, into which none merged either;
    - *death*: an ended community of neither kind, from which none split either.

    Continuations whose count of neurons rises by more than the share `change` are *growth*, and *contraction* where it
    falls by more.

    Matching in falling order of overlap is from Palla, Barabasi and Vicsek (2007), the threshold on J from Greene,
    Doyle and Cunningham (2010). The share of ancestry is ours: a small part that splits off a large community has a low
    J with it. Only consecutive snapshots are compared: a community that is gone for one snapshot comes back as another.

    Parameters
    ----------
    memberships
        A partition of the same neurons, or whole numbers, shape (n,), for each training step.
    threshold
        Least J of a continuation, above 0.
    ancestry
        Above 0, at most 1.
    change
        At least 0.
    smallest
        Communities of fewer neurons do not count; 2 leaves out neurons without any synapse.

    Returns
    -------
    Trajectory
        `events` has columns `step` (of the later snapshot), `event`, `community`, `other` (what it split from or merged
        into), `neurons_before`, `neurons_after` and `jaccard` (of a continuation), missing where they have no meaning;
        a new community into which others merge begins with their merges and has no event of its own.
        `lifetimes` has `community`, `born` (step), `began` ("start" of the first snapshot, "birth", "split" or
        "merge"), `last` (step), `ended` ("end" of the last snapshot, "death", "merge" or "split"), `snapshots` and
        `neurons_first`, `neurons_most`, `neurons_last`.

    Raises
    ------
    DataError
        If there is no snapshot, or they differ in their count of neurons.

    References
    ----------
    Palla, Barabasi and Vicsek, "Quantifying social group evolution", Nature 446 (2007). Greene, Doyle and Cunningham,
    "Tracking the evolution of communities in dynamic social networks", ASONAM (2010).

    Examples
    --------
    >>> found = trajectory({0: [0, 0, 0, 0, 1, 1], 10: [0, 0, 2, 2, 1, 1], 20: [0, 0, 0, 0, 0, 0]})
    >>> found.events[["step", "event", "community"]].to_numpy().tolist()
    [[10, 'contraction', 0], [10, 'split', 2], [20, 'merge', 1], [20, 'merge', 2], [20, 'growth', 0]]
    >>> found.labels[1].tolist()
    [0, 0, 2, 2, 1, 1]
    """
    _positive("threshold", threshold)
    _positive("ancestry", ancestry)
    real_number("change", change, 0.0)
    whole_number("smallest", smallest, 1)
    steps, given = _snapshots(memberships)
    sets = [_indicators(membership, smallest) for membership in given]
    ids = [np.arange(len(sets[0]))]
    born: dict[int, tuple[int, str]] = {int(i): (0, "start") for i in ids[0]}
    ended: dict[int, str] = {}
    events: list[dict[str, Any]] = []
    for later in range(1, len(steps)):
        found = Transition.between(sets[later - 1], sets[later], ids[-1], len(born), threshold, ancestry)
        for community, began in found.began.items():
            born[community] = (later, began)
        ended |= found.ended
        events += [{"step": int(steps[later])} | event for event in found.events(change)]
        ids.append(found.after)
    labels = np.full((len(steps), sets[0].shape[1]), -1, dtype=np.int64)
    for row, (indicators, own) in enumerate(zip(sets, ids, strict=True)):
        for number, members in zip(own, indicators, strict=True):
            labels[row, members] = number
    return Trajectory(
        steps=steps,
        labels=labels,
        events=pd.DataFrame(events, columns=list(EVENT_COLUMNS)).astype(EVENT_COLUMNS),
        lifetimes=_lifetimes(steps, labels, born, ended),
        threshold=float(threshold),
        ancestry=float(ancestry),
        change=float(change),
        smallest=smallest,
    )


def flexibility(labels: Any) -> npt.NDArray[np.float64]:
    r"""How often each neuron changes its community.

    .. math:: f_i = \frac{1}{T - 1} \sum_{t=1}^{T-1} [g_i(t) \ne g_i(t+1)]

    Parameters
    ----------
    labels
        Communities whose labels mean the same in all T snapshots, whole numbers, shape (T, n), T at least 2: those of a
        :class:`Trajectory`, or the memberships of a multislice partition.

    Returns
    -------
    ndarray
        From 0 to 1, shape (n,).

    References
    ----------
    Bassett et al., "Dynamic reconfiguration of human brain networks during learning", PNAS 108 (2011).

    Examples
    --------
    >>> flexibility([[0, 0, 1], [0, 1, 1], [0, 0, 1]]).tolist()
    [0.0, 1.0, 0.0]
    """
    given = finite_array("labels", labels, ndim=2)
    if given.dtype.kind not in "bui" or len(given) < 2:
        raise DataError(
            f"labels: got {counted(len(given), 'snapshot')} of type {given.dtype}, expected whole numbers, "
            "at least 2 snapshots"
        )
    return np.asarray((given[1:] != given[:-1]).mean(axis=0))


def trajectory_summary(trajectories: Mapping[tuple[float, int], Trajectory]) -> pd.DataFrame:
    """How communities develop at each learning rate, in counts.

    Parameters
    ----------
    trajectories
        A trajectory for each learning rate and seed.

    Returns
    -------
    DataFrame
        One row per learning rate and seed, in rising order: `learning_rate`, `seed`, `snapshots`, `communities_first`,
        `communities_last`, `births`, `splits`, `merges`, `deaths`, `lifetime` (mean over communities of the share of
        all snapshots that they live) and `flexibility` (mean over neurons; missing for a single snapshot). Counts
        depend on the number of snapshots: compare only networks whose snapshots are at the same steps.

    Raises
    ------
    DataError
        If there are none.

    Examples
    --------
    >>> grown = trajectory({0: [0, 0, 1, 1], 5: [0, 0, 0, 0]})
    >>> trajectory_summary({(0.1, 0): grown})[["communities_first", "merges", "lifetime"]].to_numpy().tolist()
    [[2, 1, 0.75]]
    """
    if not isinstance(trajectories, Mapping) or not trajectories:
        raise DataError("trajectories: expected at least one, by learning rate and seed")
    for key in trajectories:
        if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, numbers.Real) for part in key)):
            raise DataError(f"trajectories: got the key {key!r}, expected pairs of a learning rate and a seed")
    rows = []
    for (learning_rate, seed), found in sorted(trajectories.items(), key=lambda item: item[0]):
        counts = found.events["event"].value_counts()
        alive = [len(np.unique(row[row >= 0])) for row in found.labels]
        snapshots = len(found.steps)
        rows.append(
            {"learning_rate": float(learning_rate), "seed": int(seed), "snapshots": snapshots}
            | {"communities_first": alive[0], "communities_last": alive[-1]}
            | {name: int(counts.get(event, 0)) for event, name in COUNTS.items()}
            | {
                "lifetime": (found.lifetimes["snapshots"] / snapshots).mean() if len(found.lifetimes) else pd.NA,
                "flexibility": flexibility(found.labels).mean() if snapshots > 1 else pd.NA,
            }
        )
    return pd.DataFrame(rows).astype({"lifetime": "Float64", "flexibility": "Float64"})


def _snapshots(memberships: Mapping[int, Any]) -> tuple[Labels, list[Labels]]:
    if not isinstance(memberships, Mapping) or not memberships:
        raise DataError("memberships: expected at least one snapshot, by training step")
    steps = sorted(whole_number("memberships", step, 0) for step in memberships)
    n = np.size(getattr(memberships[steps[0]], "membership", memberships[steps[0]]))
    if not n:
        raise DataError("memberships: got partitions of no neurons, expected at least one")
    return np.array(steps), [community_labels(memberships[step], n) for step in steps]


def _indicators(membership: Labels, smallest: int) -> npt.NDArray[np.bool_]:
    """Members of each community that is large enough, shape (communities, n)."""
    large = np.flatnonzero(np.bincount(membership) >= smallest)
    return np.asarray(membership == large[:, None])


def _lifetimes(steps: Labels, labels: Labels, born: dict[int, tuple[int, str]], ended: dict[int, str]) -> pd.DataFrame:
    rows = []
    for community, (first, began) in born.items():
        sizes = (labels == community).sum(axis=1)
        alive = np.flatnonzero(sizes)
        rows.append(
            {
                "community": community,
                "born": int(steps[first]),
                "began": began,
                "last": int(steps[alive[-1]]),
                "ended": ended.get(community, "end"),
                "snapshots": len(alive),
                "neurons_first": int(sizes[first]),
                "neurons_most": int(sizes.max()),
                "neurons_last": int(sizes[alive[-1]]),
            }
        )
    columns = ["community", "born", "began", "last", "ended", "snapshots"]
    return pd.DataFrame(rows, columns=[*columns, "neurons_first", "neurons_most", "neurons_last"])


def _positive(name: str, share: float) -> None:
    if fraction(name, share) == 0:
        raise OptionError(name, share, "a number above 0 and at most 1")
