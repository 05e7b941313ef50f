"""Rules of learning side by side, and what Dale's law costs: same data, initial weights and batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from ..guard import OptionError, choice, real_number, several, whole_number
from .angles import angle
from .controls import RULES, ControlRule, control_rule
from .dale import DaleLaw
from .layered import LayeredNetwork
from .paired import PairedData
from .plasticity import Update

COMPARED = ("credit", "backprop", "feedback_alignment", "direct_feedback_alignment", "hebbian", "readout_only")
CONSTRAINTS = ("dale", "released", "free")


def compare_rules(
    rules: Sequence[str] = COMPARED,
    *,
    task: str = "digits",
    hidden: Sequence[int] = (64, 32),
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    learning_rate: float = 0.3,
    epochs: int = 20,
    batch_size: int = 64,
    activation: str = "tanh",
    loss: str = "cross_entropy",
    task_options: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Train layered networks by several rules from the same initial weights, on the same batches, in float64.

    Parameters
    ----------
    rules
        Names of rules, see :func:`control_rule`; a rule of one's own counts too, once it is registered.
    task, hidden, seeds, epochs, batch_size, activation, loss, task_options
        As in :class:`LayeredSweep`.
    learning_rate
        r of all rules.
    progress
        Called after each epoch of each rule with the epochs done and those in all.

    Returns
    -------
    pandas.DataFrame
        One row a rule, member and epoch (0 is before training): rule, seed, epoch, train_loss, train_accuracy,
        test_loss, test_accuracy, angle (degrees from the rule's update to minus the gradient, at the rule's own
        weights, on the first 256 training samples), distance (norm of the difference of all weights and biases from
        those trained by the credit rule on the same batches, relative to the norm of the latter's; missing where the
        credit rule was not run before).

    Raises
    ------
    OptionError
        If an option is impossible, or the rules make the numbers overflow.
    """
    names = [choice("rules", name, RULES) for name in rules] if several(rules) else []
    if len(set(names)) < len(names) or not names:
        raise OptionError(
            "rules", rules if isinstance(rules, str) else list(rules), "a list of at least one rule, without repeats"
        )
    real_number("learning_rate", learning_rate, above=0)
    data = PairedData(task, seeds=seeds, batch_size=batch_size, loss=loss, task_options=task_options)
    exact = control_rule("backprop")
    x_probe, y_probe = data.probe()
    reference: dict[int, list[Tensor]] = {}
    tables = []
    # the credit rule goes first: the others' distance is measured from it
    for count, name in enumerate(sorted(names, key=lambda each: each != "credit")):
        rule = control_rule(name)
        network = _network(data, hidden, activation)

        def record(epoch: int, name: str = name, rule: ControlRule = rule, network: LayeredNetwork = network) -> None:
            parameters = [each.clone() for each in [*network.weights, *network.biases]]
            if name == "credit":
                reference[epoch] = parameters
            step = rule.update(network, x_probe, y_probe)
            away = _angle(step, exact.update(network, x_probe, y_probe))
            distance = _distance(parameters, reference[epoch]) if reference else [float("nan")] * len(data.seeds)
            row = data.evaluate(network).assign(angle=away.numpy(), distance=distance)
            tables.append(row.assign(rule=name, epoch=epoch))

        record(0)
        for epoch, batches in enumerate(data.epochs(epochs), start=1):
            for x, y in batches:
                rule.learn(network, x, y, learning_rate)
            _check(network, name)
            record(epoch)
            if progress is not None:
                progress(count * epochs + epoch, len(names) * epochs)
    return _ordered(tables, "rule", names)


