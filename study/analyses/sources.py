"""What a user names to be analysed or compared: a graph file, a folder of such files, or a run."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...graphs import GraphFileWarning, WeightGraph, companions, graph_files, read_graph
from ...guard import DataError, FileError, counted, options_named, plural, sha256
from ...reports import labels
from ..missing import SOURCE, refuse_missing
from ..near_runs import runs_below
from ..store import TRAINED, RunDirectory, cells_of
from .backbones import NO_BACKBONE, backbone_of
from .networks import FileNetwork, Network, RunNetwork
from .options import READ_AS, AnalysisOptions


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
        What a reader calls it: of a file or folder its own name, which is any text; else empty.
    """

    name: str
    about: str
    checksum: str
    networks: tuple[Network, ...]
    run: RunDirectory | None
    notes: tuple[str, ...]
    called: str = ""


def source_of(path: str | Path, options: AnalysisOptions, warn: Callable[[str], None]) -> Source:
    """Open a graph file, of which the backbone that is asked for is kept, a folder of such files, or a run directory.

    Raises
    ------
    CreditgraphError
        If it is none of these, or cannot be read; the message says what to do.
    """
    place = Path(path)
    if place.is_dir():
        named = {Path(each).resolve() for each in options.files_beside}
        files = sorted(
            (file for file in files_of(place) if file.resolve() not in named), key=lambda file: (file.stem, file.name)
        )
        if files:
            return _folder(place, files, options, warn)
        if not (place / "study.yaml").exists() and not runs_below(place):
            raise FileError(
                f"{path}: holds neither a run (study.yaml) nor graph files (such as .graphml, .csv, .npz, .safetensors)"
            )
        return _run(place)
    refuse_missing(path, SOURCE)
    graph, notes = _read(place, options)
    for note in notes:
        warn(f"{place}: {note}")
    name = _folder_name(place.stem)
    about = f"the file {place.name}: {counted(graph.n, 'neuron')}, {counted(graph.synapses, 'synapse')}"
    if options.backbone != NO_BACKBONE:
        graph = backbone_of(graph, options.backbone)
        about += f", of which {graph.synapses:,} are in the backbone {options.backbone}"
    told = tuple(f"{place}: {note}" for note in notes)
    return Source(name, about, _checksum(place, options), (FileNetwork(name, graph),), None, told, place.stem)


def files_of(place: Path) -> list[Path]:
    """The graph files of a folder that is none of a run; none where it is no folder."""
    return graph_files(place) if place.is_dir() and not (place / "study.yaml").exists() else []


def _folder(place: Path, files: list[Path], options: AnalysisOptions, warn: Callable[[str], None]) -> Source:
    """The networks of all graph files of a folder, which are of one kind."""
    networks: list[FileNetwork] = []
    concerned: dict[str, list[str]] = {}
    first: dict[str, Path] = {}
    for number, (file, name) in enumerate(zip(files, _names(files), strict=True)):
        try:
            graph, notes = _read(file, options)
        except (DataError, FileError) as error:
            untrained = _untrained(file, options)
            if untrained is not None and str(untrained) in str(error):
                raise
            raise type(error)(f"{error}; all graph files of {place} are read: move out what is none") from error
        other = first.setdefault(_fingerprint(graph), file)
        if other != file:
            # copies would count as independent networks
            raise DataError(
                f"{file}: has the same weights as {other.name}, and would count as another network; leave one out"
            )
        for note in notes:
            concerned.setdefault(note, []).append(file.name)
        if options.backbone != NO_BACKBONE:
            graph = backbone_of(graph, options.backbone)
        networks.append(FileNetwork(name, graph, place=number, files=len(files), called=file.stem))
    told = _of_the_folder(place, files, networks, options)
    for note in told:
        warn(f"{place}: {note}")
    for note, names in concerned.items():
        whose = [*names[:4], f"{len(names) - 4} more"] if len(names) > 5 else names
        told.append(f"{labels.listed(whose)}: {note}")
        warn(f"{place}: {told[-1]}")
    name = _folder_name(place.resolve().name)
    sizes = [each.graph.n for each in networks]
    size = counted(sizes[0], "neuron") if min(sizes) == max(sizes) else f"{min(sizes):,} to {max(sizes):,} neurons"
    about = f"the folder {place.resolve().name}: {counted(len(networks), 'network')} of {size}"
    if options.backbone != NO_BACKBONE:
        about += f", of which the backbone {options.backbone} is looked at"
    marks = "".join(f"{file.name}={_checksum(file, options)};" for file in files)
    return Source(
        name,
        about,
        hashlib.sha256(marks.encode()).hexdigest(),
        tuple(networks),
        None,
        tuple(told),
        place.resolve().name,
    )


