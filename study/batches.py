"""How the networks of a study are put into batches that are trained side by side."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

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
    """Networks that are trained side by side: some learning rates with some prunings and some seeds.

    Attributes
    ----------
    name
        Names it within its study.
    learning_rates, prunings, seeds
        Those of its networks; the only pruning is None where nothing is pruned.
    shuffled
        Whether they are trained on shuffled labels, as samples of that null model.
    """

    name: str
    learning_rates: tuple[float, ...]
    prunings: tuple[float | None, ...]
    seeds: tuple[int, ...]
    shuffled: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Its networks, the seed fastest, as sweeps order their members."""
        keys = itertools.product(self.learning_rates, self.prunings, self.seeds)
        return tuple(Cell(*key, shuffled=self.shuffled) for key in keys)

    def halves(self) -> tuple[Batch, Batch]:
        """Its networks in two batches, which share seeds only where it has a single one."""
        name = next(name for name in ("seeds", "learning_rates", "prunings") if len(getattr(self, name)) > 1)
        values = getattr(self, name)
        middle = (len(values) + 1) // 2
        return replace(self, **{name: values[:middle]}), replace(self, **{name: values[middle:]})


def batches_of(study: Study, *, accelerated: bool, fits: Callable[[Batch], bool] | None = None) -> list[Batch]:
    """The batches of a study; all networks are in one where an accelerator trains them, but those of null models.

    Which networks share a batch depends on the study and on what fits alone, never on the number of workers or on what
    is done already. Networks of one seed share data and noise, so learning rates are kept together first.

    Parameters
    ----------
    study
        What is trained.
    accelerated
        Whether an accelerator trains them.
    fits
        Whether a batch fits into the memory; by default all do. One that does not is halved until its parts do, or are
        single networks.
    """
    found = _batches(study, study.sweep.seeds, accelerated=accelerated, shuffled=False)
    shuffled = tuple(dict.fromkeys(cell.seed for cell in shuffled_cells_of(study)))
    if shuffled:
        found += _batches(study, shuffled, accelerated=accelerated, shuffled=True)
    return found if fits is None else [part for batch in found for part in _parts(batch, fits)]


def _batches(study: Study, seeds: tuple[int, ...], *, accelerated: bool, shuffled: bool) -> list[Batch]:
    rates, prunings = study.sweep.learning_rates, prunings_of(study)
    members = len(rates) * len(seeds) * len(prunings)
    wanted = 1 if accelerated else max(FEWEST, math.ceil(members / _most(study)))
    seed_groups = min(len(seeds), wanted)
    rate_groups = min(len(rates), math.ceil(wanted / seed_groups))
    name = "shuffled" if shuffled else "batch"
    groups = itertools.product(np.array_split(seeds, seed_groups), np.array_split(rates, rate_groups))
    return [
        Batch(f"{name}-{place}", tuple(some_rates.tolist()), prunings, tuple(some_seeds.tolist()), shuffled)
        for place, (some_seeds, some_rates) in enumerate(groups)
    ]


def _parts(batch: Batch, fits: Callable[[Batch], bool]) -> list[Batch]:
    """A batch, or the parts of it that fit, named so that none is taken for a part of another division."""
    parts = _halved(batch, fits)
    if len(parts) == 1:
        return parts
    return [replace(part, name=f"{batch.name}-{place}-of-{len(parts)}") for place, part in enumerate(parts)]


def _halved(batch: Batch, fits: Callable[[Batch], bool]) -> list[Batch]:
    if len(batch.cells) == 1 or fits(batch):
        return [batch]
    return [part for half in batch.halves() for part in _halved(half, fits)]


def _most(study: Study) -> int:
    """Members of a batch at most."""
    if study.experiment != "connectome":
        return MEMBERS
    options = study.connectome
    fitting = BYTES // (options.n**2 * (8 if options.dtype == "float64" else 4))
    return min(MEMBERS, max(1, fitting))
