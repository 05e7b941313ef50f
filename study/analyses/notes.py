"""What a reader must know of an analysis besides its numbers: what its options do not reach, and what cannot differ."""

from __future__ import annotations

import pandas as pd

from ...guard import spelt
from ...reports import labels
from ..too_few import too_few
from .backbones import NO_BACKBONE
from .networks import why_minimum_is_fixed
from .options import AnalysisOptions
from .sources import Source
from .tables import main_objective
from .views import sizes_of, view_of


def notes_of(source: Source, options: AnalysisOptions) -> list[str]:
    """Sentences on what the options asked for and what they could not, for the page and the terminal."""
    return [
        *backbone_notes(options, of_runs=source.run is not None),
        *_minimum(source, options),
        *_unreached(source, options),
        *_course(source, options),
    ]


def backbone_notes(options: AnalysisOptions, *, of_runs: bool) -> list[str]:
    """That the numbers are those of a part of each network, and of runs what is not."""
    if options.backbone == NO_BACKBONE:
        return []
    note = f"All of this is of the backbone {options.backbone} of each network, taken before null models are drawn."
    if of_runs:
        note += (
            " Null models of other weights (initial, shuffled_labels) have as many of their strongest synapses. "
            "What silencing a community costs, and what neurons fire for, is of the whole network."
        )
    return [note]


def _unreached(source: Source, options: AnalysisOptions) -> list[str]:
    """What does not follow the view, objective, direction or resolution that was asked for."""
    network, notes = source.networks[0], []
    objective = main_objective(network, options)
    view = view_of(options, objective)
    sizes, words = sizes_of(view), labels.weights(sizes_of(view))
    others = objective != "modularity" or options.directed or options.resolution != 1.0 or sizes != view
    if "structure" in options.parts and others:
        notes.append(
            f"The verdict on structure is always of plain undirected modularity at a resolution of 1, of {words}: "
            "--objectives, --directed and --resolution do not reach it."
        )
    if sizes != view:
        notes.append(f"Communities are of {labels.weights(view)}; their blocks and weights are of {words}.")
    if options.directed:
        notes.append("Roles of neurons take both directions of synapses together: --directed does not reach them.")
    if options.directed and "layered" in network.objectives(options):
        notes.append("The objective layered tells directions apart by itself: --directed does not reach it.")
    if "resolution" in options.parts and (objective != "modularity" or options.resolution != 1.0):
        unit = ", in units of the mean weight of a pair of neurons" if objective == "cpm" else ""
        notes.append(
            f"The profile over resolutions is of the {labels.objective(objective)} of {labels.weights(view)}, over a "
            f"range of its own{unit}: --resolution does not reach it."
        )
    return notes


def few_samples(source: Source, options: AnalysisOptions, *, sides: int) -> list[str]:
    """That nothing can be told with so few samples: of a run's seeds together, of a file by a test of so many sides."""
    samples = source.networks[0].settled(options).samples
    assert samples is not None
    together = len(source.networks) if source.run is None else len(source.run.study.sweep.seeds)
    seeds = None if source.run is None and together == 1 else together
    called = "seed" if source.run is not None else "network"
    few = too_few(samples, spelt("samples"), seeds=seeds, sides=sides if seeds is None else 2, called=called)
    return [few] if few else []


def fewer_samples(scores: pd.DataFrame) -> list[str]:
    """Which null models have fewer samples than the others."""
    counts = scores.groupby("null", sort=False)["samples"].max()
    return [
        f"{labels.capital(labels.null(str(null)))}: {labels.counted(int(count), 'sample')} of this null model, all "
        f"that the run has; of the others there are {counts.max()}."
        for null, count in counts.items()
        if count < counts.max()
    ]


def _minimum(source: Source, options: AnalysisOptions) -> list[str]:
    network = source.networks[0]
    if "modularity" not in network.objectives(options):
        # of the others it differs, and is sought if it is asked for
        return []
    why = why_minimum_is_fixed(network, options)
    if why is None:
        return []
    if "minimise" in network.directions(options):
        return [f"Minimal Q is no finding here: {why}."]
    own = source.run.study.communities.directions if source.run is not None else ("minimise",)
    if options.directions != ("auto",) or "minimise" not in own:
        return []
    return [f"Minimal Q was not sought: {why}. --directions=maximise,minimise looks for it all the same."]


def _course(source: Source, options: AnalysisOptions) -> list[str]:
    """What of the options the findings over training do not follow."""
    if source.run is None or "trajectory" not in options.parts:
        return []
    network, notes = source.networks[0], []
    objective = main_objective(network, options)
    if source.run.study.sweep.snapshots and (objective != "modularity" or options.directed):
        notes.append(
            "Multislice communities are those of plain undirected modularity of the sizes of weights, which is what "
            "they are defined for; single snapshots are searched as the trained networks are "
            f"(objective {objective}{', directed' if options.directed else ''})."
        )
    if source.run.study.sweep.matched_losses and "modularity" not in network.objectives(options):
        notes.append(
            f"Networks are not compared at matched loss: that is done for plain modularity, and "
            f"{labels.objective(objective)} was asked."
        )
    elif source.run.study.sweep.matched_losses and "shuffled_labels" in network.nulls(options, "modularity"):
        notes.append(
            "At matched loss, too, networks stand beside those trained on shuffled labels for all steps, not to the "
            "same loss: what differs there may be how long they were trained."
        )
    return notes
