"""What communities of a trained network do: the loss without them, and the classes that they fire for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from ...analysis import community_selectivity, composition, lesions, selectivity
from ...graphs import WeightGraph
from ...guard import CreditgraphError
from ...train import LayeredNetwork, RecurrentNetwork, Task, ablated_loss, load_task
from .networks import RunNetwork

CONTROLS = 99
# every control of a recurrent network is a search for equilibria
RECURRENT_CONTROLS = 39
# communities of shuffled neurons
SHUFFLES = 199


def function_of(network: RunNetwork, g: WeightGraph, best: npt.NDArray[np.int64], seed: int) -> dict[str, pd.DataFrame]:
    """Lesions and class selectivity of the communities of a network that was trained on a task, on its test data.

    Beside what :func:`creditgraph.analysis.lesions` and :func:`creditgraph.analysis.community_selectivity` tell, their
    tables say how much is behind them: `test_samples`, and `controls` or `shuffles` (draws of the null model).
    """
    study = network.study
    if study.experiment == "connectome":
        return {}
    options = study.recurrent if study.experiment == "recurrent" else study.layered
    task = load_task(
        options.task, seed=network.cell.seed, test_fraction=options.test_fraction, **options.task_arguments
    )
    trained = _trained(network, task)
    inner = np.flatnonzero(np.isin(np.asarray(g.roles), ["input", "output"]))
    found = {}
    controls = RECURRENT_CONTROLS if study.experiment == "recurrent" else CONTROLS
    try:
        found["lesions"] = lesions(
            lambda neurons: ablated_loss(trained, task.x_test, task.y_test, neurons)[0],
            g,
            best,
            spared=inner,
            controls=controls,
            seed=seed,
        ).assign(controls=controls, test_samples=len(task.y_test))
        rates = _rates(trained, task.x_test)
    except CreditgraphError as error:
        # a network that settles with all its neurons need not settle without some
        return {"unmeasured": pd.DataFrame({"part": ["function"], "reason": [str(error)]})}
    found["neuron_selectivity"], found["class_composition"] = _classes(rates, task, best)
    found["selectivity"] = community_selectivity(
        rates, task.y_test, best, strata=g.roles if g.layers is None else g.layers, samples=SHUFFLES, seed=seed
    ).assign(shuffles=SHUFFLES, test_samples=len(task.y_test))
    return found


def _classes(
    rates: npt.NDArray[np.float64], task: Task, best: npt.NDArray[np.int64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How selective each neuron is and for which class, and which classes the neurons of a community prefer."""
    preferred = np.stack([rates[task.y_test == k].mean(axis=0) for k in range(task.classes)]).argmax(axis=0)
    neurons = pd.DataFrame(
        {"neuron": np.arange(len(best)), "selectivity": selectivity(rates, task.y_test), "preferred": preferred}
    )
    return neurons, composition(best, preferred)


def _trained(network: RunNetwork, task: Task) -> LayeredNetwork | RecurrentNetwork:
    study, arrays = network.study, network.run.weights(network.cell)
    dtype = getattr(torch, study.options.dtype)
    if study.experiment == "layered":
        options = study.layered
        layered = LayeredNetwork(
            [task.features, *options.hidden, task.classes],
            activation=options.activation,
            loss=options.loss,
            dtype=dtype,
        )
        count = len(options.hidden) + 1
        layered.weights = [_member(arrays[f"weights.{layer}"]) for layer in range(count)]
        layered.biases = [_member(arrays[f"biases.{layer}"]) for layer in range(count)]
        return layered
    own = study.recurrent
    recurrent = RecurrentNetwork(
        task.features,
        own.hidden,
        task.classes,
        activation=own.activation,
        loss=own.loss,
        mask=own.mask,
        mask_options=own.mask_options,
        max_steps=own.max_steps,
        dtype=dtype,
    )
    recurrent.weights = _member(arrays["weights.0"])
    recurrent.biases = _member(arrays["biases.0"])
    return recurrent


def _member(array: npt.NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(array)[None]


def _rates(trained: LayeredNetwork | RecurrentNetwork, x: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Rates of all neurons, (samples, neurons)."""
    if isinstance(trained, LayeredNetwork):
        return torch.cat(list(trained.fire(x)), dim=2)[0].double().numpy()
    return trained.fire(x)[0].double().numpy()
