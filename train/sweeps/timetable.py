"""Which steps of a training end an epoch, take snapshots, or measure the loss."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from ...guard import OptionError, real_numbers, several, whole_number, whole_numbers

SNAPSHOTS = 12
LOOKS_AN_EPOCH = 10
"""Looks at the training loss for losses to match, where it is not said how often."""


class Timetable:
    """What is due after which step.

    Parameters
    ----------
    epochs, steps_per_epoch
        Length of the training.
    snapshots
        Count of snapshots, evenly spaced in the logarithm of the step, with step 0 and the last; or a list of steps.
        0 for none, 1 for the last step alone. Steps that coincide count once.
    matched_losses
        Training losses at which weights are wanted.
    evaluate_every
        Steps between two looks at the training loss for `matched_losses`, besides those at the end of each epoch; None
        for about a tenth of an epoch.

    Attributes
    ----------
    snapshot_steps
        Steps after which all weights are taken, in order.
    matched_losses
        The losses, the highest first.
    evaluate_every
        Steps between two looks at the loss; None without losses to match.
    total
        Steps in all.
    taken
        Snapshots of a member at most.

    Raises
    ------
    OptionError
        If an option is impossible.

    Examples
    --------
    >>> Timetable(epochs=10, steps_per_epoch=100, snapshots=5).snapshot_steps
    [0, 1, 10, 100, 1000]
    """

    def __init__(
        self,
        *,
        epochs: int,
        steps_per_epoch: int,
        snapshots: int | Sequence[int] = SNAPSHOTS,
        matched_losses: Sequence[float] = (),
        evaluate_every: int | None = None,
    ) -> None:
        self.epochs = whole_number("epochs", epochs, minimum=1)
        self.steps_per_epoch = steps_per_epoch
        self.total = self.epochs * steps_per_epoch
        self.snapshot_steps = _snapshot_steps(snapshots, self.total)
        losses = list(matched_losses) if several(matched_losses) else matched_losses
        given = [] if losses == [] else real_numbers("matched_losses", losses, above=0.0)
        self.matched_losses = sorted(given, reverse=True)
        self.evaluate_every = None if evaluate_every is None else whole_number("evaluate_every", evaluate_every, 1)
        if self.evaluate_every is not None and not self.matched_losses:
            raise OptionError("evaluate_every", evaluate_every, "None without matched_losses, which alone need it")
        if self.evaluate_every is None and self.matched_losses:
            self.evaluate_every = max(1, round(steps_per_epoch / LOOKS_AN_EPOCH))
        self.taken = len(self.snapshot_steps) + len(self.matched_losses)
        self._due = frozenset(self.snapshot_steps)

    def ends_epoch(self, step: int) -> bool:
        """Whether an epoch ends with the step; step 0 counts as the end of epoch 0."""
        return step % self.steps_per_epoch == 0

    def takes_snapshot(self, step: int) -> bool:
        """Whether weights are taken after the step."""
        return step in self._due

    def looks_at_loss(self, step: int) -> bool:
        """Whether the training loss is compared with the losses to match after the step."""
        every = self.evaluate_every
        return bool(self.matched_losses) and (self.ends_epoch(step) or (every is not None and step % every == 0))

    def next_stop(self, step: int) -> int:
        """The next step after which something is due."""
        stops = [(step // self.steps_per_epoch + 1) * self.steps_per_epoch]
        if self.evaluate_every is not None:
            stops.append((step // self.evaluate_every + 1) * self.evaluate_every)
        later = bisect_right(self.snapshot_steps, step)
        return min(*stops, *self.snapshot_steps[later : later + 1], self.total)


def _snapshot_steps(snapshots: object, total: int) -> list[int]:
    if several(snapshots):
        listed = list(snapshots)
        steps = sorted(whole_numbers("snapshots", listed, 0)) if listed else []
        if steps and steps[-1] > total:
            raise OptionError("snapshots", steps[-1], f"steps of at most {total}, where the training ends")
        return steps
    try:
        count = whole_number("snapshots", snapshots, 0)
    except OptionError as error:
        raise OptionError("snapshots", snapshots, "a count of at least 0, or a list of steps") from error
    if count < 2:
        return [total] * count
    # more than one a step cannot be
    spaced = np.geomspace(total, 1, min(count - 1, total)).round().astype(int)
    return sorted({0, total, *spaced.tolist()})
