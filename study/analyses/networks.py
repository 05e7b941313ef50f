"""A network that is analysed: that of a graph file, or one of a run; each knows what is asked of it by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...graphs import WeightGraph
from ...guard import DataError
from ..communities import shuffled_networks, untrained_networks
from ..config import Study
from ..store import Cell, RunDirectory
from ..sweeps import initial_graph, trained_graph
from .backbones import backbone_of
from .minimum import fixed_minimum
from .options import (
    CHANGES,
    ENOUGH_FILES,
    FEWEST_RESTARTS,
    RESTARTS_OF_FILE,
    SAMPLES_OF_FILE,
    SAMPLES_OF_FILES,
    AnalysisOptions,
)
from .shuffles import rewirable, uniform
from .views import view_of

# plain modularity is not defined of negative weights
SIGNED_VIEWS = ("signed", "change")


@dataclass(frozen=True)
class FileNetwork:
    """The network of a graph file.

    Attributes
    ----------
    name
        The file's stem, as a folder can be called.
    graph
        What was read, or the backbone of it that is asked for.
    called
        The file's stem as it is, by which files of two folders are paired.
    place
        Its number among the files of a folder, which stands for a seed; None of a file by itself.
    files
        How many files the folder has.
    """

    name: str
    graph: WeightGraph
    place: int | None = None
    files: int = 1
    called: str = ""

    @property
    def keys(self) -> dict[str, Any]:
        """The key columns of the network's rows in every table."""
        return {"network": self.name} | ({} if self.place is None else {"seed": self.place})

    @property
    def seed(self) -> int:
        """What is added to the seed of its searches."""
        return self.place or 0

    def settled(self, options: AnalysisOptions) -> AnalysisOptions:
        """The options with samples and restarts that were left open."""
        samples = SAMPLES_OF_FILE if self.files < ENOUGH_FILES else SAMPLES_OF_FILES
        return options.settled(samples=samples, restarts=RESTARTS_OF_FILE)

    def samples(self, options: AnalysisOptions, null: str) -> int:
        """Samples of a null model."""
        del null
        return self.settled(options).samples or 0

    def load(self, options: AnalysisOptions) -> WeightGraph:
        """Its graph."""
        del options
        return self.graph

    def sources(self, null: str) -> dict[str, Any]:
        """Where null models that bring their own weights take them from."""
        if null in ("initial", "shuffled_labels"):
            raise DataError(f"{self.name}: the null model {null} needs a run, of which others of its kind can be drawn")
        return {}

    def nulls(self, options: AnalysisOptions, objective: str) -> tuple[str, ...]:
        """The null models of an objective: those asked for, or those that can differ from the network."""
        if options.nulls != ("auto",):
            return options.nulls
        view = self.graph.view("signed" if objective == "signed" else options.weights)
        shuffled = not uniform(view)
        found = ["shuffle_nonzero"] if shuffled else []
        if view.layers is not None and shuffled:
            found.append("shuffle_block")
        if rewirable(view):
            found.append("rewire")
        if objective == "signed" and len(np.unique(np.sign(view.weight))) > 1:
            found.append("sign_shuffle")
        return tuple(found or ["shuffle_nonzero"])

    def objectives(self, options: AnalysisOptions) -> tuple[str, ...]:
        """The objectives asked for, or those that mean something for the network."""
        if options.objectives != ("auto",):
            return options.objectives
        if options.weights in SIGNED_VIEWS:
            return ("signed",)
        return ("modularity", *(["layered"] if self.graph.layers is not None else []))

    def directions(self, options: AnalysisOptions) -> tuple[str, ...]:
        """The directions asked for, or those whose score can differ; maximal Q first."""
        return _directions(options, ("maximise", "minimise"), self)

    def sought(self, options: AnalysisOptions) -> list[tuple[str, str]]:
        """The objectives, and the directions in which each is searched."""
        return _sought(options, self)


