"""What a device is given to do in a step must not need an answer from it: each costs the time of many operations."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from creditgraph.train.activations import ACTIVATIONS, activation
from creditgraph.train.connectome.dynamics import Dynamics, Population, iterate
from creditgraph.train.losses import LOSSES
from creditgraph.train.sweeps.layered_step import LayeredStep
from creditgraph.train.sweeps.parameters import layered_row

ANSWERS = {"_local_scalar_dense", "is_nonzero", "nonzero", "item", "equal", "masked_select", "unique"}
SORTS = {"sort", "argsort", "topk", "kthvalue", "msort", "median"}


class Unasked(TorchDispatchMode):
    """Refuses operations whose result's value or shape must be known before the next, and sorts."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        name = operation._schema.name.partition("::")[2]
        # a mask as an index: how many it picks decides the shape
        masked = name in ("index", "index_put_") and any(
            each.dtype == torch.bool for each in args[1] if isinstance(each, torch.Tensor)
        )
        if masked or name in ANSWERS | SORTS:
            raise AssertionError(f"{name} waits for the device")
        return operation(*args, **(kwargs or {}))


def test_what_waits_is_refused():
    """Guards against the other tests passing whatever is done."""
    values = torch.arange(3)
    for ask in (lambda: bool(values.any()), lambda: values[values > 1], lambda: float(values[0]), values.sort):
        with pytest.raises(AssertionError, match="waits"), Unasked():
            ask()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("clamp", ["constant", "identity"])
def test_an_iteration_of_algorithm_1_asks_nothing(name, clamp):
    """Guards against a branch on a tensor, or a sort, in the loop of algorithm 1."""
    state = Population(
        weights=torch.randn(3, 8, 8),
        rates=torch.zeros(3, 8),
        credits=torch.zeros(3, 8),
        learning_rates=torch.tensor([0.01, 0.1, 1e9]),
        pruned=torch.tensor([10, 20, 0]),
        seed_index=torch.tensor([0, 1, 0]),
        alive=torch.ones(3, dtype=torch.bool),
        iterations=torch.zeros(3, dtype=torch.int64),
        mean_balance=torch.zeros(3),
    )
    rules = Dynamics(activation(name), clamp, 2, False, 1e6)
    with torch.no_grad(), Unasked():
        for _ in range(3):
            iterate(state, rules, torch.randn(2, 2, 8))
    assert state.iterations.tolist()[:2] == [3, 3]
    assert ((state.weights == 0).sum((1, 2))[:2] >= state.pruned[:2]).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_layered_step_asks_nothing(loss):
    """Guards against an accelerator waited for at each step to see who diverged."""
    sizes, members, batch = [4, 6, 3], 3, 5
    start = torch.randn(members, layered_row(sizes).size)
    step = LayeredStep(
        sizes,
        activation("tanh"),
        LOSSES[loss],
        parameters=start,
        learning_rates=torch.tensor([0.1, 0.2, 1e30]),
        batch=batch,
    )
    # as on an accelerator
    step._waits = False
    inputs, targets = torch.randn(20, 4), torch.eye(3)[torch.arange(20) % 3]
    with Unasked():
        for _ in range(3):
            step.learn(inputs, targets, torch.randint(20, (members * batch,)))
    assert step.made.tolist() == [3, 3, 0]
    assert step.alive.tolist() == [True, True, False]
