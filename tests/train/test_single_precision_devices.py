"""What runs on a device without double precision, such as Apple's GPUs, by a stand-in: the processor, refusing it."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from creditgraph.guard import OptionError
from creditgraph.train import ConnectomeSimulation, LayeredSweep, RecurrentSweep
from creditgraph.train.members import sums_dtype, usable_device

USERS = ("sweeps.measuring", "connectome.dynamics")


class SinglePrecision(TorchDispatchMode):
    """Refuses operations that return tensors in double precision."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        found = operation(*args, **(kwargs or {}))
        for each in found if isinstance(found, tuple | list) else [found]:
            if isinstance(each, torch.Tensor) and each.dtype == torch.float64:
                raise TypeError(f"{operation} returned a tensor in double precision")
        return found


SMALL = {"learning_rates": [0.1], "seeds": [0, 1], "epochs": 1, "batch_size": 32, "matched_losses": [5.0]}
MAKERS = {
    "layered": lambda: LayeredSweep("parity", hidden=[4], **SMALL),
    "backprop": lambda: LayeredSweep("parity", hidden=[4], rule="backprop", **SMALL),
    "recurrent": lambda: RecurrentSweep("parity", hidden=4, **SMALL),
    "connectome": lambda: ConnectomeSimulation(
        n=10, learning_rates=[0.1], engine="tensor", iterations=5, snapshots=2, self_synapses="none"
    ),
}


@pytest.mark.parametrize("name", MAKERS)
def test_sweeps_do_without_double_precision(name, monkeypatch):
    """Guards against a sum, a record or a state that a device without double precision cannot make."""
    for user in USERS:
        monkeypatch.setattr(f"creditgraph.train.{user}.sums_dtype", lambda device: torch.float32)
    expected = MAKERS[name]().run()
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        sweep = MAKERS[name]()
        with SinglePrecision():
            found = sweep.run()
            sweep.restore(sweep.state())
    finally:
        torch.set_num_threads(before)
    torch.testing.assert_close(found.weights[0], expected.weights[0], rtol=1e-4, atol=1e-6)
    assert found.training.shape == expected.training.shape


def test_sums_are_in_double_precision_where_that_is_there():
    """Guards against losses that lose digits everywhere for the sake of one device."""
    assert [sums_dtype(torch.device(name)) for name in ("cpu", "cuda", "mps")] == [
        torch.float64,
        torch.float64,
        torch.float32,
    ]


def test_a_device_without_numbers_is_refused():
    """Guards against a sweep whose weights have shapes and no values."""
    with pytest.raises(OptionError, match="device: got 'meta'"):
        usable_device("meta")
