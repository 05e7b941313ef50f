"""What sweeps leave behind, and what they say of themselves on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from torch import Tensor


@dataclass(frozen=True)
class Snapshots:
    """Weights on the way.

    Attributes
    ----------
    table
        One row a snapshot: learning_rate, seed, kind (``step``: the weights after a chosen step; ``loss``: the weights
        when the training loss was first found at or below a chosen one), target (the chosen loss; missing for
        ``step``), step (steps done), loss (training loss at that moment, mean over all training samples).
    weights, biases
        As in :class:`SweepResult`, but one entry along the first axis for each row of the table.
    """

    table: pd.DataFrame
    weights: list[Tensor]
    biases: list[Tensor]


@dataclass(frozen=True)
class SweepResult:
    """What a sweep leaves behind.

    Attributes
    ----------
    weights, biases
        Layered networks: one tensor a layer, (members, post, pre) and (members, post). Recurrent ones: lists of one
        tensor, (members, n, n) and (members, n). The state after the last step, or the last one within bounds.
    initial_weights
        The weights before training, shaped as `weights`.
    members
        One row a member: learning_rate, seed, status, iteration (steps done), and train_samples, validation_samples
        (where the task has such) and test_samples, of which each part of its data consists, and train_largest_class and
        so on, the share of the largest class there, which is the accuracy of who always names it. The status is
        ``completed``; ``diverged``; ``no_equilibrium`` (recurrent networks); or, before the last step, ``running``.
    training
        One row a member and epoch (0 is before training): learning_rate, seed, epoch, train_loss, train_accuracy,
        validation_loss, validation_accuracy (where the task has such samples), test_loss, test_accuracy, ei_imbalance,
        mean_balance, credit_norm. A member's rows end where it was frozen. Losses are means over the samples. The last
        three are means over the hidden neurons (over the outputs where there are none) and the first 256
        training samples:

        - ei_imbalance (ours): :math:`|E - I| / (E + I)`, where E and I are the sums of the positive and of the negative
          parts of a neuron's inputs :math:`w_{ij} x_j` and :math:`b_i`, so that :math:`s_i = E_i - I_i`. 0 is balanced,
          1 is excitation or inhibition alone; a neuron without any input counts as 0.
        - mean_balance: the balance :math:`f(s_i)` of the paper.
        - credit_norm: :math:`c_i`, as the root of its mean square. Where a control rule trained the network, these are
          the credits that the credit rule would assign at its weights; nothing was learned from them.
    snapshots
        Weights on the way.
    parameters
        What the sweep was made with.
    """

    weights: list[Tensor]
    biases: list[Tensor]
    initial_weights: list[Tensor]
    members: pd.DataFrame
    training: pd.DataFrame
    snapshots: Snapshots
    parameters: dict[str, Any]


@dataclass(frozen=True)
class SweepSummary:
    """Where a sweep stands, for one line of progress.

    Attributes
    ----------
    alive, members
        Members that are still learning, and all.
    best_accuracy
        The best test accuracy of a member in any epoch so far; None before the first epoch is measured.
    train_loss
        Mean training loss of the living members, when last measured; None as well where none is alive.
    """

    alive: int
    members: int
    best_accuracy: float | None
    train_loss: float | None
