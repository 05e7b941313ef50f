"""What a study can train: the options of each experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ..guard import OptionError, fraction, real_number, whole_number
from .checks import (
    ACTIVATIONS,
    DTYPES,
    MOST,
    Section,
    fractions,
    one_of,
    option,
    optional_options,
    optional_text,
    sizes,
    yes_or_no,
)

# named here too, since the rooms that know them take seconds to load; a test compares
TASKS = ("digits", "mnist5k", "mnist", "fashion_mnist", "idx", "table", "teacher", "parity", "spirals")
TASKS_FROM_FILES = ("mnist", "fashion_mnist", "idx", "table")
RULES = ("credit", "backprop", "feedback_alignment", "direct_feedback_alignment", "hebbian", "readout_only")
MASKS = ("layered", "skip", "all_to_all", "random", "small_world")


@dataclass(frozen=True)
class ConnectomeOptions(Section):
    """Algorithm 1 of the paper: noise drives an all-to-all network whose weakest synapses are pruned."""

    section: ClassVar[str] = "connectome"
    n: int = option(300, "number of neurons", partial(whole_number, minimum=2, maximum=20_000))
    pruning: tuple[float, ...] = option((0.8,), "fractions of the smallest weights set to zero each step", fractions)
    iterations: int = option(1500, "iterations", partial(whole_number, minimum=1, maximum=MOST))
    noise: float = option(0.1, "standard deviation of the noise on rates and credits", partial(real_number, minimum=0))
    noise_mode: str = option(
        "independent", "noise of rates and credits: independent or shared", one_of("independent", "shared")
    )
    initial_scale: float = option(0.01, "standard deviation of the initial weights", partial(real_number, above=0.0))
    activation: str = option("tanh", "activation: " + ", ".join(ACTIVATIONS), one_of(*ACTIVATIONS))
    clamp: str = option("constant", "clamped credits: constant or identity", one_of("constant", "identity"))
    clamped_fraction: float = option(0.1, "share of the neurons whose credit is clamped", fraction)
    self_synapses: str = option("kept", "synapses of a neuron onto itself: kept or none", one_of("kept", "none"))
    dtype: str = option("float32", "precision: float32 or float64", one_of(*DTYPES))


@dataclass(frozen=True)
class TaskOptions(Section):
    """The task of networks that are trained on data, and how they are trained."""

    task: str = option("digits", "data set: " + ", ".join(TASKS), one_of(*TASKS))
    task_path: str | None = option(
        None, "file or folder of a task that reads one: " + ", ".join(TASKS_FROM_FILES), optional_text
    )
    task_options: Mapping[str, Any] | None = option(
        None, "options of the task, such as {bits: 8} for parity", optional_options
    )
    test_fraction: float = option(
        0.2,
        "share of the data kept for testing, 0.05 to 0.95, unless they have a test part of their own",
        partial(real_number, minimum=0.05, maximum=0.95),
    )
    validation_fraction: float = option(
        0.0, "share of the data kept for validation, 0 to 0.95", partial(real_number, minimum=0.0, maximum=0.95)
    )
    shuffled_labels: bool = option(False, "permute the labels of the training part", yes_or_no)
    activation: str = option("tanh", "activation: " + ", ".join(ACTIVATIONS), one_of(*ACTIVATIONS))
    loss: str = option(
        "cross_entropy", "loss: cross_entropy or squared_error", one_of("cross_entropy", "squared_error")
    )
    epochs: int = option(20, "passes over the training data", partial(whole_number, minimum=1, maximum=MOST))
    batch_size: int = option(64, "samples in a step", partial(whole_number, minimum=1, maximum=MOST))
    dtype: str = option("float32", "precision: float32 or float64", one_of(*DTYPES))

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in {"name", "seed", "test_fraction", "validation_fraction", "shuffled_labels", "path"}.intersection(
            self.task_options or {}
        ):
            raise OptionError(
                f"{self.section}.task_options", name, "options of the task alone", "the study sets this by itself"
            )
        reads = self.task in TASKS_FROM_FILES
        if reads and self.task_path is None:
            raise OptionError(f"{self.section}.task_path", None, "a file or folder", f"the task {self.task} reads one")
        if not reads and self.task_path is not None:
            raise OptionError(
                f"{self.section}.task_path", self.task_path, "none", f"the task {self.task} reads no file"
            )

    @property
    def task_arguments(self) -> dict[str, Any]:
        """What :func:`creditgraph.train.load_task` is given besides name, seed and test fraction."""
        return {
            "validation_fraction": self.validation_fraction,
            "shuffled_labels": self.shuffled_labels,
            **({} if self.task_path is None else {"path": self.task_path}),
            **(self.task_options or {}),
        }


@dataclass(frozen=True)
class LayeredOptions(TaskOptions):
    """A layered network trained on a task with the credit rule, or a control rule in its place."""

    section: ClassVar[str] = "layered"
    hidden: tuple[int, ...] = option((128, 64), "sizes of the hidden layers", sizes)
    rule: str = option("credit", "rule that trains: credit, or as a control " + ", ".join(RULES[1:]), one_of(*RULES))


@dataclass(frozen=True)
class RecurrentOptions(TaskOptions):
    """A recurrent network trained on a task with the credit rule, at equilibrium."""

    section: ClassVar[str] = "recurrent"
    hidden: int = option(32, "number of hidden neurons", partial(whole_number, minimum=1, maximum=20_000))
    credit: str = option("inject", "credits of the outputs: inject or clamp", one_of("inject", "clamp"))
    mask: str = option("all_to_all", "where synapses are: " + ", ".join(MASKS), one_of(*MASKS))
    mask_options: Mapping[str, Any] | None = option(
        None, "options of the mask, such as {density: 0.2} for random", optional_options
    )
    gain: float = option(
        0.5, "initial weights are drawn from N(0, gain^2 / n)", partial(real_number, minimum=0.0, maximum=1e3)
    )
    max_steps: int = option(
        1000, "steps after which an equilibrium is given up", partial(whole_number, minimum=1, maximum=MOST)
    )


Experiment = ConnectomeOptions | LayeredOptions | RecurrentOptions
EXPERIMENTS = ("connectome", "layered", "recurrent")
