"""What a reader must know of an analysis besides its numbers: what its options do not reach, and what cannot differ."""

from __future__ import annotations

from .minimum import CONSTANT, NO_FINDING, minimum_is_fixed
from .networks import Source
from .options import AnalysisOptions
from .tables import main_objective


def notes_of(source: Source, options: AnalysisOptions) -> list[str]:
    """Sentences on what the options asked for and what they could not, for the page and the terminal."""
    return [*_minimum(source, options), *_course(source, options)]


def _minimum(source: Source, options: AnalysisOptions) -> list[str]:
    network = source.networks[0]
    if not minimum_is_fixed(network.load(options), directed=options.directed):
        return []
    if "minimise" in network.directions(options):
        return [NO_FINDING]
    own = source.run.study.communities.directions if source.run is not None else ("minimise",)
    if options.directions != ("auto",) or "minimise" not in own:
        return []
    return [f"Minimal Q was not sought: {CONSTANT}. --directions=maximise,minimise looks for it all the same."]


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
            f"Networks are not compared at matched loss: that is done for plain modularity, and {objective} was asked."
        )
    return notes
