"""How the networks of a study are put into batches that are trained side by side."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from .config import Study
from .store import Cell, prunings_of, shuffled_cells_of

FEWEST = 8
"""Batches that a study makes at least, so that they can be shared among cores; fewer only where networks are fewer."""
MEMBERS = 16
"""Members of a batch at most, or about: more no longer train faster on one core."""
BYTES = 2**28
"""Bytes of a connectome's weights in a batch at most, or those of one network."""


@dataclass(frozen=True)
class Batch:
    """Networks that are trained side by side: some learning rates with some seeds, at every pruning.

    Attributes
    ----------
    name
        Names it within its study.
    learning_rates, seeds
        Those of its networks.
    cells
        Its networks, the seed fastest, as sweeps order their members.
    shuffled
        Whether they are trained on shuffled labels, as samples of that null model.
    """

    name: str
    learning_rates: tuple[float, ...]
    seeds: tuple[int, ...]
    cells: tuple[Cell, ...]
    shuffled: bool = False


def batches_of(study: Study, *, accelerated: bool) -> list[Batch]:
    """The batches of a study; all networks are in one where an accelerator trains them, but those of null models.

    Which networks share a batch depends on the study alone, never on the number of workers or on what is done already.
    Networks of one seed share data and noise, so learning rates are kept together first.
    """
    found = _batches(study, study.sweep.seeds, accelerated=accelerated, shuffled=False)
    shuffled = tuple(dict.fromkeys(cell.seed for cell in shuffled_cells_of(study)))
    return found + (_batches(study, shuffled, accelerated=accelerated, shuffled=True) if shuffled else [])


def _batches(study: Study, seeds: tuple[int, ...], *, accelerated: bool, shuffled: bool) -> list[Batch]:
    rates, prunings = study.sweep.learning_rates, prunings_of(study)
    members = len(rates) * len(seeds) * len(prunings)
    wanted = 1 if accelerated else max(FEWEST, math.ceil(members / _most(study)))
    seed_groups = min(len(seeds), wanted)
    rate_groups = min(len(rates), math.ceil(wanted / seed_groups))
    name = "shuffled" if shuffled else "batch"
    found: list[Batch] = []
    for some_seeds, some_rates in itertools.product(
        np.array_split(seeds, seed_groups), np.array_split(rates, rate_groups)
    ):
        mine = tuple(some_rates.tolist()), tuple(some_seeds.tolist())
        cells = tuple(Cell(*key, shuffled=shuffled) for key in itertools.product(mine[0], prunings, mine[1]))
        found.append(Batch(f"{name}-{len(found)}", *mine, cells, shuffled))
    return found


def _most(study: Study) -> int:
    """Members of a batch at most."""
    if study.experiment != "connectome":
        return MEMBERS
    options = study.connectome
    fitting = BYTES // (options.n**2 * (8 if options.dtype == "float64" else 4))
    return min(MEMBERS, max(1, fitting))