def dale_cost(
    *,
    task: str = "digits",
    hidden: Sequence[int] = (64, 32),
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    inhibitory: float = 0.2,
    learning_rate: float = 0.1,
    epochs: int = 20,
    batch_size: int = 64,
    activation: str = "sigmoid",
    loss: str = "cross_entropy",
    task_options: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""What Dale's law costs in angle and accuracy, and the balance of excitation and inhibition over training.

    Three networks of the same seed learn from the same batches: ``dale``, under the law; ``released``, from the same
    initial weights without the law; ``free``, from ordinary initial weights (the same draws before the law was imposed)
    without the law.

    Parameters
    ----------
    inhibitory
        Share of inhibitory neurons.
    task, hidden, seeds, epochs, batch_size, activation, loss, task_options, learning_rate, progress
        As in :func:`compare_rules`.

    Returns
    -------
    tuple of pandas.DataFrame
        Training: network, seed, epoch, train_loss, train_accuracy, test_loss, test_accuracy, angle (degrees from the
        change that one step of this learning rate on the first 256 training samples makes, projection and all, to minus
        the gradient), silent (share of synapses that are exactly 0). Balance: seed, epoch, and what
        :meth:`DaleLaw.balance` gives, on the same samples.

    Raises
    ------
    OptionError
        If an option is impossible, or learning makes the numbers overflow.
    """
    real_number("learning_rate", learning_rate, above=0)
    whole_number("epochs", epochs, 1)
    data = PairedData(task, seeds=seeds, batch_size=batch_size, loss=loss, task_options=task_options)
    x_probe, y_probe = data.probe()
    tables, balances = [], []
    for count, name in enumerate(CONSTRAINTS):
        network = _network(data, hidden, activation)
        law = DaleLaw(network, inhibitory=inhibitory) if name != "free" else None
        holds = name == "dale"

        def record(
            epoch: int,
            name: str = name,
            network: LayeredNetwork = network,
            law: DaleLaw | None = law,
            holds: bool = holds,
        ) -> None:
            gradient = control_rule("backprop").update(network, x_probe, y_probe)
            before = [each.clone() for each in [*network.weights, *network.biases]]
            network.apply(gradient, learning_rate)
            if law is not None and holds:
                law.impose()
            after = [*network.weights, *network.biases]
            away = angle([new - old for new, old in zip(after, before, strict=True)], _parts(gradient))
            for values, old in zip(after, before, strict=True):
                values.copy_(old)
            zeros = torch.cat([(each == 0).flatten(1) for each in network.weights], 1).double().mean(1)
            row = data.evaluate(network).assign(angle=away.numpy(), silent=zeros.numpy())
            tables.append(row.assign(network=name, epoch=epoch))
            if law is not None and holds:
                balances.append(law.balance(x_probe).assign(epoch=epoch))

        record(0)
        for epoch, batches in enumerate(data.epochs(epochs), start=1):
            for x, y in batches:
                if law is not None and holds:
                    law.learn(x, y, learning_rate)
                else:
                    network.learn(x, y, learning_rate)
            _check(network, name)
            record(epoch)
            if progress is not None:
                progress(count * epochs + epoch, len(CONSTRAINTS) * epochs)
    return _ordered(tables, "network", CONSTRAINTS), pd.concat(balances, ignore_index=True)


def _network(data: PairedData, hidden: Sequence[int], activation: str) -> LayeredNetwork:
    sizes = [data.features, *hidden, data.classes]
    return LayeredNetwork(
        sizes, activation=activation, loss=data.loss, members=len(data.seeds), seed=data.seeds, dtype=data.dtype
    )


def _parts(update: Update[list[Tensor]]) -> list[Tensor]:
    return [*update.weights, *update.biases]


def _angle(first: Update[list[Tensor]], second: Update[list[Tensor]]) -> Tensor:
    return angle(_parts(first), _parts(second))


def _distance(parameters: list[Tensor], reference: list[Tensor]) -> list[float]:
    here, there = (torch.cat([each.flatten(1) for each in tensors], 1) for tensors in (parameters, reference))
    relative = torch.linalg.vector_norm(here - there, dim=1) / torch.linalg.vector_norm(there, dim=1)
    return [float(each) for each in relative]


def _check(network: LayeredNetwork, name: str) -> None:
    if not all(bool(torch.isfinite(each).all()) for each in [*network.weights, *network.biases]):
        raise OptionError("learning_rate", name, "a rate at which this rule's weights stay finite; choose a lower one")


def _ordered(tables: list[pd.DataFrame], key: str, names: Sequence[str]) -> pd.DataFrame:
    """All rows, in the order of the names, then by seed and epoch, the keys first."""
    whole = pd.concat(tables, ignore_index=True)
    place = whole[key].map({name: i for i, name in enumerate(names)})
    whole = whole.assign(place=place).sort_values(["place", "seed", "epoch"]).drop(columns="place")
    first = [key, "seed", "epoch"]
    return whole[[*first, *(column for column in whole.columns if column not in first)]].reset_index(drop=True)
