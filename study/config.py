"""The options of a study: one set of frozen dataclasses for its YAML file, its command line and its Python calls."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

from ..guard import OptionError, counted, real_number, setting, suggestion, whole_number
from .checks import (
    MOST,
    Section,
    learning_rates,
    one_of,
    option,
    optional_count,
    optional_numbers,
    seeds,
    snapshots,
    some_of,
    study_name,
    text,
    yes_or_no,
)
from .experiments import EXPERIMENTS, ConnectomeOptions, Experiment, LayeredOptions, RecurrentOptions, TaskOptions
from .study_file import read_study_file

DEVICES = ("auto", "cpu", "cuda", "mps")
SNAPSHOTS = 12
BOUND_BY_ALL = 2.0
"""From this resolution on the undirected minimal Q of any network is a constant: `fixed_minimum`; a test compares."""
NULLS = (
    *("shuffle_nonzero", "shuffle_dyads", "shuffle_block", "rewire"),
    *("strength", "shuffle_strength", "shuffle_dyads_strength"),
    *("initial", "shuffled_labels"),
)


@dataclass(frozen=True)
class SweepOptions(Section):
    """Which networks are trained, every learning rate with every seed, and what is kept of them on the way."""

    section: ClassVar[str] = "sweep"
    learning_rates: tuple[float, ...] = option((0.001, 0.01, 0.1), "learning rates", learning_rates)
    seeds: tuple[int, ...] = option(5, "number of seeds, or a list of them", seeds)
    device: str = option(
        "auto", "where networks are trained: auto (a CUDA GPU if there is one), cpu, cuda, mps", one_of(*DEVICES)
    )
    snapshots: int | tuple[int, ...] | None = option(
        None,
        "weights to keep on the way: a number of them, on a logarithmic scale, or a list of steps; by default 12, and "
        "0 in connectome studies",
        snapshots,
    )
    matched_losses: tuple[float, ...] | None = option(
        None, "training losses at whose first crossing the weights are kept (layered, recurrent)", optional_numbers
    )
    evaluate_every: int | None = option(
        None,
        "steps between two looks at the training loss for matched_losses; by default about a tenth of an epoch",
        optional_count,
    )


@dataclass(frozen=True)
class CommunitiesOptions(Section):
    """How communities are found."""

    section: ClassVar[str] = "communities"
    weights: tuple[str, ...] = option(
        ("absolute",), "views of the weights: absolute, positive", some_of("absolute", "positive")
    )
    directions: tuple[str, ...] = option(
        ("auto",),
        "modularity sought: maximise, minimise; auto: both, but of feedforward networks (layered, or recurrent with a"
        " layered mask) and from a resolution of 2 on maximise, as undirected minimal Q is a constant there",
        some_of("auto", "maximise", "minimise"),
    )
    neurons: str = option(
        "all",
        "neurons of the graph: all, or free (those whose credit is clamped are left out; connectome only)",
        one_of("all", "free"),
    )
    directed: bool = option(False, "use the directed definition of modularity", yes_or_no)
    resolution: float = option(1.0, "resolution of modularity", partial(real_number, above=0.0))
    restarts: int = option(
        5, "restarts of the optimiser, the same for data and null", partial(whole_number, minimum=1, maximum=10_000)
    )


@dataclass(frozen=True)
class NullOptions(Section):
    """Which null models the communities are tested against."""

    section: ClassVar[str] = "nulls"
    models: tuple[str, ...] = option(
        ("shuffle_nonzero", "initial"),
        "null models: " + ", ".join(NULLS),
        some_of(*NULLS),
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

    name: str = option("study", "name of the study, and of its folder", study_name)
    question: str = option("Are the communities of learned networks more than chance?", "what is asked", text)
    experiment: Literal["connectome", "layered", "recurrent"] = option(
        "connectome", "experiment: " + ", ".join(EXPERIMENTS), one_of(*EXPERIMENTS)
    )
    connectome: ConnectomeOptions = ConnectomeOptions()  # noqa: RUF009 (frozen)
    layered: LayeredOptions = LayeredOptions()  # noqa: RUF009 (frozen)
    recurrent: RecurrentOptions = RecurrentOptions()  # noqa: RUF009 (frozen)
    sweep: SweepOptions = SweepOptions()
    communities: CommunitiesOptions = CommunitiesOptions()
    nulls: NullOptions = NullOptions()

    def __post_init__(self) -> None:
        super().__post_init__()
        for each in fields(self):
            if isinstance(each.default, Section) and not isinstance(getattr(self, each.name), type(each.default)):
                raise OptionError(each.name, getattr(self, each.name), f"{type(each.default).__name__}(...)")
        if self.sweep.snapshots is None:
            count = 0 if self.experiment == "connectome" else SNAPSHOTS
            object.__setattr__(self, "sweep", dataclasses.replace(self.sweep, snapshots=count))
        if self.experiment == "connectome":
            self._check_connectome()
        elif self.sweep.evaluate_every is not None and not self.sweep.matched_losses:
            raise OptionError(
                "sweep.evaluate_every", self.sweep.evaluate_every, "none without sweep.matched_losses, which it serves"
            )
        elif self.communities.neurons == "free":
            raise OptionError(
                "communities.neurons", "free", "all", f"a {self.experiment} network has no clamped neurons"
            )
        self._settle_directions()
        self._check_nulls()
        if self.sweep.device == "mps" and self.options.dtype == "float64":
            raise OptionError(f"{self.experiment}.dtype", "float64", "float32", "sweep.device mps has no other")

    def _settle_directions(self) -> None:
        """Say which modularity is sought where that is left open, and refuse the minimum where it is a constant."""
        options = self.communities
        feedforward = self.experiment == "layered" or (
            self.experiment == "recurrent" and self.recurrent.mask == "layered"
        )
        of_all = options.resolution >= BOUND_BY_ALL
        constant = not options.directed and (feedforward or of_all)
        if options.directions == ("auto",):
            sought = ("maximise",) if constant else ("maximise", "minimise")
            object.__setattr__(self, "communities", dataclasses.replace(options, directions=sought))
        elif "auto" in options.directions:
            raise OptionError("communities.directions", list(options.directions), "auto alone, or the others")
        elif constant and "minimise" in options.directions:
            least = 1 - options.resolution if of_all else -options.resolution / 2
            why = (
                f"at a resolution of {BOUND_BY_ALL:g} and more that of one community of all"
                if of_all
                else "since synapses run only between layers"
            )
            raise OptionError(
                "communities.directions",
                "minimise",
                "maximise",
                f"minimal Q is {least:g} whatever the weights, {why}, so it would be tested for nothing",
            )

    def _check_nulls(self) -> None:
        """Check that the null models make sense for the experiment."""
        unfit = {}
        if self.experiment != "layered":
            unfit["shuffle_block"] = "it needs a layered experiment"
        if self.experiment == "connectome":
            unfit["shuffled_labels"] = "a connectome study has no labels"
        if isinstance(self.options, TaskOptions) and self.options.shuffled_labels:
            unfit["shuffled_labels"] = "the networks themselves are trained on shuffled labels"
        full = self.experiment == "layered" or (self.experiment == "recurrent" and self.recurrent.mask == "all_to_all")
        if full and "absolute" in self.communities.weights:
            unfit["rewire"] = "of absolute weights all synapses that can be are there, so that none can be rewired"
        for model in self.nulls.models:
            if model in unfit:
                allowed = "one of " + ", ".join(name for name in NULLS if name not in unfit)
                raise OptionError("nulls.models", model, allowed, unfit[model])

    def _check_connectome(self) -> None:
        """Check what of the connectome's options makes sense only with others."""
        options = self.connectome
        for pruning in options.pruning:
            if options.n**2 - round(pruning * options.n**2) < options.n:
                raise OptionError(
                    "connectome.pruning",
                    pruning,
                    f"a fraction that leaves {counted(options.n, 'synapse')} or more, one a neuron",
                )
        if self.communities.neurons == "free" and options.clamped_fraction > 0.9:
            raise OptionError(
                "connectome.clamped_fraction",
                options.clamped_fraction,
                "at most 0.9, since communities.neurons is free and the others are left out",
            )
        kept = self.sweep.snapshots
        if isinstance(kept, tuple) and max(kept) > options.iterations:
            raise OptionError("sweep.snapshots", max(kept), f"steps of at most {options.iterations}, the iterations")
        if self.sweep.matched_losses is not None:
            raise OptionError(
                "sweep.matched_losses", list(self.sweep.matched_losses), "none", "a connectome study has no loss"
            )
        if self.sweep.evaluate_every is not None:
            raise OptionError(
                "sweep.evaluate_every", self.sweep.evaluate_every, "none", "a connectome study has no loss to look at"
            )

    @property
    def options(self) -> Experiment:
        """The options of the study's experiment."""
        found: Experiment = getattr(self, self.experiment)
        return found

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Study:
        """Build a study from nested options, such as those of a study file.

        Raises
        ------
        OptionError
            For an option that does not exist (with the nearest that does), is of the wrong type, or out of range.
        """
        if not isinstance(options, Mapping):
            raise OptionError("options", options, "a mapping of a study's options, such as {'name': 'my-study'}")
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
        for other in EXPERIMENTS:
            if other != study.experiment and options.get(other):
                first = next(iter(options[other]))
                raise OptionError(
                    f"{other}.{first}",
                    options[other][first],
                    f"options of the section {study.experiment}, as the experiment of this study is {study.experiment}",
                    f"for the other say {setting('experiment', other)}",
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
        """All options in force, nested as in a study file; the sections of other experiments are left out."""
        options: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        for other in EXPERIMENTS:
            if other != self.experiment:
                del options[other]
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
