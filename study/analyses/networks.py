"""What is analysed: the network of a graph file, or the networks of a run."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs import GraphFileWarning, WeightGraph, read_graph
from ...guard import DataError, FileError, counted, options_named, plural, sha256
from ..communities import shuffled_networks, untrained_networks
from ..config import Study
from ..store import TRAINED, Cell, RunDirectory, cells_of
from ..sweeps import initial_graph, trained_graph
from .backbones import NO_BACKBONE, backbone_of
from .minimum import fixed_minimum
from .options import CHANGES, FEWEST_RESTARTS, READ_AS, RESTARTS_OF_FILE, SAMPLES_OF_FILE, AnalysisOptions
from .shuffles import rewirable, uniform

# plain modularity is not defined of negative weights
SIGNED_VIEWS = ("signed", "change")


@dataclass(frozen=True)
class FileNetwork:
    """The network of a graph file.

    Attributes
    ----------
    name
        The file's stem.
    graph
        What was read, or the backbone of it that is asked for.
    """

    name: str
    graph: WeightGraph

    @property
    def keys(self) -> dict[str, Any]:
        """The key columns of the network's rows in every table."""
        return {"network": self.name}

    @property
    def seed(self) -> int:
        """What is added to the seed of its searches."""
        return 0

    def settled(self, options: AnalysisOptions) -> AnalysisOptions:
        """The options with samples and restarts that were left open."""
        return options.settled(samples=SAMPLES_OF_FILE, restarts=RESTARTS_OF_FILE)

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
            raise DataError(f"{self.name}: the null model {null} needs a run, a graph file has no networks of its kind")
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


Network = FileNetwork | RunNetwork


def _directions(options: AnalysisOptions, own: tuple[str, ...], network: Network) -> tuple[str, ...]:
    # the communities of maximal Q are what everything else is about
    if options.directions != ("auto",):
        return ("maximise", *(("minimise",) if "minimise" in options.directions else ()))
    # of other objectives than modularity it is sought only if it is asked for
    sought = (
        "minimise" in own
        and "modularity" in network.objectives(options)
        and fixed_minimum(network.load(options), directed=options.directed, resolution=options.resolution) is None
    )
    return ("maximise", *(("minimise",) if sought else ()))


@dataclass(frozen=True)
class Source:
    """What a user named.

    Attributes
    ----------
    name, about
        A name for folders, and in words what it is.
    checksum
        Of its content, and of that of files that were named beside it.
    networks
        Its networks.
    run
        The run, where it is one.
    notes
        What was merged, dropped or read by default.
    called
        What a reader calls it: of a file its own name, which is any text; else empty.
    """

    name: str
    about: str
    checksum: str
    networks: tuple[Network, ...]
    run: RunDirectory | None
    notes: tuple[str, ...]
    called: str = ""


def source_of(path: str | Path, options: AnalysisOptions, warn: Callable[[str], None]) -> Source:
    """Open a graph file, of which the backbone that is asked for is kept, or a run directory.

    Raises
    ------
    CreditgraphError
        If it is neither, or cannot be read; the message says what to do.
    """
    place = Path(path)
    if place.is_dir():
        return _run(place)
    if not place.exists():
        raise FileError(f"{path}: there is no such file or folder; name a graph file or a run directory")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", GraphFileWarning)
        with options_named(READ_AS):
            graph = read_graph(place, **options.reading())
    notes = tuple(str(each.message) for each in caught)
    for note in notes:
        warn(note)
    name = _folder_name(place.stem)
    about = f"the file {place.name}: {counted(graph.n, 'neuron')}, {counted(graph.synapses, 'synapse')}"
    if options.backbone != NO_BACKBONE:
        graph = backbone_of(graph, options.backbone)
        about += f", of which {graph.synapses:,} are in the backbone {options.backbone}"
    checksum = sha256(place)
    for beside in options.files_beside:
        checksum = hashlib.sha256((checksum + sha256(Path(beside))).encode()).hexdigest()
    return Source(name, about, checksum, (FileNetwork(name, graph),), None, notes, place.stem)


def _run(path: Path) -> Source:
    run = RunDirectory.existing(path)
    study = run.study
    cells = [cell for cell in cells_of(study) if run.state(cell, TRAINED) == "done"]
    if len(cells) < len(cells_of(study)):
        raise FileError(
            f"{path}: {len(cells)} of {counted(len(cells_of(study)), 'network')} "
            f"{plural(len(cells), 'is', 'are')} trained; finish the run first, with the same"
            " `creditgraph run`"
        )
    completed = [cell for cell in cells if run.cell_table(cell, "members")["status"].iloc[0] == "completed"]
    if not completed:
        raise DataError(
            f"{path}: every network of the run diverged or found no equilibrium, nothing is left to analyse"
        )
    if not run.has_table("trends"):
        raise FileError(
            f"{path}: its networks are trained but not scored; finish the run first, with the same `creditgraph run`"
        )
    marks = "".join(sha256(run.folder(cell) / TRAINED) for cell in cells)
    lost = len(cells) - len(completed)
    notes = (
        (
            f"{lost} of {counted(len(cells), 'network')} diverged or found no equilibrium, and "
            f"{plural(lost, 'is', 'are')} left out",
        )
        if lost
        else ()
    )
    about = f"the run {study.name}: {counted(len(completed), 'network')}"
    networks = tuple(RunNetwork(run, study, cell) for cell in completed)
    return Source(study.name, about, hashlib.sha256(marks.encode()).hexdigest(), networks, run, notes)


def _folder_name(stem: str) -> str:
    """A name that is safe as a folder's, whatever the file is called."""
    kept = "".join(character if character.isalnum() or character in "-_" else "_" for character in stem)[:60]
    return kept if kept.strip("_") else "graph"
