"""Options of an analysis that mean the same for all that is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ...guard import OptionError
from ...reports import labels
from ..analyses.networks import Network
from ..analyses.options import AnalysisOptions
from ..config import Study
from .sources import Compared

FALLBACK = "shuffle_nonzero"
PARTS = ("structure",)


def common_options(compared: Sequence[Compared], options: AnalysisOptions) -> AnalysisOptions:
    """The options with every ``auto`` made what all sources share, so that scores stand beside their like.

    Null models are those that every source has by itself, or else `shuffle_nonzero`, which can be drawn of any network
    whose weights differ. Objectives and directions likewise; modularity, and its maximum, are common to all. Samples
    are as many of each.

    Raises
    ------
    OptionError
        If two sources share no objective.
    """
    objectives = _shared([_of_all(each, lambda network: network.objectives(options)) for each in compared])
    if not objectives:
        raise OptionError("objectives", "auto", "an objective by name, since these networks share none by themselves")
    changed = replace(options, objectives=objectives)
    nulls = _shared([_of_all(each, lambda network: network.nulls(changed, objectives[0])) for each in compared])
    directions = _shared([_of_all(each, lambda network: network.directions(options)) for each in compared])
    samples = options.samples
    if samples is None:
        # a single network has to stand on its own samples; the others get as many
        samples = max(network.samples(options, "") for each in compared for network in each.source.networks[:1])
    first = [each.source.networks[0].settled(options).restarts or 0 for each in compared]
    restarts = max(first) if options.restarts is None else options.restarts
    return replace(changed, nulls=nulls or (FALLBACK,), directions=directions, samples=samples, restarts=restarts)


def beside_own_reports(compared: Sequence[Compared], options: AnalysisOptions) -> list[str]:
    """What a reader must know who has the report of a run beside the comparison: which settings are others there."""
    found: dict[str, list[str]] = {}
    for each in compared:
        if each.study is not None:
            others = "; ".join(_others(each.study, options))
            found.setdefault(others, []).append(each.label)
    return [
        f"{labels.listed(names)}: compared with {others}, so numbers may differ from those of "
        f"{'its own report' if len(names) == 1 else 'their own reports'}"
        for others, names in found.items()
        if others
    ]


def _others(study: Study, options: AnalysisOptions) -> Iterator[str]:
    """The settings of a comparison that a study has otherwise."""
    own = study.communities
    given = (
        ("null samples", options.samples, study.nulls.samples),
        ("null models", ", ".join(sorted(options.nulls)), ", ".join(sorted(study.nulls.models))),
        ("directions", ", ".join(sorted(options.directions)), ", ".join(sorted(own.directions))),
        ("restarts", options.restarts, own.restarts),
        ("directed", _yes(options.directed), _yes(own.directed)),
        ("resolution", f"{options.resolution:g}", f"{own.resolution:g}"),
        ("seed of searches", options.seed, 0),
        ("objective", ", ".join(options.objectives), "modularity"),
    )
    for name, here, there in given:
        if here != there:
            yield f"{name} {here} (there {there})"
    if options.weights not in own.weights:
        yield f"weights {options.weights} (there {', '.join(own.weights)})"


def _yes(given: bool) -> str:
    return "yes" if given else "no"


def _of_all(compared: Compared, ask: Callable[[Network], Sequence[str]]) -> tuple[str, ...]:
    return _shared([ask(network) for network in compared.source.networks])


def _shared(lists: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What is in all lists, in the order of the first."""
    return tuple(each for each in lists[0] if all(each in other for other in lists[1:]))
