"""The credit rule: networks that fire, assign credit and change their synapses, and sweeps over them."""

if __name__ != "creditgraph.train":
    raise ImportError("import creditgraph.train: the bare name train would load a second copy of every class")

from .activations import Activation, activation
from .connectome import ConnectomeResult, ConnectomeSimulation
from .equilibrium import EquilibriumError, EquilibriumReport, EquilibriumWarning
from .layered import LayeredNetwork, Rates
from .losses import Loss, loss
from .masks import all_to_all_mask, layered_mask
from .plasticity import Learned, Update
from .pruning import prune_smallest
from .recurrent import RecurrentNetwork
from .sweep import LayeredSweep, SweepResult
from .tasks import Task, load_task

__all__ = [
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
    "SweepResult",
    "Task",
    "Update",
    "activation",
    "all_to_all_mask",
    "layered_mask",
    "load_task",
    "loss",
    "prune_smallest",
]
