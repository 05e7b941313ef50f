"""The credit rule: networks that fire, assign credit and change their synapses, and sweeps over them."""

if __name__ != "creditgraph.train":
    raise ImportError("import creditgraph.train: the bare name train would load a second copy of every class")

from .ablation import ablated_loss
from .activations import Activation, activation
from .angles import angle
from .balance import BALANCES, balance_function
from .balance_cost import angle_to_gradient
from .checkpoint import CheckpointWarning, Stepped, delete_checkpoints, run_with_checkpoints
from .connectome import ConnectomeResult, ConnectomeSimulation
from .controls import ControlRule, control_rule, register_rule
from .dale import DaleLaw
from .development import develop, falling_schedule, module_connectivity
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
from .paired import PairedData
from .plasticity import Learned, Update
from .predictions import amplitude_by_balance, retrograde_amplitudes, synaptic_ratios
from .pruning import prune_smallest
from .recurrent import RecurrentNetwork
from .rule_comparison import compare_rules, dale_cost
from .spectra import SpectralRadii, equilibria_over, spectral_radii
from .sweeps import LayeredSweep, RecurrentSweep, Snapshots, SweepResult, SweepSummary
from .tasks import Task, load_task
from .timescale_sweep import timescale_sweep
from .timescales import Timeline, integrate_timescales, recurrent_form

__all__ = [
    "BALANCES",
    "Activation",
    "CheckpointWarning",
    "ConnectomeResult",
    "ConnectomeSimulation",
    "ControlRule",
    "DaleLaw",
    "EquilibriumError",
    "EquilibriumReport",
    "EquilibriumWarning",
    "LayeredNetwork",
    "LayeredSweep",
    "Learned",
    "Loss",
    "PairedData",
    "Rates",
    "RecurrentNetwork",
    "RecurrentSweep",
    "Snapshots",
    "SpectralRadii",
    "Stepped",
    "SweepResult",
    "SweepSummary",
    "Task",
    "Timeline",
    "Update",
    "ablated_loss",
    "activation",
    "all_to_all_mask",
    "amplitude_by_balance",
    "angle",
    "angle_to_gradient",
    "balance_function",
    "compare_rules",
    "control_rule",
    "dale_cost",
    "delete_checkpoints",
    "develop",
    "edges_mask",
    "equilibria_over",
    "falling_schedule",
    "integrate_timescales",
    "layered_mask",
    "load_task",
    "loss",
    "module_connectivity",
    "named_mask",
    "prune_smallest",
    "random_mask",
    "recurrent_form",
    "register_rule",
    "retrograde_amplitudes",
    "run_with_checkpoints",
    "skip_mask",
    "small_world_mask",
    "spectral_radii",
    "synaptic_ratios",
    "timescale_sweep",
]
