from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...graphs import WeightGraph
from ...guard import DataError, finite_array, whole_number
from .. import labels
from .hover import mark_points
from .matrices import community_order
from .names import fitted
from .paging import thinned
from .style import COMMUNITY_COLOURS, INK, REST_COLOUR, WIDTH, community_colours, new_figure, styled

ACROSS = "#9C9C9C"
COLUMNS_NAMED = 8
STRONGEST = 600
"""Synapses drawn: more would be a smudge."""


def strongest_synapses(graph: WeightGraph, count: int = STRONGEST) -> npt.NDArray[np.intp]:
    """The synapses of largest :math:`|w|`, at most `count` of them, in the graph's order; the first of equals."""
    return np.sort(np.argsort(-np.abs(graph.weight), kind="stable")[:count])


@styled
def network_drawing(graph: WeightGraph, membership: npt.ArrayLike, *, strongest: int = STRONGEST) -> Figure:
    """The strongest synapses of a network as a drawing: layers in columns, communities in colour.

    Neurons of a layer stand above one another, ordered by community; without layers, all stand on a circle in that
    order. A line is a synapse, in its community's colour where both its neurons are of one, grey where it runs across;
    the darker, the larger its weight.

    Parameters
    ----------
    graph
        The network, whole: the figure counts its synapses, and picks those that it draws.
    membership
        Community of each neuron, shape (n,), whole numbers.
    strongest
        At most so many synapses are drawn, those of the largest |w|; the figure says how many of how many.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the membership does not name a community for each neuron, or there is no synapse.
    OptionError
        If `strongest` is no whole number of at least 1.
    """
    kept = whole_number("strongest", strongest, 1)
    members = finite_array("membership", membership, ndim=1).astype(np.int64)
    if len(members) != graph.n:
        raise DataError(
            f"membership: got {labels.counted(len(members), 'entry', 'entries')}, expected one for each of "
            f"{labels.counted(graph.n, 'neuron')}"
        )
    if not len(graph.weight):
        raise DataError("graph: it has no synapse, so there is nothing to draw")
    places, columns = _places(graph, members)
    size = np.abs(graph.weight)
    drawn = strongest_synapses(graph, kept)
    drawn = drawn[np.argsort(size[drawn], kind="stable")]
    colours = community_colours(range(int(members.max()) + 1))
    figure = new_figure(4.6, "How are communities wired?", width=WIDTH if columns else WIDTH * 0.75)
    axes = figure.subplots()
    pre, post = graph.pre[drawn], graph.post[drawn]
    shade = 0.08 + 0.72 * size[drawn] / size[drawn].max()
    faces = [
        to_rgba(colours[int(members[a])] if members[a] == members[b] else ACROSS, alpha)
        for a, b, alpha in zip(pre, post, shade, strict=True)
    ]
    segments = np.stack([places[pre], places[post]], axis=1)
    axes.add_collection(LineCollection(list(segments), colors=faces, linewidths=0.6, zorder=1))
    dot = float(np.clip(2500 / graph.n, 3, 22))
    x, y = places[:, 0], places[:, 1]
    axes.scatter(
        x, y, s=dot, c=[colours[int(label)] for label in members], linewidths=0.3, edgecolors="white", zorder=3
    )
    names = graph.names or [str(i) for i in range(graph.n)]
    mark_points(
        axes,
        x,
        y,
        [
            f"neuron {labels.short(name)}, community {label}" + (f", {graph.roles[i]}" if graph.roles else "")
            for i, (name, label) in enumerate(zip(names, members, strict=True))
        ],
    )
    axes.set_axis_off()
    if columns:
        # room below for the names of the columns
        axes.set_xlim(-0.4, len(columns) - 0.6)
        axes.set_ylim(-0.2, 1.02)
        for column, word in thinned(columns, COLUMNS_NAMED):
            axes.text(column, -0.02, word, ha="center", va="top", fontsize=7.5)
    else:
        axes.margins(0.04)
        axes.set_aspect("equal")
    order, _ = community_order(members)
    present = list(dict.fromkeys(int(members[i]) for i in order))
    named = sorted(label for label in present if label < len(COMMUNITY_COLOURS))
    handles = [Line2D([], [], ls="", marker="o", markersize=4, color=colours[each], label=str(each)) for each in named]
    if len(named) < len(present):
        handles.append(
            Line2D(
                [], [], ls="", marker="o", markersize=4, color=REST_COLOUR, label=f"{len(present) - len(named)} more"
            )
        )
    handles.append(Line2D([], [], color=ACROSS, label="across"))
    synapses = (
        f"the {len(drawn):,} strongest of {labels.counted(len(size), 'synapse')}"
        if len(drawn) < len(size)
        else "all synapses"
    )
    figure.legend(
        handles=handles, title=f"community; {synapses}", loc="outside lower center", ncols=min(len(handles), 7)
    ).get_title().set_color(INK)
    return figure


def _places(
    graph: WeightGraph, members: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], list[tuple[float, str]]]:
    """Where neurons stand, and the name of each column."""
    order, _ = community_order(members)
    places = np.zeros((graph.n, 2))
    if graph.layers is None:
        angle = 2 * np.pi * np.arange(graph.n) / graph.n
        places[order] = np.column_stack([np.sin(angle), np.cos(angle)])
        return places, []
    columns = []
    for x, layer in enumerate(np.unique(graph.layers)):
        own = order[graph.layers[order] == layer]
        places[own, 0] = x
        places[own, 1] = 1 - (np.arange(len(own)) + 0.5) / len(own)
        role = f"\n{fitted(graph.roles[own[0]], WIDTH / COLUMNS_NAMED - 0.1, 7.5)}" if graph.roles else ""
        columns.append((float(x), f"layer {layer}{role}\n{labels.counted(len(own), 'neuron')}"))
    return places, columns