@dataclass(frozen=True)
class RunNetwork:
    """A trained network of a run.

    Attributes
    ----------
    run, study, cell
        Where it is stored.
    """

    run: RunDirectory
    study: Study
    cell: Cell

    @property
    def name(self) -> str:
        """Name of its cell."""
        return self.cell.name

    @property
    def keys(self) -> dict[str, Any]:
        """The key columns of the network's rows in every table."""
        return {"network": self.name, **self.cell.keys}

    @property
    def seed(self) -> int:
        """What is added to the seed of its searches."""
        return self.cell.seed

    def settled(self, options: AnalysisOptions) -> AnalysisOptions:
        """The options with samples and restarts of the study where they were left open."""
        restarts = max(FEWEST_RESTARTS, self.study.communities.restarts)
        return options.settled(samples=self.study.nulls.samples, restarts=restarts)

    def samples(self, options: AnalysisOptions, null: str) -> int:
        """Samples of a null model: of networks trained on shuffled labels no more than the run has."""
        wanted = self.settled(options).samples or 0
        return min(wanted, self.study.nulls.samples) if null == "shuffled_labels" else wanted

    def load(self, options: AnalysisOptions) -> WeightGraph:
        """Its graph."""
        return self.graph_of(self.run.weights(self.cell), options)

    def graph_of(self, weights: Mapping[str, Any], options: AnalysisOptions) -> WeightGraph:
        """The graph of weights that it had some time, with its untrained weights where the view asks for them."""
        graph = backbone_of(trained_graph(self.study, dict(weights)), options.backbone)
        if options.weights not in CHANGES:
            return graph
        return replace(graph, initial=initial_graph(self.study, self.cell.seed))

    def sources(self, null: str) -> dict[str, Any]:
        """Where null models that bring their own weights take them from."""
        if null == "initial":
            return {"initial": untrained_networks(self.study)}
        if null == "shuffled_labels":
            if null not in self.study.nulls.models:
                raise DataError(f"{self.run.path}: has no networks of shuffled labels; add it to its nulls.models")
            return {"trained": shuffled_networks(self.run, self.study, self.cell)}
        return {}

    def nulls(self, options: AnalysisOptions, objective: str) -> tuple[str, ...]:
        """The null models asked for, or those of the study's own that there are for the view of the weights."""
        del objective
        if options.nulls != ("auto",):
            return options.nulls
        own = self.study.nulls.models
        if options.weights in CHANGES:
            own = tuple(name for name in own if name != "initial")
        return own or ("shuffle_block" if self.study.experiment == "layered" else "shuffle_nonzero",)

    def objectives(self, options: AnalysisOptions) -> tuple[str, ...]:
        """The objectives asked for, or modularity."""
        if options.objectives != ("auto",):
            return options.objectives
        return ("signed",) if options.weights in SIGNED_VIEWS else ("modularity",)

    def directions(self, options: AnalysisOptions) -> tuple[str, ...]:
        """The directions asked for, or those of the study's own whose score can differ; maximal Q first."""
        return _directions(options, self.study.communities.directions, self)

    def sought(self, options: AnalysisOptions) -> list[tuple[str, str]]:
        """The objectives, and the directions in which each is searched."""
        return _sought(options, self)


Network = FileNetwork | RunNetwork


def why_minimum_is_fixed(network: Network, options: AnalysisOptions) -> str | None:
    """Why minimal Q of the view that is asked for is a constant, in words; None where it is none."""
    g = network.load(options).view(view_of(options, "modularity"))
    return fixed_minimum(g, directed=options.directed, resolution=options.resolution)


def _directions(options: AnalysisOptions, own: tuple[str, ...], network: Network) -> tuple[str, ...]:
    # the communities of maximal Q are what everything else is about
    if options.directions != ("auto",):
        return ("maximise", *(("minimise",) if "minimise" in options.directions else ()))
    # of other objectives than modularity it is sought only if it is asked for
    sought = (
        "minimise" in own
        and "modularity" in network.objectives(options)
        and why_minimum_is_fixed(network, options) is None
    )
    return ("maximise", *(("minimise",) if sought else ()))


def _sought(options: AnalysisOptions, network: Network) -> list[tuple[str, str]]:
    # by default minimal Q is asked of plain modularity alone: of the others it is seldom what is meant
    return [
        (objective, direction)
        for objective in network.objectives(options)
        for direction in network.directions(options)
        if direction == "maximise" or objective == "modularity" or "minimise" in options.directions
    ]
