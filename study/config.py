"""The options of a study: one set of frozen dataclasses for its YAML file, its command line and its Python calls.

Each option is declared once, with its default, its help and its check.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

from ..guard import (
    OptionError,
    choice,
    fraction,
    real_number,
    real_numbers,
    suggestion,
    whole_number,
    whole_numbers,
)
from .study_file import read_study_file

Check = Callable[[str, Any], Any]


def option(default: Any, about: str, check: Check) -> Any:
    """Declare an option of a study: its default, its help text, and the check that returns its value."""
    return field(default=default, metadata={"about": about, "check": check})


def _text(name: str, given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise OptionError(name, given, "some text")
    return given


def _study_name(name: str, given: object) -> str:
    text = _text(name, given)
    if len(text) > 100 or not all(c.isalnum() or c in "-_." for c in text) or text.startswith("."):
        raise OptionError(name, given, "at most 100 letters, digits, '-', '_' and '.', for it names a folder")
    return text


def _choices(name: str, given: object, allowed: tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, list | tuple) or not given:
        raise OptionError(name, given, "a list of one or more of " + ", ".join(allowed))
    values = tuple(choice(name, value, allowed) for value in given)
    if len(set(values)) < len(values):
        raise OptionError(name, given, "a list without repeats")
    return values


def _seeds(name: str, given: object) -> tuple[int, ...]:
    if isinstance(given, int) and not isinstance(given, bool):
        if not 1 <= given <= MOST_SEEDS:
            raise OptionError(
                name, given, f"a number of seeds of at least 1 and at most {MOST_SEEDS:,}, or a list of them"
            )
        return tuple(range(given))
    if not isinstance(given, list | tuple):
        raise OptionError(name, given, "a number of seeds, or a list of seeds")
    seeds = tuple(whole_numbers(name, given, minimum=0))
    return tuple(whole_number(name, seed, 0, LARGEST_SEED) for seed in seeds)


def _sizes(name: str, given: object) -> tuple[int, ...]:
    if not isinstance(given, list | tuple):
        raise OptionError(name, given, "a list of layer sizes")
    return tuple(whole_number(name, size, minimum=1) for size in given)


def _learning_rates(name: str, given: object) -> tuple[float, ...]:
    rates = [given] if isinstance(given, int | float) else given
    return tuple(sorted(real_numbers(name, rates, maximum=LARGEST_LEARNING_RATE, above=0.0)))


def _fractions(name: str, given: object) -> tuple[float, ...]:
    return tuple(sorted(real_numbers(name, [given] if isinstance(given, int | float) else given, 0.0, 1.0)))


def _yes_or_no(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise OptionError(name, given, "true or false")
    return given


def one_of(*allowed: str) -> Check:
    """Check for one of the allowed names."""
    return partial(choice, allowed=allowed)


def some_of(*allowed: str) -> Check:
    """Check for a list of one or more of the allowed names."""
    return partial(_choices, allowed=allowed)


ACTIVATIONS = ("tanh", "sigmoid", "shifted_sigmoid", "relu", "clipped_relu", "softplus", "linear")
DTYPES = ("float32", "float64")
LARGEST_SEED = 10**9 - 1
"""Seeds of null models lie above."""
MOST_SEEDS = 10_000
LARGEST_LEARNING_RATE = 1e6
MOST = 10**7
"""Bound of counts, far above what a machine gets through."""


@dataclass(frozen=True)
class Section:
    """A group of options; checks each of them when it is made."""

    section: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            if "check" in each.metadata:
                name = f"{self.section}.{each.name}" if self.section else each.name
                object.__setattr__(self, each.name, each.metadata["check"](name, getattr(self, each.name)))


@dataclass(frozen=True)
class ConnectomeOptions(Section):
    """Algorithm 1 of the paper: noise drives an all-to-all network whose weakest synapses are pruned."""

    section: ClassVar[str] = "connectome"
    n: int = option(300, "number of neurons", partial(whole_number, minimum=2, maximum=20_000))
    pruning: tuple[float, ...] = option((0.8,), "fractions of the smallest weights set to zero each step", _fractions)
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
class LayeredOptions(Section):
    """A layered network trained on a task with the credit rule."""

    section: ClassVar[str] = "layered"
    task: str = option("digits", "data set: digits", one_of("digits"))
    hidden: tuple[int, ...] = option((128, 64), "sizes of the hidden layers", _sizes)
    activation: str = option("tanh", "activation: " + ", ".join(ACTIVATIONS), one_of(*ACTIVATIONS))
    loss: str = option(
        "cross_entropy", "loss: cross_entropy or squared_error", one_of("cross_entropy", "squared_error")
    )
    epochs: int = option(20, "passes over the training data", partial(whole_number, minimum=1, maximum=MOST))
    batch_size: int = option(64, "samples in a step", partial(whole_number, minimum=1))
    test_fraction: float = option(
        0.2, "share of the data kept for testing, 0.05 to 0.95", partial(real_number, minimum=0.05, maximum=0.95)
    )
    dtype: str = option("float32", "precision: float32 or float64", one_of(*DTYPES))


@dataclass(frozen=True)
class SweepOptions(Section):
    """Which networks are trained: every learning rate with every seed."""

    section: ClassVar[str] = "sweep"
    learning_rates: tuple[float, ...] = option((0.001, 0.01, 0.1), "learning rates", _learning_rates)
    seeds: tuple[int, ...] = option(5, "number of seeds, or a list of them", _seeds)


@dataclass(frozen=True)
class CommunitiesOptions(Section):
    """How communities are found."""

    section: ClassVar[str] = "communities"
    weights: tuple[str, ...] = option(
        ("absolute",), "views of the weights: absolute, positive", some_of("absolute", "positive")
    )
    directions: tuple[str, ...] = option(
        ("maximise", "minimise"), "modularity sought: maximise, minimise", some_of("maximise", "minimise")
    )
    neurons: str = option(
        "all",
        "neurons of the graph: all, or free (those whose credit is clamped are left out; connectome only)",
        one_of("all", "free"),
    )
    directed: bool = option(False, "use the directed definition of modularity", _yes_or_no)
    resolution: float = option(1.0, "resolution of modularity", partial(real_number, above=0.0))
    restarts: int = option(5, "restarts of the optimiser, the same for data and null", partial(whole_number, minimum=1))


@dataclass(frozen=True)
class NullOptions(Section):
    """Which null models the communities are tested against."""

    section: ClassVar[str] = "nulls"
    models: tuple[str, ...] = option(
        ("shuffle_nonzero", "initial"),
        "null models: shuffle_nonzero, shuffle_dyads, shuffle_block, initial",
        some_of("shuffle_nonzero", "shuffle_dyads", "shuffle_block", "initial"),
    )
    samples: int = option(20, "samples of each null model", partial(whole_number, minimum=2, maximum=MOST))


@dataclass(frozen=True)
class Study(Section):
    """A study: what is trained, how communities are found, and what they are tested against.

    Examples
    --------
    >>> study = Study(name="small", sweep=SweepOptions(learning_rates=[0.1], seeds=2))
    >>> study.sweep.seeds
    (0, 1)
    """

    name: str = option("study", "name of the study, and of its folder", _study_name)
    question: str = option("Are the communities of learned networks more than chance?", "what is asked", _text)
    experiment: Literal["connectome", "layered"] = option(
        "connectome", "experiment: connectome or layered", one_of("connectome", "layered")
    )
    connectome: ConnectomeOptions = ConnectomeOptions()
    layered: LayeredOptions = LayeredOptions()
    sweep: SweepOptions = SweepOptions()
    communities: CommunitiesOptions = CommunitiesOptions()
    nulls: NullOptions = NullOptions()

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in fields(self):
            if isinstance(each.default, Section) and not isinstance(getattr(self, each.name), type(each.default)):
                raise OptionError(each.name, getattr(self, each.name), f"{type(each.default).__name__}(...)")
        size = self.connectome.n**2
        for pruning in self.connectome.pruning:
            if self.experiment == "connectome" and size - round(pruning * size) < self.connectome.n:
                raise OptionError(
                    "connectome.pruning",
                    pruning,
                    f"a fraction that leaves {self.connectome.n} synapses or more, one a neuron",
                )
        if self.experiment == "layered" and self.communities.neurons == "free":
            raise OptionError("communities.neurons", "free", "all", "a layered network has no clamped neurons")
        if self.communities.neurons == "free" and self.connectome.clamped_fraction > 0.9:
            raise OptionError(
                "connectome.clamped_fraction",
                self.connectome.clamped_fraction,
                "at most 0.9, since communities.neurons is free and the others are left out",
            )
        if self.experiment == "connectome" and "shuffle_block" in self.nulls.models:
            raise OptionError(
                "nulls.models",
                "shuffle_block",
                "shuffle_nonzero, shuffle_dyads or initial",
                "shuffle_block needs a layered experiment",
            )

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Study:
        """Build a study from nested options, such as those of a study file.

        Raises
        ------
        OptionError
            For an option that does not exist (with the nearest that does), is of the wrong type, or out of range.
        """
        sections = {each.name: each.default for each in fields(cls) if isinstance(each.default, Section)}
        given: dict[str, Any] = {}
        for name, value in options.items():
            if name not in {each.name for each in fields(cls)}:
                raise _unknown(str(name))
            if name not in sections:
                given[name] = value
                continue
            if value is None:
                value = {}
            if not isinstance(value, Mapping):
                raise OptionError(str(name), value, f"options of the section {name}")
            known = {each.name for each in fields(sections[name])}
            for key in value:
                if key not in known:
                    raise _unknown(f"{name}.{key}")
            given[name] = type(sections[name])(**value)
        study = cls(**given)
        other = "layered" if study.experiment == "connectome" else "connectome"
        if options.get(other):
            raise OptionError(
                other,
                "a section",
                f"a section {study.experiment}",
                f"the experiment of this study is {study.experiment}",
            )
        return study

    @classmethod
    def from_file(cls, path: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
        """Read a study file (YAML); `overrides` maps dotted names, such as ``sweep.seeds``, to values.

        Raises
        ------
        FileError
            If the file is missing or malformed.
        OptionError
            If an option is.
        """
        options = read_study_file(path)
        for name, value in (overrides or {}).items():
            if name not in option_names():
                raise _unknown(name)
            section, _, key = name.rpartition(".")
            target = options
            if section:
                target = options[section] = {} if options.get(section) is None else options[section]
                if not isinstance(target, dict):
                    raise OptionError(section, target, f"options of the section {section}")
            target[key] = value
        return cls.from_dict(options)

    def to_dict(self) -> dict[str, Any]:
        """All options in force, nested as in a study file; the section of the other experiment is left out."""
        options: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        del options["layered" if self.experiment == "connectome" else "connectome"]
        return options

    def hash(self) -> str:
        """Twelve hexadecimal digits that are the same exactly for studies with the same options in force."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:12]


def option_names() -> dict[str, dataclasses.Field[Any]]:
    """Every option of a study by its dotted name, in the order of the study file."""
    names: dict[str, dataclasses.Field[Any]] = {}
    for each in fields(Study):
        if isinstance(each.default, Section):
            names |= {f"{each.name}.{inner.name}": inner for inner in fields(each.default)}
        else:
            names[each.name] = each
    return names


def _unknown(name: str) -> OptionError:
    names = list(option_names())
    sections = [each.name for each in fields(Study) if isinstance(each.default, Section)]
    section = name.rpartition(".")[0]
    siblings = [known for known in names if known.rpartition(".")[0] == section] or names
    return OptionError(
        "option",
        name,
        "one of " + ", ".join(siblings if section else [*siblings, *sections]),
        suggestion(name, [*names, *sections]),
    )
