"""What cannot be asked of a source, told before anything is written."""

from __future__ import annotations

from ...guard import DataError, OptionError
from .networks import SIGNED_VIEWS, FileNetwork, Network
from .options import CHANGES, AnalysisOptions
from .shuffles import can_exchange_ends
from .sources import Source
from .views import view_of


def refuse_impossible(source: Source, options: AnalysisOptions) -> None:
    """Tell before anything is written what cannot be asked of a source.

    Raises
    ------
    DataError
        If a graph file has no synapse in a view that is asked for, or a null model takes networks or layers that there
        are not.
    OptionError
        If signs are to be shuffled in a view that has none.
    """
    # what holds of one network of a run holds of all
    for network in source.networks if source.run is None else source.networks[:1]:
        _refuse(source, network, options)


def _refuse(source: Source, network: Network, options: AnalysisOptions) -> None:
    name = source.name if len(source.networks) == 1 or source.run is not None else f"{source.name}/{network.name}"
    for objective in network.objectives(options):
        view = view_of(options, objective)
        known = isinstance(network, FileNetwork) and (view not in CHANGES or network.graph.initial is not None)
        if known and not network.load(options).view(view).synapses:
            if view in CHANGES:
                raise DataError(f"{name}: no weight has changed, the untrained weights are the same")
            kind = "" if view in ("absolute", "signed") else f"{view} "
            raise DataError(f"{name}: the graph has no {kind}synapse, so its communities are not defined")
        for null in network.nulls(options, objective):
            network.sources(null)
            if null == "shuffle_block" and network.load(options).layers is None:
                raise DataError(
                    f"{name}: the null model shuffle_block needs layers, and the graph has none; "
                    "shuffle_nonzero shuffles all weights"
                )
            if null == "initial" and view in CHANGES:
                raise OptionError("nulls", null, "another null model for changes, of which untrained weights have none")
            if null == "rewire" and not can_exchange_ends(network.load(options).view(view)):
                raise OptionError(
                    "nulls",
                    null,
                    "another null model, since no two synapses can exchange their ends",
                    "shuffle_nonzero shuffles their weights",
                )
            if null == "sign_shuffle" and view not in SIGNED_VIEWS:
                raise OptionError(
                    "nulls",
                    null,
                    f"another null model for {view} weights, which have no signs",
                    "or an objective of signed weights, --objectives=signed",
                )


def refuse_files_beside(options: AnalysisOptions, what: str) -> None:
    """Refuse files that are named beside what reads none.

    Raises
    ------
    OptionError
        If there are such.
    """
    for option in ("neuron_table", "initial"):
        given = getattr(options, option)
        if given is not None:
            raise OptionError(option, given, f"nothing for {what}, which has its own")
