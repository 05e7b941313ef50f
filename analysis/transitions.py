"""From the communities of one snapshot to those of the next: which go on, begin, split, merge and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Transition:
    """From the communities of one snapshot to those of the next.

    Parameters
    ----------
    sizes_before, sizes_after
        Neurons of each community.
    jaccard
        Shape (before, after).
    before, after
        Numbers of the communities.
    kept
        Of each community after, the place of the one before that it continues, or -1.
    parent, heir
        Of each new community after, and each ended one before, the place of that which it split from, or merged into;
        -1 where there is none.
    """

    sizes_before: Labels
    sizes_after: Labels
    jaccard: npt.NDArray[np.float64]
    before: Labels
    after: Labels
    kept: Labels
    parent: Labels
    heir: Labels

    @classmethod
    def between(
        cls,
        earlier: npt.NDArray[np.bool_],
        later: npt.NDArray[np.bool_],
        before: Labels,
        first_free: int,
        threshold: float,
        ancestry: float,
    ) -> Transition:
        """Match communities, given their members, (communities, n), the numbers of the earlier, and the first unused.

        `threshold` and `ancestry` are those of :func:`creditgraph.analysis.trajectory`.
        """
        # counts in floats are exact, and products of floats are fast
        shared = (earlier.astype(np.float64) @ later.T.astype(np.float64)).astype(np.int64)
        sizes_before, sizes_after = earlier.sum(axis=1), later.sum(axis=1)
        jaccard = shared / (sizes_before[:, None] + sizes_after - shared)
        kept = _continuations(jaccard, threshold)
        new = kept < 0
        ended = ~np.isin(np.arange(len(before)), kept)
        after = np.empty(len(later), dtype=np.int64)
        after[~new] = before[kept[~new]]
        after[new] = first_free + np.arange(int(new.sum()))
        parent, heir = np.full(len(later), -1), np.full(len(earlier), -1)
        if shared.size:
            source, target = shared.argmax(axis=0), shared.argmax(axis=1)
            from_one = shared.max(axis=0) >= ancestry * sizes_after
            to_one = shared.max(axis=1) >= ancestry * sizes_before
            parent[new & from_one] = source[new & from_one]
            heir[ended & to_one] = target[ended & to_one]
        return cls(sizes_before, sizes_after, jaccard, before, after, kept, parent, heir)

    @property
    def began(self) -> dict[int, str]:
        """How each new community began."""
        merged = np.isin(np.arange(len(self.after)), self.heir)
        return {
            int(self.after[b]): "split" if self.parent[b] >= 0 else "merge" if merged[b] else "birth"
            for b in np.flatnonzero(self.kept < 0)
        }

    @property
    def ended(self) -> dict[int, str]:
        """How each ended community ended."""
        divided = np.isin(np.arange(len(self.before)), self.parent)
        gone = np.flatnonzero(~np.isin(np.arange(len(self.before)), self.kept))
        return {int(self.before[a]): "merge" if self.heir[a] >= 0 else "split" if divided[a] else "death" for a in gone}

    def events(self, change: float) -> list[dict[str, Any]]:
        """Events, those of communities before first."""
        rows: list[dict[str, Any]] = []
        began, ended = self.began, self.ended
        for a, number in enumerate(self.before):
            how = ended.get(int(number))
            if how in ("merge", "death"):
                other = int(self.after[self.heir[a]]) if how == "merge" else None
                rows.append(_event(how, number, other=other, before=self.sizes_before[a]))
        for b, number in enumerate(self.after):
            a = int(self.kept[b])
            if a >= 0:
                ratio = self.sizes_after[b] / self.sizes_before[a] - 1.0
                if abs(ratio) > change:
                    sizes = {"before": self.sizes_before[a], "after": self.sizes_after[b]}
                    name = "growth" if ratio > 0 else "contraction"
                    rows.append(_event(name, number, jaccard=float(self.jaccard[a, b]), **sizes))
            elif (how := began[int(number)]) in ("split", "birth"):
                other = int(self.before[self.parent[b]]) if how == "split" else None
                rows.append(_event(how, number, other=other, after=self.sizes_after[b]))
        return rows


def _event(
    name: str, community: int, *, other: int | None = None, before: Any = None, after: Any = None, jaccard: Any = None
) -> dict[str, Any]:
    return {
        "event": name,
        "community": int(community),
        "other": other,
        "neurons_before": before,
        "neurons_after": after,
        "jaccard": jaccard,
    }


def _continuations(jaccard: npt.NDArray[np.float64], threshold: float) -> Labels:
    """Place before of each community after that continues one, else -1; greatest overlap first, then by place."""
    kept = np.full(jaccard.shape[1], -1)
    taken = np.zeros(jaccard.shape[0], dtype=bool)
    places = np.flatnonzero(jaccard >= threshold)
    for place in places[np.argsort(-jaccard.ravel()[places], kind="stable")]:
        a, b = divmod(int(place), jaccard.shape[1])
        if not taken[a] and kept[b] < 0:
            taken[a], kept[b] = True, a
    return kept