def _of_the_folder(place: Path, files: list[Path], networks: list[FileNetwork], options: AnalysisOptions) -> list[str]:
    """What is odd about networks that are of one kind: other sizes, and files of the folder that are not read."""
    told = []
    shapes = {
        str(np.bincount(each.graph.layers)) if each.graph.layers is not None else each.graph.n for each in networks
    }
    if len(shapes) > 1:
        sizes = labels.listed([str(shape) for shape in sorted(shapes, key=str)][:4])
        told.append(f"the networks differ in size or layers ({sizes}), though they are one group")
    others = sorted(each.name for each in place.iterdir() if each not in files and not each.name.startswith("."))
    beside = {each.name for file in files for each in companions(file)}
    named = {Path(each).resolve() for each in options.files_beside}
    beside |= {each.name for each in place.iterdir() if each.resolve() in named}
    left = [name for name in others if name not in beside]
    if left:
        told.append(f"not read: {labels.listed(left[:4] + [f'{len(left) - 4} more'] * (len(left) > 4))}")
    return told


def _fingerprint(g: WeightGraph) -> str:
    """Of the synapses and weights of a network, whatever file it is in."""
    content = hashlib.sha256(str(g.n).encode())
    if g.names is not None:
        # in the order of the names, however the file has them
        names = np.asarray(g.names, dtype=object).astype(str)
        g = g.subgraph(np.argsort(names, kind="stable"))
        content.update("\0".join(map(str, g.names or ())).encode(errors="replace"))
    for array in (g.pre, g.post, g.weight):
        content.update(np.ascontiguousarray(array).data)
    return content.hexdigest()


def _names(files: list[Path]) -> list[str]:
    """A name for the network of each file, unlike the others and safe as a folder's."""
    names: list[str] = []
    for file in files:
        name, count = _folder_name(file.stem), 1
        while name in names:
            count += 1
            name = f"{_folder_name(file.stem)}-{count}"
        names.append(name)
    return names


def _read(file: Path, options: AnalysisOptions) -> tuple[WeightGraph, list[str]]:
    """The graph of a file, and what was merged, dropped or read by default."""
    asked = options.reading()
    untrained = _untrained(file, options)
    if untrained is not None:
        asked["initial"] = untrained
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", GraphFileWarning)
        with options_named(READ_AS):
            graph = read_graph(file, **asked)
    return graph, [str(each.message).removeprefix(f"{file}: ") for each in caught]


def _untrained(file: Path, options: AnalysisOptions) -> Path | None:
    """The file with the untrained weights of another: that which was named, or of its name in a folder.

    Where the folder has one that is called as the file's own folder, the one of its name in there.
    """
    if options.initial is None:
        return None
    named = Path(options.initial)
    if not named.is_dir():
        return named
    own = named / file.resolve().parent.name / file.name
    return own if own.is_file() else named / file.name


def _checksum(file: Path, options: AnalysisOptions) -> str:
    """Of a file's content, and of those that are read with it: tables of neurons, untrained weights."""
    untrained = _untrained(file, options)
    beside = [Path(options.neuron_table)] if options.neuron_table is not None else companions(file)
    if untrained is not None:
        beside += [untrained, *companions(untrained)]
    checksum = sha256(file)
    for other in beside:
        checksum = hashlib.sha256((checksum + sha256(other)).encode()).hexdigest()
    return checksum


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
