"""The options of an analysis: one set for the command line and for Python."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

from ...guard import OptionError, choice, real_number, suggestion, whole_number
from ..checks import LARGEST_SEED, MOST, Section, one_of, option, optional_text, some_of, yes_or_no
from .backbones import NO_BACKBONE, backbone_option

# named here too, since the rooms that know them take seconds to load; a test compares
VIEWS = ("absolute", "positive", "negative", "signed", "change", "absolute_change")
CHANGES = ("change", "absolute_change")
"""Views that need the untrained weights."""
OBJECTIVES = ("modularity", "signed", "layered", "cpm")
NULLS = (
    *("shuffle_nonzero", "shuffle_block", "shuffle_dyads", "rewire", "strength"),
    *("shuffle_strength", "shuffle_dyads_strength", "sign_shuffle"),
    *("initial", "shuffled_labels"),
)
FORMATS = ("auto", "graphml", "gexf", "edges", "adjacency", "npz", "safetensors", "xlsx")
PARTS = ("structure", "stability", "resolution", "function", "trajectory")
FEWEST_STRUCTURE_SAMPLES = 59
"""With fewer samples none of three tests together can reach a q of 0.05."""

READ_AS = {"source": "pre_column", "target": "post_column", "neurons": "neuron_table", "directed": "file_directed"}
"""Options of :func:`creditgraph.graphs.read_graph` that go by another name here, where theirs are taken."""

SAMPLES_OF_FILE, RESTARTS_OF_FILE = 99, 5
"""Of a single network, which no seeds stand beside; a run has those of its study."""
SAMPLES_OF_FILES, ENOUGH_FILES = 20, 5
"""Of each network of a folder with at least so many, which are tested together."""
FEWEST_RESTARTS = 2
"""So many tell how alike restarts are."""


def _yes_no_or_auto(name: str, given: object) -> str:
    # YAML reads yes and no as truth values
    return one_of("auto", "yes", "no")(name, {True: "yes", False: "no"}.get(given, given) if given in (0, 1) else given)  # type: ignore[no-any-return, call-overload]


def _column(name: str, given: object) -> str | None:
    """Check for a column: a name, or its place."""
    if isinstance(given, int) and not isinstance(given, bool):
        return str(whole_number(name, given, minimum=0))
    return optional_text(name, given)


def _missing_weights(name: str, given: object) -> str:
    """Check for what becomes of synapses without a weight."""
    if isinstance(given, str) and not _is_number(given):
        return str(choice(name, given, ("refuse", "drop")))
    return repr(real_number(name, float(given) if isinstance(given, str) else given))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _samples(name: str, given: object) -> int | None:
    return None if given is None else whole_number(name, given, minimum=2, maximum=MOST)


def _restarts(name: str, given: object) -> int | None:
    return None if given is None else whole_number(name, given, minimum=FEWEST_RESTARTS, maximum=10_000)


@dataclass(frozen=True)
class AnalysisOptions(Section):
    """What is computed of each network, and how a graph file is read.

    Examples
    --------
    >>> AnalysisOptions(restarts=3).hash() == AnalysisOptions().hash()
    False
    """

    weights: str = option("absolute", "view of the weights: " + ", ".join(VIEWS), one_of(*VIEWS))
    objectives: tuple[str, ...] = option(
        ("auto",),
        "scores: "
        + ", ".join(OBJECTIVES)
        + "; auto: modularity, and of a file with layers layered too; of signed views (signed, change) signed",
        some_of("auto", *OBJECTIVES),
    )
    directions: tuple[str, ...] = option(
        ("auto",),
        "modularity sought: maximise, minimise; auto: of a run its own, of a file both, but maximise where undirected"
        " minimal Q is a constant (networks in two groups without synapses within, as feedforward ones; a resolution of"
        " 2 and more), and of other objectives than modularity; maximise is always among them",
        some_of("auto", "maximise", "minimise"),
    )
    directed: bool = option(False, "use the directed definition of modularity", yes_or_no)
    resolution: float = option(1.0, "resolution", partial(real_number, above=0.0))
    restarts: int | None = option(
        None,
        "restarts of the optimiser, the same for data and null (by default those of a run, at least "
        f"{FEWEST_RESTARTS}, and {RESTARTS_OF_FILE} of a file)",
        _restarts,
    )
    nulls: tuple[str, ...] = option(
        ("auto",),
        "null models: "
        + ", ".join(NULLS)
        + "; auto: of a run its own, of a file what can be drawn of shuffle_nonzero, shuffle_block, rewire, and of both"
        " signs sign_shuffle",
        some_of("auto", *NULLS),
    )
    samples: int | None = option(
        None,
        f"samples of each null model (by default those of a run, {SAMPLES_OF_FILE} of a file, and "
        f"{SAMPLES_OF_FILES} of each file in a folder of {ENOUGH_FILES} and more)",
        _samples,
    )
    interval: str = option(
        "student",
        "intervals over seeds: student, or bootstrap (studentised for means, of effect sizes too; from 4 seeds on)",
        one_of("student", "bootstrap"),
    )
    backbone: str = option(
        NO_BACKBONE,
        "part of each network that all of this is of, taken before null models: none, or a method and its parameter, "
        "strongest:FRACTION, top_k:K, disparity:ALPHA, spanning_tree:FRACTION",
        backbone_option,
    )
    parts: tuple[str, ...] = option(PARTS, "what is looked at besides scores: " + ", ".join(PARTS), some_of(*PARTS))
    seed: int = option(0, "seed of all searches and samples", partial(whole_number, minimum=0, maximum=LARGEST_SEED))
    format: str = option("auto", "format of a graph file: " + ", ".join(FORMATS), one_of(*FORMATS))
    weight: str | None = option(
        None,
        "column or attribute that holds the weights, its number from 0 where pre_column or post_column is one; of a "
        "trained model its matrices, separated by commas, in the order of the layers",
        _column,
    )
    pre_column: str | None = option(
        None, "column of the presynaptic neuron in a table of edges: its name, or its number from 0", _column
    )
    post_column: str | None = option(
        None, "column of the postsynaptic neuron in a table of edges: its name, or its number from 0", _column
    )
    neuron_table: str | None = option(
        None, "a table of the neurons of a table of edges, with their names and marks", optional_text
    )
    initial: str | None = option(
        None,
        "a second file with the untrained weights of the same neurons, of which a change can be told, or a folder with "
        "one of the same name",
        optional_text,
    )
    missing_weights: str = option(
        "refuse", "synapses without a weight: refuse, drop, or a number to take for it", _missing_weights
    )
    orientation: str = option(
        "auto", "rows of an adjacency matrix: pre_post, post_pre", one_of("auto", "pre_post", "post_pre")
    )
    file_directed: str = option("auto", "whether an edge of a file is one synapse: yes, no", _yes_no_or_auto)
    duplicates: str = option(
        "refuse",
        "synapses given several times: refuse, sum, mean, first, strongest",
        one_of("refuse", "sum", "mean", "first", "strongest"),
    )
    self_synapses: str = option("keep", "self-synapses: keep, drop, refuse", one_of("keep", "drop", "refuse"))
    isolated: str = option("keep", "neurons without synapses: keep, drop", one_of("keep", "drop"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backbone != NO_BACKBONE and self.weights in CHANGES:
            raise OptionError(
                "backbone", self.backbone, f"{NO_BACKBONE} with weights={self.weights}", "it ranks weights, not changes"
            )

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> AnalysisOptions:
        """Options from a mapping.

        Raises
        ------
        OptionError
            For an option that does not exist, with the nearest that does, or a value that is not allowed.
        """
        known = [each.name for each in fields(cls)]
        for name in options:
            if name not in known:
                raise OptionError("option", name, "one of " + ", ".join(known), suggestion(name, known))
        return cls(**options)

    def to_dict(self) -> dict[str, Any]:
        """All options, as they are stored."""
        written: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return written

    def settled(self, *, samples: int, restarts: int) -> AnalysisOptions:
        """The options, with these where they say nothing."""
        return replace(
            self,
            samples=samples if self.samples is None else self.samples,
            restarts=restarts if self.restarts is None else self.restarts,
        )

    @property
    def settled_restarts(self) -> int:
        """Restarts of options that :meth:`settled` gave."""
        assert self.restarts is not None
        return self.restarts

    @property
    def files_beside(self) -> tuple[str, ...]:
        """Files that were named besides the one that is analysed."""
        return tuple(each for each in (self.neuron_table, self.initial) if each is not None)

    def reading(self) -> dict[str, Any]:
        """The options that :func:`creditgraph.graphs.read_graph` is given."""
        found: dict[str, Any] = {
            "duplicates": self.duplicates,
            "self_synapses": self.self_synapses,
            "isolated": self.isolated,
        }
        if self.format != "auto":
            found["format"] = self.format
        if self.orientation != "auto":
            found["orientation"] = self.orientation
        if self.file_directed != "auto":
            found["directed"] = self.file_directed == "yes"
        if self.weight is not None:
            # an array or an attribute may be called by a number too
            placed = any(given is not None and given.isdecimal() for given in (self.pre_column, self.post_column))
            found["weight"] = int(self.weight) if placed and self.weight.isdecimal() else self.weight
        if self.neuron_table is not None:
            found["neurons"] = self.neuron_table
        if self.initial is not None:
            found["initial"] = self.initial
        for name, given in (("source", self.pre_column), ("target", self.post_column)):
            if given is not None:
                # a column may be said by its place
                found[name] = int(given) if given.isdecimal() else given
        if self.missing_weights != "refuse":
            found["missing_weights"] = "drop" if self.missing_weights == "drop" else float(self.missing_weights)
        return found

    def hash(self, of_what: str = "") -> str:
        """Twelve hexadecimal digits of the options and what they are applied to."""
        text = json.dumps([self.to_dict(), of_what], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
