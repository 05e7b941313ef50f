"""The credit rule: networks that fire, assign credit and change their synapses, and sweeps over them."""

if __name__ != "creditgraph.train":
    raise ImportError("import creditgraph.train: the bare name train would load a second copy of every class")

from .activations import Activation, activation
from .balance import BALANCES, balance_function
from .balance_cost import angle_to_gradient
from .connectome import ConnectomeResult, ConnectomeSimulation
from .equilibrium import EquilibriumError, EquilibriumReport, EquilibriumWarning
from .layered import LayeredNetwork, Rates
from .losses import Loss, loss
from .masks import (
    all_to_all_mask,
    edges_mask,
    layered_mask,
    named_mask,
    random_mask,
    skip_mask,
    small_world_mask,
)
from .plasticity import Learned, Update
from .pruning import prune_smallest
from .recurrent import RecurrentNetwork
from .spectra import SpectralRadii, equilibria_over, spectral_radii
from .sweep import LayeredSweep, SweepResult
from .tasks import Task, load_task

__all__ = [
    "BALANCES",
    "Activation",
    "ConnectomeResult",
    "ConnectomeSimulation",
    "EquilibriumError",
    "EquilibriumReport",
    "EquilibriumWarning",
    "LayeredNetwork",
    "LayeredSweep",
    "Learned",
    "Loss",
    "Rates",
    "RecurrentNetwork",
    "SpectralRadii",
    "SweepResult",
    "Task",
    "Update",
    "activation",
    "all_to_all_mask",
    "angle_to_gradient",
    "balance_function",
    "edges_mask",
    "equilibria_over",
    "layered_mask",
    "load_task",
    "loss",
    "named_mask",
    "prune_smallest",
    "random_mask",
    "skip_mask",
    "small_world_mask",
    "spectral_radii",
]
